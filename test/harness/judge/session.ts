import { randomUUID } from 'node:crypto'
import type { ImageKit } from '../container/image-kit.ts'
import { ROOT } from '../labs.ts'
import { shakenPoint } from './shaken.ts'
import type {
  CopyOptions,
  LabDefinition,
  Launcher,
  MeetingPoint,
  PeerKit,
  Problem,
  Program,
  StartRequest,
  StopReport,
  Target,
  TraceEvent,
} from '../types/index.ts'

export interface SessionOptions {
  lab: LabDefinition
  target: Target
  launcher: Launcher
  peers: PeerKit
  /** Where programs start. Default: the workbook's folder. */
  root?: string
  /** True: never take a warm spare. */
  cold?: boolean
  /** Shakes what goes over the wire. */
  shake?: number
  /** Builds and runs the image of the judged file's folder; undefined where the lab has none, or no file is judged. */
  images?: ImageKit
}

/** What passed through the meeting point, for a trace. */
export type OnSignal = (event: Omit<TraceEvent, 'id' | 'at'>) => void

/** A copy that serves every check which asks for it with the same environment. */
interface SharedCopy {
  program: Program
  problem: Problem | null
}

/** The name that the learner's own program goes by in a peer lab. */
const MAIN_NAME = 'ada'

/** The learner's program and all that runs beside it for one stretch of a run: copies, a meeting point. */
export class Session {
  readonly name = MAIN_NAME
  readonly room = `studio-${randomUUID().slice(0, 8)}`
  readonly #options: SessionOptions
  readonly #copies = new Map<string, Promise<SharedCopy>>()
  readonly #running = new Set<Program>()
  readonly #stops: Promise<StopReport>[] = []
  readonly #signalListeners = new Set<OnSignal>()
  #main: Program | undefined
  #hasEnded = false
  #isClosed = false
  #meeting: MeetingPoint | undefined

  constructor(options: SessionOptions) {
    this.#options = options
  }

  /** True when the learner's own program has ended by itself. */
  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** True while nothing is wrong with any program that several checks share. */
  async isWhole(): Promise<boolean> {
    if (this.#hasEnded) return false
    const copies = await Promise.all(this.#copies.values())
    const shared = [this.program, ...copies.map(({ program }) => program)]
    const problems = await Promise.all(shared.map((program) => program.diagnose()))
    return problems.every((problem) => problem === null)
  }

  /** True in a peer lab, once it is open. */
  get hasMeeting(): boolean {
    return this.#meeting !== undefined
  }

  /** True for somebody else's running server, which nobody here may start, stop or kill. */
  get isRemote(): boolean {
    return this.#options.target.kind === 'url'
  }

  /** The seed by which what goes over the wire is shaken, when it is. */
  get shake(): number | undefined {
    return this.#options.shake
  }

  /** Of the run's image, in a lab that has one and for a file that is judged. */
  get images(): ImageKit | undefined {
    return this.#options.images
  }

  /** What this lab's programs are started with. */
  get env(): Readonly<Record<string, string>> {
    return this.#options.lab.env ?? {}
  }

  /** The learner's own program. @throws Error before `open()` */
  get program(): Program {
    if (this.#main === undefined) throw new Error('The session was not opened')
    return this.#main
  }

  /** @throws Error in a lab without peers */
  get meeting(): MeetingPoint {
    if (this.#meeting === undefined) throw new Error('Only peer labs have a meeting point')
    return this.#meeting
  }

  /** Tells what passes through the run's meeting point, until the returned function is called. */
  onSignal(listener: OnSignal): () => void {
    this.#signalListeners.add(listener)
    return () => this.#signalListeners.delete(listener)
  }

  /** Starts the program and waits until it is ready; resolves with what kept it from that. */
  async open(): Promise<Problem | null> {
    if (this.#options.lab.program === 'peer') this.#meeting ??= await this.#openMeeting()
    const main = await this.#start(this.request(MAIN_NAME))
    this.#main = main
    this.#hasEnded = false
    void main.ended.then(() => {
      if (this.#main === main) this.#hasEnded = true
    })
    return main.ready()
  }

  /** Lets go of the program and starts it afresh. The old one ends in the background. */
  async reopen(): Promise<Problem | null> {
    if (this.#main !== undefined) this.#end(this.#main)
    return this.open()
  }

  /** Starts another copy; `ready` already waited for. */
  async copy(options: CopyOptions): Promise<SharedCopy> {
    if (options.own === true) return this.#startCopy(options)
    const key = JSON.stringify([options.name, Object.entries(options.env ?? {}), options.everyAddress])
    let copy = this.#copies.get(key)
    if (copy === undefined) {
      copy = this.#startCopy(options)
      this.#copies.set(key, copy)
    }
    return copy
  }

  /** Ends one copy now, before the session ends. */
  end(program: Program): void {
    this.#end(program)
  }

  /** How this lab's program is started under a name. */
  request(name: string, env: Readonly<Record<string, string | undefined>> = {}, everyAddress = false): StartRequest {
    const { lab, target, root, cold } = this.#options
    return {
      target,
      cwd: root ?? ROOT,
      env: definedOf({ ...lab.env, ...this.#peerEnvironment(name), ...env }),
      preload: preloadOf(lab),
      warm: cold !== true,
      everyAddress,
    }
  }

  /** Ends all programs, also one that is about to start, then the meeting point. The first report is the learner's own program's. */
  async close(): Promise<StopReport[]> {
    this.#isClosed = true
    if (this.#main !== undefined) this.#end(this.#main)
    for (const program of this.#running) this.#end(program)
    const reports = await Promise.all(this.#stops)
    await this.#meeting?.close()
    return reports
  }

  async #openMeeting(): Promise<MeetingPoint> {
    const { peers, shake } = this.#options
    const point = await peers.meetingPoint({
      onTrace: (event) => {
        for (const listener of this.#signalListeners) listener(event)
      },
    })
    return shakenPoint(point, shake, 'the meeting point')
  }

  async #startCopy(options: CopyOptions): Promise<SharedCopy> {
    const program = await this.#start(this.request(options.name, options.env, options.everyAddress))
    return { program, problem: await program.ready() }
  }

  async #start(request: StartRequest): Promise<Program> {
    const program = await this.#options.launcher.start(request)
    this.#running.add(program)
    if (this.#isClosed) this.#end(program)
    return program
  }

  #end(program: Program): void {
    if (!this.#running.delete(program)) return
    this.#stops.push(program.stop())
  }

  #peerEnvironment(name: string): Record<string, string> {
    if (this.#options.lab.program !== 'peer') return {}
    return { SIGNAL_URL: this.meeting.url, ROOM: this.room, NAME: name, LINK_TO: '' }
  }
}

function definedOf(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}

/** The packages that a warm spare of this lab has imported. */
export function preloadOf(lab: LabDefinition): readonly string[] {
  return lab.preload ?? (lab.program === 'peer' ? ['express', 'simple-peer', 'wrtc'] : ['express'])
}
