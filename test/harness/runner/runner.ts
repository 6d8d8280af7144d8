import { findLabs, type LabPaths } from '../labs.ts'
import type { PageMessage, ServerMessage } from '../types/index.ts'
import { resetLab, restoreVersion, startLab } from '../history/history.ts'
import { LabSession } from './lab-session.ts'
import type { LabWork } from './lab-work.ts'
import { parsePageMessage, type FromRunner, type ToRunner } from './messages.ts'

/** A lab whose last page has gone is let go of after this long; a reload comes back sooner. */
const GRACE_MS = 20_000

/** Answers pages: one session for each lab that some page has open. */
export interface Runner {
  receive(message: ToRunner): Promise<void>
  close(): Promise<void>
}

/**
 * @param work how labs are read, judged and kept
 * @param send carries news to the pages
 */
export function createRunner(work: LabWork, send: (message: FromRunner) => void, graceMs = GRACE_MS): Runner {
  const sessions = new Map<string, LabSession>()
  const tell = (message: ServerMessage, client?: number): void => {
    send(client === undefined ? { message } : { client, message })
  }
  const sessionOf = (lab: LabPaths): LabSession => {
    const session = sessions.get(lab.slug) ?? new LabSession(lab, work, tell)
    sessions.set(lab.slug, session)
    return session
  }
  const letGo = (): void => {
    for (const [slug, session] of sessions) {
      if (session.clients > 0) continue
      sessions.delete(slug)
      void session.close()
    }
  }
  return {
    async receive(received): Promise<void> {
      if (received.type === 'gone') {
        for (const session of sessions.values()) session.leave(received.client)
        setTimeout(letGo, graceMs).unref()
        return
      }
      const labs = findLabs(work.root)
      const message = parsePageMessage(received.message, labs.map((lab) => lab.slug))
      const lab = labs.find(({ slug }) => slug === message?.slug)
      if (message === undefined || lab === undefined) return
      await act(message, sessionOf(lab), received.client, work.root)
    },
    async close(): Promise<void> {
      await Promise.all([...sessions.values()].map((session) => session.close()))
      sessions.clear()
    },
  }
}

async function act(message: PageMessage, session: LabSession, client: number, root: string): Promise<void> {
  const { slug } = message
  if (message.type === 'open') await session.open(client)
  else if (message.type === 'run') session.run()
  else if (message.type === 'start') await session.alter(() => { startLab(slug, root) })
  else if (message.type === 'replay') await session.replay(message.check, client)
  else if (message.type === 'diff') session.diff(message.against, message.isSpoilerWanted === true, client)
  else if (message.type === 'reset') await session.alter(() => { resetLab(slug, root) })
  else await session.alter(() => { restoreVersion(slug, message.version, root) })
}
