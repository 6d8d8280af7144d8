/** `--shake`: what a network may do and a quiet machine never does. Right programs do not notice; lucky ones fall. */
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { Agent, createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { createClient } from '../harness/client/client.ts'
import { judge } from '../harness/judge/judge.ts'
import { loadLab } from '../harness/judge/load.ts'
import { findLab } from '../harness/labs.ts'
import { createRandom } from '../harness/random.ts'
import { cut } from '../harness/recorder/cut.ts'
import { startRecorder, type Recorder } from '../harness/recorder/recorder.ts'
import type { ShakeOptions } from '../harness/recorder/shaking.ts'
import { Story } from '../harness/story.ts'
import { Trace } from '../harness/trace.ts'
import type { LabDefinition, Verdict } from '../harness/types/index.ts'
import { useJudging } from './support/judging.ts'
import { headComment } from './support/programs.ts'

/** A lucky program must fall by one of so many seeds. */
const SEEDS = 16

const folder = fileURLToPath(new URL('fixtures/lucky/', import.meta.url))
const { launcher, peers } = useJudging()

describe('a shaken line', () => {
  const cleanUps: (() => Promise<unknown> | void)[] = []
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
  })

  test('cuts bytes in the start line, in the end of the head and within letters, and loses none', () => {
    const bytes = Buffer.from('POST /shows HTTP/1.1\r\nHost: a\r\n\r\n{"title": "Ñandú, 港"}')
    const places = new Set<number>()
    for (let seed = 1; seed <= 200; seed += 1) {
      const pieces = cut(bytes, createRandom(seed))
      expect(Buffer.concat(pieces)).toEqual(bytes)
      expect(pieces.every((piece) => piece.length > 0)).toBe(true)
      expect(cut(bytes, createRandom(seed))).toEqual(pieces)
      let end = 0
      for (const piece of pieces) places.add(end += piece.length)
    }
    const headEnd = bytes.indexOf('\r\n\r\n')
    const letter = bytes.indexOf('港')
    expect([1, 3, headEnd + 1, headEnd + 3, letter + 1, letter + 2].filter((place) => !places.has(place))).toEqual([])
    expect(cut(Buffer.from('x'), createRandom(1))).toHaveLength(1)
  })

  test('passes every byte on, in order, both ways', async () => {
    const random = createRandom(5)
    const sent = Buffer.from(random.bytes(700_000))
    const { recorder } = await shaken({ seed: 5 })
    const reply = await fetch(`${recorder.origin}/echo`, { method: 'POST', body: sent })
    expect(Buffer.from(await reply.arrayBuffer()).equals(sent)).toBe(true)
  })

  test('closes kept connections, and a client that asks again gets every answer', async () => {
    const { recorder, trace, asked } = await shaken({ seed: 3, closesIdle: true })
    const client = createClient({ origin: recorder.origin, story: new Story(), trace })
    cleanUps.push(() => client.close())
    for (let number = 0; number < 30; number += 1) {
      const reply = await client.post('/echo', { body: String(number) })
      reply.hasStatus(200).hasText(String(number))
    }
    const broken = trace.events().filter(({ summary }) => summary === 'the line broke between two requests')
    expect(broken.length).toBeGreaterThan(0)
    expect(asked(), 'no request reaches the program twice').toBe(30)
  })

  test('cuts an event stream only once its reader can say what it has seen', async () => {
    const texts: string[] = []
    for (let seed = 1; seed <= 12; seed += 1) {
      const { recorder } = await shaken({ seed, streamCuts: 1 })
      texts.push(await streamedText(`${recorder.origin}/events`))
    }
    for (const text of texts) expect(text).toMatch(/^id: 1\nevent: one\ndata: \{\}\n\n/)
    expect(texts.some((text) => !text.includes('id: 5')), 'some were cut').toBe(true)
  })

  async function shaken(shake: ShakeOptions): Promise<{ recorder: Recorder; trace: Trace; asked: () => number }> {
    let asked = 0
    const server = createServer((request, response) => {
      if (request.url === '/events') {
        response.writeHead(200, { 'Content-Type': 'text/event-stream' })
        for (const number of [1, 2, 3, 4, 5]) setTimeout(() => response.write(`id: ${String(number)}\nevent: one\ndata: {}\n\n`), number * 5)
        setTimeout(() => response.end(), 60)
      } else {
        asked += 1
        request.pipe(response)
      }
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    cleanUps.push(() => server.closeAllConnections(), () => void server.close())
    const trace = new Trace()
    const recorder = await startRecorder({ origin: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`, trace, shake })
    cleanUps.push(() => recorder.close())
    return { recorder, trace, asked: () => asked }
  }
})

describe.concurrent('shaken,', () => {
  test.each(readdirSync(folder))('%s is refused by the check it names, and the reference is not', async (name) => {
    const file = `${folder}${name}`
    const { solution, slug } = findLab(name.split('.')[0] ?? '')
    const check = headComment(file, 'Shaken, refused by')[0] ?? ''
    const lab = await loadLab(slug)
    const narrow: LabDefinition = { ...lab, concurrent: false, checks: lab.checks.filter(({ id }) => id === check) }
    const judged = (program: string, shake?: number): Promise<Verdict> =>
      judge({ lab: narrow, target: { kind: 'file', file: program }, launcher, peers, cold: true, ...(shake !== undefined && { shake }) })
    expect(failedIn(await judged(file)), 'by luck it passes').toEqual([])
    let seed = 0
    let refused: string[] = []
    while (refused.length === 0 && seed < SEEDS) {
      seed += 1
      refused = failedIn(await judged(file, seed))
      expect(failedIn(await judged(solution, seed)), `the reference, shaken by ${String(seed)}`).toEqual([])
    }
    expect(refused).toEqual([check])
  })
})

function failedIn(verdict: Verdict): string[] {
  if (verdict.problem !== null) return [verdict.problem.code]
  return verdict.checks.filter(({ state }) => state !== 'passed').map(({ id }) => id)
}

/** What comes until the stream ends, or breaks. */
function streamedText(url: string): Promise<string> {
  const agent = new Agent()
  onTestFinished(() => agent.destroy())
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => { text += part }).on('error', () => resolve(text)).on('end', () => resolve(text))
    }).on('error', reject)
  })
}
