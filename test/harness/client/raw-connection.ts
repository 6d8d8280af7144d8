import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { CheckFailure } from '../failure.ts'
import { countBytes, quoteBytes } from '../recorder/readable-bytes.ts'
import { MessageReader } from '../recorder/message-reader.ts'
import { keepReading } from '../recorder/keep-reading.ts'
import type { Story } from '../story.ts'
import type { RawConnection, Reply } from '../types/index.ts'
import { duration } from './bound.ts'
import type { Bounds } from './bound.ts'
import { ExchangeError } from './exchange.ts'
import type { Explain } from './explainer.ts'
import { observed } from './observed.ts'
import { AnswerReader } from './answer-reader.ts'
import { createReply } from './reply.ts'

export interface RawConnectionOptions {
  address: { host: string; port: number }
  /** What is sent, for people: `the raw request`. */
  label: string
  bounds: Bounds
  story: Story
  explain: Explain
  /** Where the socket is noted until it has closed. */
  sockets: Set<Socket>
  /** Is told of all bytes sent so far. */
  onSent(sent: Uint8Array): void
}

/** Opens a bare TCP connection. @throws CheckFailure when it is refused */
export async function openRawConnection(options: RawConnectionOptions): Promise<RawConnection> {
  const socket = connect({ ...options.address, allowHalfOpen: true, noDelay: true })
  options.sockets.add(socket)
  socket.once('close', () => options.sockets.delete(socket))
  const connection = new StoriedConnection(keepReading(socket), options)
  await connected(socket, options.bounds).catch(options.explain)
  return connection
}

/** A socket that writes the story. */
class StoriedConnection implements RawConnection {
  readonly #socket: Socket
  readonly #options: RawConnectionOptions
  readonly #answers: AnswerReader
  readonly #sent: Uint8Array[] = []
  /** How many requests were sent, as far as they are HTTP. */
  #asked = 0
  readonly #requests = new MessageReader('REQUEST', {
    onHead: () => {
      this.#asked++
      return 'body'
    },
    onBody: () => {},
    onEnd: () => {},
    onRaw: () => {},
  })

  constructor(socket: Socket, options: RawConnectionOptions) {
    this.#socket = socket
    this.#options = options
    this.#answers = new AnswerReader(socket, () => this.#asked)
  }

  async send(data: string | Uint8Array): Promise<void> {
    await write(this.#socket, this.#note(data, ''))
  }

  async sendSlowly(data: string | Uint8Array, gapMs = 1): Promise<void> {
    const bytes = this.#note(data, ' one by one')
    for (let at = 0; at < bytes.length && this.#socket.writable; at++) {
      await write(this.#socket, bytes.subarray(at, at + 1))
      await delay(gapMs)
    }
  }

  reply(options: { withinMs?: number; forMethod?: string } = {}): Promise<Reply> {
    return observed(this.#reply(options))
  }

  closed(options: { withinMs?: number } = {}): Promise<void> {
    return observed(this.#closed(options))
  }

  async #reply({ withinMs, forMethod }: { withinMs?: number; forMethod?: string }): Promise<Reply> {
    const { bounds, explain, label, story } = this.#options
    const answer = await this.#answers.next(bounds, withinMs, forMethod).catch(explain)
    return createReply(answer, label, story)
  }

  end(): void {
    this.#options.story.step('say that nothing more will be sent')
    this.#socket.end()
  }

  reset(): void {
    this.#options.story.step('reset the connection')
    this.#socket.resetAndDestroy()
  }

  async #closed({ withinMs }: { withinMs?: number }): Promise<void> {
    const { bounds, story } = this.#options
    const { isClosed, ms } = await this.#answers.closed(bounds, withinMs)
    if (isClosed) return story.step('the program closes the connection')
    story.failedStep('the program closes the connection')
    const message = `The program did not close the connection within ${duration(ms)}.`
    throw new CheckFailure(message, { expected: 'a closed connection', actual: 'still open' })
  }

  /** Adds the step, and what was sent to what is shown as a command. */
  #note(data: string | Uint8Array, how: string): Buffer {
    const bytes = Buffer.from(data)
    this.#options.story.step(`send ${countBytes(bytes.length)}${how}: ${quoteBytes(bytes, 100)}`)
    this.#sent.push(bytes)
    this.#requests.feed(bytes)
    this.#options.onSent(Buffer.concat(this.#sent))
    return bytes
  }
}

function connected(socket: Socket, bounds: Bounds): Promise<void> {
  return new Promise((resolve, reject) => {
    const bound = bounds.start(undefined, () => {
      socket.destroy()
      reject(new ExchangeError({ kind: 'unreachable', code: 'no connection in time' }))
    })
    socket.once('connect', () => {
      bound.stop()
      resolve()
    })
    socket.once('error', (error: NodeJS.ErrnoException) => {
      bound.stop()
      const code = error.code ?? error.message
      reject(new ExchangeError(code === 'ECONNREFUSED' ? { kind: 'refused' } : { kind: 'unreachable', code }))
    })
  })
}

/** Resolves also when the other side has gone: the next answer, or its lack, tells. */
function write(socket: Socket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    if (!socket.writable) return resolve()
    socket.once('close', resolve)
    socket.write(bytes, () => {
      socket.off('close', resolve)
      resolve()
    })
  })
}
