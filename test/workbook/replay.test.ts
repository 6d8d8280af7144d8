import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { judge } from '../harness/judge/judge.ts'
import { loadLab } from '../harness/judge/load.ts'
import { createLauncher } from '../harness/launcher/launcher.ts'
import { findLab } from '../harness/labs.ts'
import { createPeerKit } from '../harness/peers/kit.ts'
import { answerDifference } from '../harness/runner/replay/compare.ts'
import { planReplay } from '../harness/runner/replay/plan.ts'
import { Renaming } from '../harness/runner/replay/renaming.ts'
import { replay } from '../harness/runner/replay/replay.ts'
import type { CheckResult, Launcher, PeerKit, Replay, TraceEvent, TraceKind } from '../harness/types/index.ts'

const LAB = findLab('01')

describe('what can be sent again', () => {
  const ask = message('client', 'server', 'request', 'GET /shows', { head: 'GET /shows HTTP/1.1\n' })
  const answer = message('server', 'client', 'response', '200 OK', { head: 'HTTP/1.1 200 OK\n' })

  test('is one whole request after the other, each with its answer', () => {
    expect(planReplay([ask, answer, ask, answer], 'server')).toEqual({
      kind: 'exchanges', exchanges: [{ request: ask, answer }, { request: ask, answer }],
    })
    expect(planReplay([ask], 'server')).toEqual({ kind: 'exchanges', exchanges: [{ request: ask }] })
  })

  test.each<[string, TraceEvent[]]>([
    ['nothing at all', []],
    ['frames of a data channel', [ask, answer, message('ada', 'ben', 'frame', 'ping')]],
    ['signals', [ask, answer, message('ada', 'meeting point', 'signal', 'offer')]],
    ['an event stream', [ask, answer, message('server', 'client', 'event', 'now-playing')]],
    ['two requests at once', [ask, ask, answer, answer]],
    ['bytes that are no request', [message('client', 'server', 'raw', '3 bytes')]],
    ['a client that hangs up', [ask, message('client', 'server', 'close', 'closed the connection')]],
    ['another copy of the program', [{ ...ask, to: 'ben' }]],
    ['half a body', [message('client', 'server', 'request', 'POST /', { head: 'POST / HTTP/1.1\nContent-Length: 9\n', body: 'half', bodyBytes: 4 })]],
    ['a body that was cut', [message('client', 'server', 'request', 'POST /', { head: 'POST / HTTP/1.1\nContent-Length: 9000\n', body: 'x', bodyBytes: 9_000 })]],
    ['a body whose bytes are no text', [message('client', 'server', 'request', 'POST /', { head: 'POST / HTTP/1.1\nContent-Length: 1\n', body: '\\xff', bodyBytes: 1 })]],
    ['too much to look at', Array.from({ length: 41 }, () => [ask, answer]).flat()],
  ])('is not %s', (_what, trace) => {
    const plan = planReplay(trace, 'server')
    expect(plan.kind === 'rerun' && plan.reason).toMatch(/\w+ \w+/)
  })
})

describe('two answers', () => {
  const one = 'HTTP/1.1 200 OK\nContent-Type: text/plain\nDate: Mon\n\nHarbour Radio is on the air'

  test('are alike but for dates, and differ at the first character that is not', () => {
    expect(answerDifference(one, one.replace('Mon', 'Tue'), new Renaming())).toBeUndefined()
    const other = one.replace('on the', 'off the')
    expect(answerDifference(one, other, new Renaming())).toEqual({ recordedAt: one.indexOf('n the'), nowAt: other.indexOf('ff the'), where: 'the body' })
    expect(answerDifference(one, one.replace('text/plain', 'text/html'), new Renaming())).toMatchObject({ where: 'the header Content-Type' })
    expect(answerDifference(one, one.replace('200', '201'), new Renaming())).toMatchObject({ where: 'the status line', nowAt: 11 })
    expect(answerDifference(one, `${one} now`, new Renaming())).toMatchObject({ recordedAt: one.length, nowAt: one.length })
  })

  test('may call one thing by two ids, which later requests then follow', () => {
    const [before, now] = ['7', '1'].map((id) => message('server', 'client', 'response', '201', {
      head: `HTTP/1.1 201 Created\nLocation: /shows/${id}\n`, body: `{"id":"${id}","title":"Dawn","minutes":7}`,
    }))
    const renaming = new Renaming()
    renaming.learn(before!, now!)
    expect(renaming.inTarget('/shows/7?full=7')).toBe('/shows/1?full=7')
    expect(answerDifference(before!.detail.body!, now!.detail.body!, renaming)).toBeUndefined()
    expect(answerDifference(before!.detail.body!, now!.detail.body!.replace('Dawn', 'Dusk'), renaming)).toMatchObject({ where: 'the status line' })
  })
})

describe('a replay', () => {
  let launcher: Launcher
  let peers: PeerKit
  beforeAll(() => {
    launcher = createLauncher()
    peers = createPeerKit()
  })
  afterAll(async () => {
    await Promise.allSettled([launcher.close(), peers.close()])
  })

  test('of a failed conversation finds the same answers in the same program, though the ids are others', async () => {
    const failed = await failedCheck('200-for-created.ts')
    const played = await replayed(failed, '200-for-created.ts')
    expect(played).toMatchObject({ kind: 'exchanges' })
    if (played.kind !== 'exchanges') return
    expect(played.exchanges.length).toBeGreaterThan(0)
    expect(played.exchanges.filter(({ difference }) => difference !== undefined)).toEqual([])
    expect(played.trace.filter(({ kind }) => kind === 'request')).toHaveLength(played.exchanges.length)
  })

  test('on the repaired program shows where the answer has changed', async () => {
    const failed = await failedCheck('200-for-created.ts')
    const played = await replayed(failed, '../solution.ts')
    if (played.kind !== 'exchanges') throw new Error(played.kind)
    const different = played.exchanges.find(({ difference }) => difference !== undefined)
    expect(different).toMatchObject({ difference: { where: 'the status line' } })
    expect(different?.now).toContain('201 Created')
    expect(different?.recorded).toContain('200 OK')
  })

  test('of what is not whole requests runs the check again', async () => {
    const verdict = await judged('one-packet-one-request.ts')
    const failed = verdict.find(({ state }) => state === 'failed')!
    const played = await replayed(failed, 'one-packet-one-request.ts')
    expect(played).toMatchObject({ kind: 'rerun', result: { id: failed.id, state: 'failed' } })
  })

  test('of a program that does not start says why', async () => {
    const failed = await failedCheck('200-for-created.ts')
    expect(await replayed(failed, 'no-such-program.ts')).toMatchObject({ kind: 'problem' })
  })

  test('is cancelled by a save', async () => {
    const failed = await failedCheck('200-for-created.ts')
    const controller = new AbortController()
    const playing = replayed(failed, '200-for-created.ts', controller.signal)
    controller.abort(new Error('saved'))
    await expect(playing).rejects.toThrow('saved')
  })

  async function judged(wrong: string): Promise<CheckResult[]> {
    const { checks } = await judge({ lab: await loadLab('01'), target: targetOf(wrong), launcher, peers, seed: 7 })
    return checks
  }

  async function failedCheck(wrong: string): Promise<CheckResult> {
    const file = readFileSync(join(LAB.folder, 'wrong', wrong), 'utf8')
    const id = /^\/\/ Rejected by: ([a-z0-9-]+)/.exec(file)?.[1]
    return (await judged(wrong)).find((result) => result.id === id)!
  }

  async function replayed(result: CheckResult, program: string, signal = new AbortController().signal): Promise<Replay> {
    return replay({ lab: await loadLab('01'), target: targetOf(program), launcher, peers, result, seed: 7, signal })
  }
})

function targetOf(program: string): { kind: 'file'; file: string } {
  return { kind: 'file', file: join(LAB.folder, 'wrong', program) }
}

function message(from: string, to: string, kind: TraceKind, summary: string, detail: TraceEvent['detail'] = {}): TraceEvent {
  return { id: 1, at: 0, from, to, kind, summary, detail: { connection: 1, ...detail } }
}
