import { BuildProblem } from './build-problem.ts'
import type { Owner } from './tree.ts'

/** The users of the base image, with the groups of the same names and numbers. */
export const USERS: Readonly<Record<string, number>> = { root: 0, node: 1000, nobody: 65_534 }

/**
 * `node`, `1000`, `node:node`, `1000:1000` as numbers. A number needs no name, as in an engine.
 * @throws BuildProblem for a name that the base image does not know
 */
export function ownerOf(text: string, place?: { line: number; text: string }): Owner {
  const [user = '', group] = text.split(':')
  const uid = numberOf(user, 'user', place)
  return { uid, gid: group === undefined ? groupOf(uid) : numberOf(group, 'group', place) }
}

/** A number without a name has the group 0, as in an engine. */
function groupOf(uid: number): number {
  return Object.values(USERS).includes(uid) ? uid : 0
}

function numberOf(name: string, kind: string, place?: { line: number; text: string }): number {
  if (/^\d+$/.test(name)) return Number(name)
  const number = USERS[name]
  if (number !== undefined) return number
  throw new BuildProblem(`the base image has no ${kind} "${name}". It has ${Object.keys(USERS).join(', ')}.`, place)
}
