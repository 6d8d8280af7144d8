import type { Client } from '../types/index.ts'
import { rawRequest } from './raw-request.ts'

/**
 * Waits until the program has read what was sent so far on other connections: by the answer on one that was opened later. A kept
 * connection would not do, for its request overtakes those that still have to connect.
 * @param path of a GET that the program answers at once
 * @throws CheckFailure when no answer comes
 */
export async function hasArrived(client: Client, path: string): Promise<void> {
  const connection = await client.connect()
  await connection.send(rawRequest('GET', path, { Connection: 'close' }))
  await connection.reply()
}
