import { connect } from 'node:net'
import { check } from '../harness/lab.ts'
import { COPY_MS, endOf } from './copies.ts'

/** The lowest ports of the loopback network but one: on Linux and Windows all of 127.0.0.0/8 is this machine. */
const OTHER_LOOPBACK = '127.0.0.2'

/** True when a connection to that address stands. */
function reaches(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1_500 })
    const finish = (stands: boolean): void => {
      socket.destroy()
      resolve(stands)
    }
    socket.once('connect', () => {
      finish(true)
    })
    socket.once('error', () => {
      finish(false)
    })
    socket.once('timeout', () => {
      finish(false)
    })
  })
}

/** What comes from outside: the port, the address, the name. */
export function configuration(): void {
  check('port', 'Two copies of one station stand side by side, each on the PORT that it was given', {
    withinMs: COPY_MS,
    hints: [
      'A machine runs many containers, and who starts them gives out the ports. A program that needs something which only one can have stands alone.',
      'See “What comes from outside”, the paragraph on PORT.',
      'Look for what two copies would share: a port written as a number, a lock file, a socket with a fixed name.',
    ],
  }, async ({ copy, random, sleep, note }) => {
    const env = { STATION: random.word() }
    const first = await copy({ name: 'first', own: true, env })
    const second = await copy({ name: 'second', own: true, env })
    for (const { client } of [first, second]) (await client.get('/')).hasStatus(200)
    note('half a second later, both are still there')
    await sleep(500)
    for (const { client } of [first, second]) (await client.get('/')).hasStatus(200)
  })

  check('required-config', 'GET / names the STATION of the environment; without one the program says so on stderr and ends with an exit code that is not 0', {
    withinMs: COPY_MS,
    hints: [
      'A program that starts with half its configuration fails later, at night, for a listener. One that refuses to start fails now, before whoever started it.',
      'See “What comes from outside”: what is required, and what has a default.',
      'Missing and empty are the same mistake; any other name is said as it is. Before it listens, the program must write a sentence that names STATION to stderr, and end with a code above 0.',
    ],
  }, async (context) => {
    const { copy, random, expect } = context
    // A name of several words, with a letter that takes two bytes, with what means something in HTML and where text is replaced,
    // and with a blank at each end.
    const station = ` Radio Sjø <b> $& ${random.word()} `
    const named = await copy({ name: 'named', own: true, env: { STATION: station } })
    const reply = await named.client.get('/')
    reply.hasStatus(200).hasContentType('text/plain')
    const sentence = `${station} is on the air`
    expect('the body ends with “air”, without a line end', reply.text.trimEnd() !== sentence || reply.text === sentence, {
      expected: sentence, actual: reply.text,
    })
    reply.hasText(sentence)
    for (const [name, value] of [['without STATION', undefined], ['with an empty STATION', '']] as const) {
      const nameless = await copy({ name, own: true, mayEnd: true, env: { STATION: value } })
      const end = await endOf(nameless, 3_000, context)
      expect(`a copy ${name} ends by itself`, end !== undefined, { expected: 'an exit code that is not 0', actual: 'it runs' })
      expect(`its exit code, ${name}, is not 0`, typeof end?.code === 'number' && end.code !== 0, { expected: 'not 0', actual: end?.code })
      const said = nameless.program.output().stderr
      expect(`it says on stderr, ${name}, that STATION is missing`, said.includes('STATION'), { expected: 'a sentence with STATION in it', actual: said.slice(0, 500) })
    }
  })

  check('binds-beyond-localhost', 'The program listens on every address, unless HOST names one', {
    withinMs: COPY_MS,
    hints: [
      'In a container, 127.0.0.1 is the container itself. A server that listens there alone is up, healthy, and out of everybody’s reach.',
      'See “What comes from outside”, the paragraph on HOST.',
      'Give listen() the address from HOST, and the default that means every address. HOST=127.0.0.1 must still mean that one alone.',
    ],
  }, async (context) => {
    const { copy, random, expect, skip } = context
    if (process.platform === 'darwin') skip('On macOS 127.0.0.1 is the only address of the loopback network, so another one cannot be tried.')
    const wide = await copy({ name: 'wide', own: true, everyAddress: true, env: { STATION: random.word() } })
    expect(`without HOST, ${OTHER_LOOPBACK} reaches it as 127.0.0.1 does`, await reaches(OTHER_LOOPBACK, wide.program.port), {
      expected: 'a connection', actual: 'connection refused',
    })
    const narrow = await copy({ name: 'narrow', own: true, everyAddress: true, env: { STATION: random.word(), HOST: '127.0.0.1' } })
    expect(`with HOST=127.0.0.1, ${OTHER_LOOPBACK} does not reach it`, !(await reaches(OTHER_LOOPBACK, narrow.program.port)), {
      expected: 'connection refused', actual: 'a connection',
    })
  })
}
