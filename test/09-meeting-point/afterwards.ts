import { check } from '../harness/lab.ts'
import { newRoom } from './members.ts'

/** What the meeting point is needed for once two have met: nothing. */
export function afterwards(): void {
  check('then-gets-out-of-the-way', 'Once two peers are linked, the meeting point can die and they talk on', {
    hints: [
      'Signalling is what comes before the connection. What the peers say to each other afterwards goes from one to the other and through no server.',
      'See “And then it is not needed”. If no channel opens at all, look at `introduces` first.',
      'The meeting point carries signals and nothing else: it must not be one end of the connection itself.',
    ],
    playsPeers: true,
    withinMs: 8_000,
  }, async ({ copy, expect, peer }) => {
    const doomed = await copy({ name: 'doomed', own: true })
    const where = { signalUrl: doomed.client.origin, room: newRoom() }
    const ada = await peer({ ...where, name: 'ada' })
    const ben = await peer({ ...where, name: 'ben' })
    const links = [await ben.link('ada', { withinMs: 4_000 }), await ada.link('ben')]
    doomed.program.kill('SIGKILL')
    await doomed.program.ended
    for (const link of links) {
      const answer = await link.ask('/about')
      expect(`${link.peer.name} still answers, and there is no server any more`, answer.status === 200, { expected: 200, actual: answer.status })
    }
  })
}
