import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { findLabs, type LabPaths } from '../harness/labs.ts'
import { LabSession } from '../harness/runner/lab-session.ts'
import type { LabWork } from '../harness/runner/lab-work.ts'
import { parsePageMessage } from '../harness/runner/messages.ts'
import { NewestWins } from '../harness/runner/newest.ts'
import type { WatchTimes } from '../harness/runner/watch.ts'
import type { LabDefinition, ServerMessage, Verdict } from '../harness/types/index.ts'

const SLUG = '00-quiet'
/** Longer than any look at a file: what has not come by then does not come. */
const SETTLED_MS = 400

let root: string
let lab: LabPaths
let session: LabSession
let told: ServerMessage[]
let judged: { content: string; cancelled: boolean }[]
let running: number

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'runner '))
  mkdirSync(join(root, 'labs', SLUG), { recursive: true })
  mkdirSync(join(root, 'test'))
  writeFileSync(join(root, 'labs', SLUG, 'starter.ts'), 'starter')
  writeFileSync(join(root, 'test', `${SLUG}.test.ts`), 'checks')
  lab = findLabs(root)[0] as LabPaths
  told = []
  judged = []
  running = 0
})

afterEach(async () => {
  await session.close()
  rmSync(root, { recursive: true, force: true })
})

describe('a save', () => {
  test('is judged when the content has changed, and not when only the file\'s times have', async () => {
    await begin('one')
    writeFileSync(lab.mine, 'one')
    await sleep(SETTLED_MS)
    expect(contents()).toEqual(['one'])
    writeFileSync(lab.mine, 'two')
    await settlesOn('two')
    expect(contents()).toEqual(['one', 'two'])
  })

  test('is the last of twenty, 20 ms apart: that one gets the verdict, and no two runs overlap', async () => {
    await begin('save 0')
    for (let number = 1; number <= 20; number += 1) {
      writeFileSync(lab.mine, `save ${String(number)}`)
      await sleep(20)
    }
    await settlesOn('save 20')
    expect(judged.filter((run) => run.cancelled).length).toBeGreaterThan(0)
    expect(verdictsTold().at(-1)).toBe('save 20')
  })

  test('may go through a second file that takes the name, as vim does', async () => {
    await begin('one')
    for (const content of ['two', 'three']) {
      renameSync(lab.mine, `${lab.mine}~`)
      writeFileSync(lab.mine, content)
      rmSync(`${lab.mine}~`)
      await settlesOn(content)
      writeFileSync(`${lab.mine}.new`, `${content} again`)
      renameSync(`${lab.mine}.new`, lab.mine)
      await settlesOn(`${content} again`)
    }
    expect(told.filter((message) => message.type === 'lab' && !message.lab.begun)).toEqual([])
  })

  test('may truncate first and write 8 ms later: the empty file is not judged', async () => {
    await begin('one')
    for (const content of ['two', 'three', 'four']) {
      truncateSync(lab.mine)
      await sleep(8)
      writeFileSync(lab.mine, content)
      await settlesOn(content)
    }
    expect(contents()).not.toContain('')
  })

  test('may be an empty file in earnest', async () => {
    await begin('one')
    truncateSync(lab.mine)
    await settlesOn('')
  })
})

test('a deleted file is told, and judged again when it comes back with the same content', async () => {
  await begin('one')
  rmSync(lab.mine)
  await vi.waitFor(() => { expect(told.at(-1)).toMatchObject({ type: 'lab', lab: { begun: false } }) }, 3_000)
  writeFileSync(lab.mine, 'one')
  await vi.waitFor(() => { expect(contents()).toEqual(['one', 'one']) }, 3_000)
  await vi.waitFor(() => { expect(told.some((message) => message.type === 'lab' && message.lab.begun)).toBe(true) })
})

test('a lab folder made anew under the old name is watched like the first', async () => {
  // Without the poll, which would find any change: events alone must do.
  await begin('one', { pollMs: 60_000 })
  rmSync(lab.folder, { recursive: true })
  mkdirSync(lab.folder)
  writeFileSync(lab.mine, 'two')
  await settlesOn('two')
  writeFileSync(lab.mine, 'three')
  await settlesOn('three')
})

test('a save is found by the poll alone, on a file system that tells nothing', async () => {
  await begin('one', { hasEvents: false, pollMs: 50 })
  const path = lab.mine
  rmSync(path)
  await vi.waitFor(() => { expect(told.at(-1)).toMatchObject({ type: 'lab', lab: { begun: false } }) }, 3_000)
  writeFileSync(path, 'two')
  await settlesOn('two')
})

test('a change of the checks judges again', async () => {
  await begin('one')
  writeFileSync(lab.checks, 'other checks')
  await vi.waitFor(() => { expect(contents()).toEqual(['one', 'one']) }, 3_000)
})

test('a page that opens in the middle of a run hears what the run has told so far', async () => {
  writeFileSync(lab.mine, 'slow')
  session = newSession()
  await session.open(1)
  await vi.waitFor(() => { expect(told.some((message) => message.type === 'check')).toBe(true) })
  told.length = 0
  await session.open(2)
  expect(told.map((message) => message.type)).toEqual(['lab', 'begin', 'check'])
})

test('work that changes the files itself has no run beside it', async () => {
  await begin('one')
  session.run()
  await session.alter(() => {
    expect(running).toBe(0)
    writeFileSync(lab.mine, readFileSync(lab.starter))
  })
  await settlesOn('starter')
})

test('a newer request cancels the older run and waits until that has stopped', async () => {
  await begin('one')
  const events: string[] = []
  const runs = new NewestWins(async (signal) => {
    const number = events.length
    events.push(`begin ${String(number)}`)
    await sleep(40)
    events.push(signal.aborted ? 'cancelled' : 'done')
  })
  runs.request()
  runs.request()
  runs.request()
  await vi.waitFor(() => { expect(runs.busy).toBe(false) })
  expect(events).toEqual(['begin 0', 'cancelled', 'begin 2', 'done'])
})

test('a page names a lab by its slug, and nothing else is understood', async () => {
  await begin('one')
  const slugs = ['00-warm-up']
  expect(parsePageMessage({ type: 'start', slug: '00-warm-up', file: '/etc/passwd' }, slugs)).toEqual({ type: 'start', slug: '00-warm-up' })
  const diff = { type: 'diff', slug: '00-warm-up', against: 'solution' }
  expect(parsePageMessage({ ...diff, isSpoilerWanted: 'yes' }, slugs)).toEqual({ ...diff, isSpoilerWanted: false })
  const bad = [null, 'run', {}, { type: 'run' }, { type: 'run', slug: '../00-warm-up' }, { type: 'run', slug: '00-warm-up/wrong' },
    { type: 'exec', slug: '00-warm-up' }, { type: 'restore', slug: '00-warm-up' }, { type: 'restore', slug: '00-warm-up', version: '1; ls' },
    { type: 'restore', slug: '00-warm-up', version: -1 }, { type: ['run'], slug: '00-warm-up' }, { type: 'toString', slug: '00-warm-up' },
    { type: 'replay', slug: '00-warm-up' }, { type: 'replay', slug: '00-warm-up', check: '../x' }, { type: 'replay', slug: '00-warm-up', check: ['a'] },
    { type: 'diff', slug: '00-warm-up' }, { type: 'diff', slug: '00-warm-up', against: 'starter' }, { type: 'diff', slug: '00-warm-up', against: 0 }]
  for (const message of bad) expect(parsePageMessage(message, slugs)).toBeUndefined()
})

/** Writes the learner's file, opens the lab and waits for its first verdict. */
async function begin(content: string, times?: WatchTimes): Promise<void> {
  writeFileSync(lab.mine, content)
  session = newSession(times)
  await session.open(1)
  await settlesOn(content)
  told.length = 0
}

async function settlesOn(content: string): Promise<void> {
  await vi.waitFor(() => { expect(verdictsTold().at(-1)).toBe(content) }, { timeout: 3_000, interval: 10 })
}

function contents(): string[] {
  return judged.map((run) => run.content)
}

function verdictsTold(): string[] {
  return told.flatMap((message) => (message.type === 'verdict' ? [message.verdict.target] : []))
}

function newSession(times?: WatchTimes): LabSession {
  return new LabSession(lab, work(), (message) => { told.push(message) }, times)
}

/** A judge that reads the file and takes 40 ms, cancelled or not. */
function work(): LabWork {
  const definition: LabDefinition = { slug: SLUG, title: 'Quiet', program: 'server', checks: [] }
  return {
    root,
    load: () => Promise.resolve(definition),
    judge: async (_lab, paths, tell, signal) => {
      const run = { content: readFileSync(paths.mine, 'utf8'), cancelled: false }
      judged.push(run)
      running += 1
      expect(running).toBe(1)
      tell.check({ id: 'a', title: 'A', state: 'passed', ms: 1, steps: [], trace: [] })
      await sleep(run.content === 'slow' ? 500 : 40)
      running -= 1
      run.cancelled = signal.aborted
      signal.throwIfAborted()
      return verdictOn(run.content)
    },
    replay: () => Promise.resolve({ kind: 'refused', reason: 'not here' }),
    diff: () => '',
    prepare: () => undefined,
    versions: () => [],
    read: () => null,
    keep: () => undefined,
  }
}

function verdictOn(content: string): Verdict {
  return { lab: SLUG, target: content, passed: true, problem: null, checks: [], ms: 40, remarks: [], seed: 1 }
}
