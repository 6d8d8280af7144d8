import express from 'express'
import fc from 'fast-check'
import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { answerOf, requestOf } from '../../docs/00-warm-up/answer.ts'
import { cameAt, figure, shownPart, type Parameters } from '../../docs/00-warm-up/model.ts'
import { combinationsOf, figureProblems } from '../../docs/.vitepress/theme/figure/prove.ts'
import { rejectedBy } from './support/programs.ts'

const REST: Parameters = { request: 'GET /', says: 'off', type: 'text/plain', part: '' }
const settings = combinationsOf(figure).filter(({ part }) => part === '')
const run = (parameters: Partial<Parameters>): ReturnType<typeof figure.simulate> => figure.simulate({ ...REST, ...parameters }, 1)

describe('the first request and its answer', () => {
  test('the model keeps its promises', () => {
    expect(figureProblems(figure)).toEqual([])
  })

  test.each(settings)('the bytes are those of the wire: $request, $says, $type', async (parameters) => {
    const heard = await askExpress(parameters)
    expect(heard.replace(/^Date: .*$/m, 'Date: *')).toBe(answerOf(parameters).replace(/^Date: .*$/m, 'Date: *'))
    expect(heard.length).toBe(run(parameters).answerBytes)
  })

  test('no byte is lost and none belongs to two parts', () => {
    for (const parameters of settings) {
      const { request, answer, endsAt } = run(parameters)
      expect(request.map(({ text }) => text).join('')).toBe(requestOf(parameters))
      expect(answer.map(({ text }) => text).join('')).toBe(answerOf(parameters))
      const all = [...request, ...answer]
      expect(all.every((part, index) => part.at === (index === 0 ? 0 : cameAt(all[index - 1] ?? part)))).toBe(true)
      expect(all.at(-1)).toSatisfy((part: typeof all[number]) => part.id === 'answer-body' && cameAt(part) === endsAt)
    }
  })

  test('every part has something to tell, and can be picked', () => {
    const known = figure.controls.flatMap((control) => (control.name === 'part' && control.kind === 'select' ? control.options.map(({ value }) => value) : []))
    for (const { request, answer } of settings.map(run)) {
      expect([...request, ...answer].filter(({ tells, id }) => tells === '' || !known.includes(id))).toEqual([])
    }
  })

  test('what is shown has begun to come', () => {
    fc.assert(fc.property(fc.constantFrom(...combinationsOf(figure)), fc.double({ min: 0, max: 1, noNaN: true }), (parameters, share) => {
      const one = figure.simulate(parameters, 1)
      const t = one.endsAt * share
      const shown = shownPart(one, parameters.part, t)
      expect(shown === undefined ? 0 : shown.at).toBeLessThanOrEqual(t)
      expect(shown === undefined).toBe(t === 0)
    }))
  })

  test('the numbers that the page states', () => {
    expect(run({}).requestBytes).toBe(40)
    expect(run({}).answerBytes).toBe(257)
    expect(run({ says: 'on' }).answerBytes).toBe(256)
    expect(run({ says: 'on', type: 'text/html' }).answerBytes).toBe(255)
    expect(run({ says: 'on' }).answer.at(-1)).toMatchObject({ name: 'body', before: 229 })
    expect(run({}).answer.at(-1)?.text).toHaveLength(28)
  })

  test('the prediction: the refusal is longer than the announcement, and needs no file', () => {
    const refused = run({ request: 'GET /mine.ts' })
    expect(refused.answerBytes).toBe(418)
    expect(refused.answer.at(-1)?.text).toHaveLength(146)
    expect(refused.answer[0]?.text).toBe('HTTP/1.1 404 Not Found\r\n')
  })

  test('the checks say in the figure what they say of the wrong programs', () => {
    const refusedBy = (parameters: Partial<Parameters>): string[] =>
      run(parameters).readings.filter(({ tone }) => tone === 'bad').map(({ who }) => who.replace('Check ', ''))
    expect(refusedBy({})).toEqual(rejectedBy('labs/00-warm-up/wrong/off-air.ts'))
    expect(refusedBy({ says: 'on', type: 'text/html' })).toEqual(rejectedBy('labs/00-warm-up/wrong/html-content-type.ts'))
    expect(refusedBy({ says: 'on' })).toEqual([])
  })
})

/** The lab's program with another word or type, asked over a socket. */
async function askExpress(parameters: Parameters): Promise<string> {
  const app = express()
  app.get('/', (_request, response) => { response.type(parameters.type).send(`Harbour Radio is ${parameters.says} the air`) })
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.write(requestOf(parameters))
  let heard = ''
  while (!isWhole(heard)) heard += String((await once(socket, 'data') as Buffer[])[0])
  socket.destroy()
  server.close()
  return heard
}

function isWhole(heard: string): boolean {
  const [head = '', body] = heard.split('\r\n\r\n')
  return body !== undefined && body.length >= Number(/^Content-Length: (\d+)$/m.exec(head)?.[1])
}
