import { fork, type ChildProcess } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { CheckFailure, PeerBroken } from '../failure.ts'
import type { Call, FromHost, Happening, Outcome, ToHost } from './messages.ts'

const HOST = fileURLToPath(new URL('./host.ts', import.meta.url))
const END_WITHIN_MS = 2_000

type Value = Extract<Outcome, { event: 'done' }>['value']

interface Waiting {
  resolve: (value: Value) => void
  reject: (error: Error) => void
}

/** A host process, seen from the judge. */
export class HostProcess {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, Waiting>()
  readonly #listeners = new Set<(happening: Happening) => void>()
  readonly #ready: Promise<void>
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>
  #lastCall = 0
  #ending = false
  #errors = ''

  constructor() {
    const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
    const env = { ...process.env }
    // What the parent was started with (a test runner's hooks, an inspector) is not for this process.
    delete env.NODE_OPTIONS
    this.#child = fork(HOST, [], {
      env, execArgv: ['--import', tsx], serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors = (this.#errors + text).slice(-4_096)
    })
    this.#child.on('error', () => {})
    this.ended = new Promise((resolve) => this.#child.once('exit', () => resolve()))
    this.#ready = new Promise((resolve, reject) => {
      this.onHappening(({ event }) => event === 'ready' && resolve())
      void this.ended.then(() => reject(this.#death()))
    })
    this.#ready.catch(() => {})
    this.#child.on('message', (message: FromHost) => this.#take(message))
    void this.ended.then(() => this.#fail())
    // A kit that waits must not keep its process alive.
    this.#child.unref()
    this.#child.channel?.unref()
  }

  get alive(): boolean {
    return !this.#ending && this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** True when it was told to end. */
  get wasEnded(): boolean {
    return this.#ending
  }

  /** Resolves once it has started, or has ended instead: the next call tells which. */
  async started(): Promise<void> {
    this.#hold()
    await this.#ready.catch(() => undefined)
    if (this.#waiting.size === 0) this.#release()
  }

  onHappening(listener: (happening: Happening) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /**
   * Has something done.
   * @throws CheckFailure when the program under check is at fault, PeerBroken when the host is.
   */
  async call(call: Call): Promise<Value> {
    await this.#ready
    if (!this.alive) throw this.#death()
    const number = ++this.#lastCall
    this.#hold()
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject })
      const message: ToHost = { ...call, call: number }
      this.#child.send(message, (error) => error && this.#waiting.get(number)?.reject(new PeerBroken(error.message)))
    })
  }

  /** SIGKILL, as a crash or a pulled plug would. */
  async kill(): Promise<void> {
    this.#ending = true
    await this.giveUp()
  }

  /** Ends a host that no longer gets round to anything: a crash, to those who ask. */
  async giveUp(): Promise<void> {
    this.#child.ref()
    this.#child.kill('SIGKILL')
    await this.ended
  }

  /** Lets the host close its links and end; SIGKILL when it does not. */
  async end(): Promise<void> {
    this.#ending = true
    this.#child.ref()
    if (this.#child.connected) this.#child.disconnect()
    const late = setTimeout(() => this.#child.kill('SIGKILL'), END_WITHIN_MS)
    await this.ended
    clearTimeout(late)
  }

  #take(message: FromHost): void {
    if (!('call' in message)) {
      for (const listener of this.#listeners) listener(message)
      return
    }
    const waiting = this.#waiting.get(message.call)
    this.#waiting.delete(message.call)
    this.#release()
    if (message.event === 'done') waiting?.resolve(message.value)
    else if (message.event === 'failed') waiting?.reject(new CheckFailure(message.message, message))
    else waiting?.reject(new PeerBroken(`A test peer broke: ${message.message}`))
  }

  /** While a call is under way, its answer keeps the process alive. */
  #hold(): void {
    this.#child.ref()
    this.#child.channel?.ref()
  }

  #release(): void {
    if (this.#waiting.size > 0) return
    this.#child.unref()
    this.#child.channel?.unref()
  }

  #fail(): void {
    const death = this.#death()
    for (const { reject } of this.#waiting.values()) reject(death)
    this.#waiting.clear()
  }

  #death(): PeerBroken {
    const { exitCode, signalCode } = this.#child
    return new PeerBroken(`The process that plays test peers has ended (${signalCode ?? exitCode}). ${this.#errors}`.trim())
  }
}
