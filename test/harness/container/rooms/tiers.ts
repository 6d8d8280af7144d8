import type { TierName } from '../../types/index.ts'
import type { BaseRoot } from '../base.ts'
import { bwrapRoom } from './bwrap.ts'
import { cleanDir } from './clean-dir.ts'
import type { Room } from './room.ts'
import { unshareRoom } from './unshare.ts'

/** Forces a tier, for tests and for whoever wants to see what a lower one sees. */
export const TIER_VARIABLE = 'WORKBOOK_TIER'

/**
 * The best way to run an image on this machine.
 * @param base undefined where there is no base image: then the lowest tier it is
 * @throws Error with code `ERR_NO_TIER` when the forced one does not work here
 */
export function bestRoom(base: BaseRoot | undefined, forced = process.env[TIER_VARIABLE]): Room {
  const rooms: Record<TierName, () => Room | undefined> = {
    bwrap: () => base && bwrapRoom(base),
    unshare: () => base && unshareRoom(base),
    'clean-dir': () => cleanDir,
  }
  if (forced === undefined || forced === '') return rooms.bwrap() ?? rooms.unshare() ?? cleanDir
  const room = forced in rooms ? rooms[forced as TierName]() : undefined
  if (room !== undefined) return room
  throw Object.assign(new Error(`${TIER_VARIABLE}=${forced} does not work on this machine. There are: ${Object.keys(rooms).join(', ')}.`), { code: 'ERR_NO_TIER' })
}
