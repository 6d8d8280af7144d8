import type { Problem } from '../../types/index.ts'
import { listensOn } from '../evidence.ts'
import type { ListenErrorReport, ListeningReport } from '../evidence.ts'
import { portHolder } from '../system.ts'
import type { Case } from './case.ts'
import { ownPlace } from './stack.ts'

const READ_PORT = 'Read the port from the environment: process.env.PORT.'

/** A port or an address that the program asked for and did not get. */
export async function diagnoseListenError(error: ListenErrorReport, found: Case): Promise<Problem | undefined> {
  const place = ownPlace(error.stack, found.root)
  const evidence = `listen ${error.code}: ${error.address ?? ''}:${error.port ?? ''}`
  if (error.code === 'EADDRINUSE') return { ...(await portTaken(error.port ?? 0, found)), ...place, evidence }
  if (error.code === 'EACCES') {
    const title = `Your program may not listen on port ${error.port}.`
    return { code: 'wrong-port', title, hint: `Ports below 1024 belong to the system. ${READ_PORT}`, ...place, evidence }
  }
  if (error.code !== 'EADDRNOTAVAIL' && error.code !== 'ENOTFOUND') return undefined
  const title = `Your program listens on an address that this machine does not have: ${error.address ?? 'unknown'}.`
  const hint = 'Leave the host out of listen(), or use 127.0.0.1.'
  return { code: 'wrong-address', title, hint, ...place, evidence }
}

/** A port that somebody else holds, or the program itself. */
export async function portTaken(port: number, found: Case): Promise<Problem> {
  const isOwn = found.evidence.listening.some((each) => each.port === port)
  if (isOwn) {
    const title = `Your program listens on port ${port} twice.`
    return { code: 'port-taken', title, hint: 'A port can be opened once. Look for a second call of listen().' }
  }
  const holder = await portHolder(port)
  const who = holder === undefined ? 'another program' : `process ${holder.pid} (${holder.name})`
  return {
    code: 'port-taken',
    title: `Your program wants port ${port}, which ${who} is using.`,
    hint: port === found.port ? 'Try again; end that program if it stays.' : `The number is fixed in your program. ${READ_PORT}`,
  }
}

/** A program that listens, but not where it is expected; undefined when it listens nowhere. */
export function diagnoseMisplaced(found: Case): Problem | undefined {
  const { listening } = found.evidence
  if (listensOn(found.evidence, found.port)) return undefined
  const onPort = listening.find((each) => each.port === found.port)
  const elsewhere = listening.find((each) => each.port !== found.port)
  if (onPort !== undefined) return wrongAddress(onPort, found)
  return elsewhere === undefined ? undefined : wrongPort(elsewhere, found)
}

function wrongAddress(at: ListeningReport, found: Case): Problem {
  return {
    code: 'wrong-address',
    title: `Your program listens on PORT, but only on the address ${at.address}, and not on 127.0.0.1.`,
    hint: 'The host given to listen() decides who can reach the server. Leave it out, or use 127.0.0.1.',
    ...ownPlace(at.stack, found.root),
    evidence: `listens on ${at.address} port ${at.port}`,
  }
}

function wrongPort(at: ListeningReport, found: Case): Problem {
  const where = at.path === undefined ? `port ${at.port}` : `a local socket named "${at.path}"`
  return {
    code: 'wrong-port',
    title: `Your program listens on ${where}, and not on PORT.`,
    hint: `Whoever starts a server says where it listens. ${READ_PORT} In this run it is ${found.port}.`,
    ...ownPlace(at.stack, found.root),
    evidence: `PORT is ${found.port}; the program listens on ${where}`,
  }
}
