import { describe, expect, test } from 'vitest'
import { firstDifference } from '../../docs/.vitepress/theme/diagram/first-difference.ts'
import type { TraceEvent, TraceKind } from '../harness/types/index.ts'

type Line = [from: string, to: string, kind: TraceKind, summary: string]

const POST: Line = ['client', 'server', 'request', 'POST /shows, 44 bytes of application/json']
const CREATED: Line = ['server', 'client', 'response', '201 Created, 88 bytes of application/json']
const GET: Line = ['client', 'server', 'request', 'GET /shows/6e6e65d8-1e57-4b32-aeda-0d5bd2490756']
const FOUND: Line = ['server', 'client', 'response', '200 OK, 88 bytes of application/json']
const REFERENCE = [POST, CREATED, GET, FOUND]

describe('the first message that differs from the reference\'s run', () => {
  test('is none when numbers, ids and random words alone differ', () => {
    const own: Line[] = [
      ['client', 'server', 'request', 'POST /shows, 51 bytes of application/json'],
      ['server', 'client', 'response', '201 Created, 61 bytes of application/json'],
      ['client', 'server', 'request', 'GET /shows/17'],
      ['server', 'client', 'response', '200 OK, 61 bytes of application/json'],
    ]
    expect(difference(own, REFERENCE)).toBeUndefined()
  })

  test('is an answer of another status, not the one after which the check failed', () => {
    const own: Line[] = [POST, ['server', 'client', 'response', '200 OK, 88 bytes of application/json'], GET, FOUND]
    expect(difference(own, REFERENCE)).toBe(1)
  })

  test('is an answer of another media type', () => {
    expect(difference([POST, CREATED, GET, ['server', 'client', 'response', '200 OK, 88 bytes of text/html']], REFERENCE)).toBe(3)
  })

  test('is a message that the reference never sent', () => {
    expect(difference([...REFERENCE, ['server', 'client', 'event', 'joined {"id":"1"}']], REFERENCE)).toBe(4)
    expect(difference([POST, ['server', 'client', 'close', 'reset the connection']], REFERENCE)).toBe(1)
    expect(difference([...REFERENCE, GET, FOUND], REFERENCE)).toBeUndefined()
  })

  test('is an answer that was lost where the reference\'s arrived', () => {
    const own = [POST, CREATED].map(toEvent)
    expect(firstDifference([own[0]!, { ...own[1]!, lost: true }], REFERENCE.map(toEvent))).toBe(1)
  })

  test('is none where the own run stopped short, or the reference\'s recording was cut', () => {
    expect(difference([POST], REFERENCE)).toBeUndefined()
    const long = Array.from({ length: 60 }, () => GET)
    expect(difference([...REFERENCE, ['server', 'client', 'event', 'left {"id":"1"}']], long)).toBeUndefined()
    expect(difference([GET, FOUND], long)).toBeUndefined()
  })

  test('does not count how often a check asked, nor how directions overtake each other', () => {
    expect(difference([POST, GET, CREATED, FOUND, GET, FOUND, GET, FOUND], REFERENCE)).toBeUndefined()
  })

  test('knows peers by their part, and leaves signs of life out', () => {
    const asked: Line = ['client', 'ada', 'request', 'GET /peers']
    const reference: Line[] = [
      asked,
      ['ada', 'ben-oilfksaya', 'signal', 'offer'],
      ['ada', 'ben-oilfksaya', 'frame', 'request 1 /library/stormy'],
      ['ada', 'ben-oilfksaya', 'frame', 'response 1 200, 120 bytes, done'],
    ]
    const own: Line[] = [
      asked,
      ['ben-seagulls', 'ada', 'frame', 'ping'],
      ['ada', 'ben-seagulls', 'signal', 'offer'],
      ['ada', 'ben-seagulls', 'signal', 'candidate'],
      ['ada', 'ben-seagulls', 'frame', 'request x7 /library/drones'],
      ['ada', 'ben-seagulls', 'frame', 'response x7 200, 15423 bytes'],
    ]
    expect(difference(own, reference)).toBeUndefined()
    expect(difference([...own, ['ada', 'ben-seagulls', 'frame', 'response x7 404, 20 bytes, done']], reference)).toBe(6)
  })

  test('is nothing that the check or its peers sent', () => {
    const own: Line[] = [['client', 'server', 'request', 'GET /other'], ['client', 'server', 'close', 'closed the connection']]
    expect(difference([...REFERENCE, ...own], REFERENCE)).toBeUndefined()
    expect(difference([...REFERENCE, ['ben', 'ada', 'frame', 'request 1 /about']], REFERENCE)).toBeUndefined()
  })
})

/** The index of the first difference. */
function difference(own: readonly Line[], reference: readonly Line[]): number | undefined {
  return firstDifference(own.map(toEvent), reference.map(toEvent))
}

function toEvent([from, to, kind, summary]: Line, id: number): TraceEvent {
  return { id, from, to, at: id, kind, summary, detail: {} }
}
