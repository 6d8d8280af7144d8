import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { figure as bytes } from '../../docs/01-request-response/bytes-model.ts'
import { clientView, figure, showsAt, type Run } from '../../docs/01-request-response/model.ts'
import { combinationsOf, figureProblems, shareOfSeeds } from '../../docs/.vitepress/theme/figure/prove.ts'

const methods = fc.constantFrom('POST', 'DELETE', 'GET')
const shows = (run: Run): number => showsAt(run, run.endsAt)

describe('which arrow was cut', () => {
  test('the model keeps its promises', () => {
    expect(figureProblems(figure)).toEqual([])
  })

  test('the prediction: the client sees the same, whichever of the two is cut', () => {
    const lost = { retries: false, method: 'POST', cut: 'request-1' }
    const silence = clientView(figure.simulate(lost, 1))
    expect(silence).toEqual([{ at: 0, text: 'sends POST /shows' }, { at: 5_000, text: 'times out' }])
    expect(shareOfSeeds(figure, lost, (run) => shows(run) === 0)).toBe(1)
    expect(shareOfSeeds(figure, { ...lost, cut: 'reply-1' }, (run) => shows(run) === 1 && JSON.stringify(clientView(run)) === JSON.stringify(silence))).toBe(1)
  })

  test('a time-out of an idempotent method and its retry never differ from sending it once', () => {
    fc.assert(fc.property(methods, fc.subarray(['request-1', 'reply-1', 'request-2', 'reply-2']), fc.boolean(), (method, cut, retries) => {
      const run = figure.simulate({ method, cut: cut.join('+'), retries }, 1)
      const [before = 0, once] = run.guide.map((change) => change.shows)
      if (method === 'POST') expect(shows(run)).toBe(run.carriedOut)
      else expect(shows(run)).toBe(run.carriedOut === 0 ? before : once)
    }))
  })

  test('swapping the cut between a request and its last answer changes nothing for the client', () => {
    fc.assert(fc.property(methods, fc.boolean(), (method, retries) => {
      const last = retries ? '2' : '1'
      const before = retries ? 'request-1+' : ''
      const view = (cut: string): ReturnType<typeof clientView> => clientView(figure.simulate({ method, retries, cut: `${before}${cut}-${last}` }, 1))
      expect(view('request')).toEqual(view('reply'))
    }))
  })

  test('a client that hears an answer has no reason to try again', () => {
    for (const parameters of combinationsOf(figure)) {
      const run = figure.simulate(parameters, 1)
      expect(run.heard.length).toBeLessThanOrEqual(1)
      expect(run.marks?.filter(({ text }) => text === 'times out').length).toBe(run.trace.filter(({ from }) => from === 'client').length - run.heard.length)
    }
  })

  test('a second DELETE is answered like one of something gone', () => {
    const run = figure.simulate({ method: 'DELETE', retries: true, cut: 'reply-1' }, 1)
    expect(run.heard.map(({ answer }) => answer)).toEqual(['404 Not Found'])
    expect(shows(run)).toBe(0)
  })
})

describe('characters and bytes', () => {
  test('the model keeps its promises', () => {
    expect(figureProblems(bytes)).toEqual([])
  })

  test('the chapter’s numbers: 8 characters, 12 bytes, 4 too few', () => {
    const { characters, totalBytes, announcedBytes, readText } = bytes.simulate({ text: 'nandu', counts: 'units' }, 1)
    expect([characters.length, totalBytes, announcedBytes, readText]).toEqual([8, 12, 8, 'Ñandú,'])
    expect(characters.flatMap((one) => one.bytes).join('')).toBe(Buffer.from('Ñandú, 港').toString('hex'))
  })

  test('what is read is what was announced, and all of it when bytes were counted', () => {
    for (const parameters of combinationsOf(bytes)) {
      const { characters, totalBytes, announcedBytes } = bytes.simulate(parameters, 1)
      expect(characters.reduce((sum, { read }) => sum + read, 0)).toBe(announcedBytes)
      if (parameters.counts === 'bytes') expect(announcedBytes).toBe(totalBytes)
    }
  })
})
