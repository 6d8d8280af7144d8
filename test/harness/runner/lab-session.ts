import type { Work } from '../history/history.ts'
import { relativePath, type LabPaths } from '../labs.ts'
import type { DiffWith, LabDefinition, LabSummary, Replay, ServerMessage, Verdict } from '../types/index.ts'
import { verdictKey, type LabWork, type TellOfRun } from './lab-work.ts'
import { NewestWins } from './newest.ts'
import { LabWatch } from './watch.ts'
import type { WatchTimes } from './watch.ts'

/** A longer diff is nothing to read in a page. */
const MAX_DIFF = 200_000

/** One lab that some page has open: watched, judged on every change, told to its pages. */
export class LabSession {
  readonly #paths: LabPaths
  readonly #work: LabWork
  readonly #tell: (message: ServerMessage, client?: number) => void
  readonly #clients = new Set<number>()
  readonly #runs: NewestWins
  readonly #watch: LabWatch
  #run = Date.now()
  #soFar: ServerMessage[] = []
  #definition: LabDefinition | undefined
  #verdict: Verdict | null = null
  #keptKey: string | undefined
  #toldBegun: boolean | undefined
  #replay: AbortController | undefined

  constructor(
    paths: LabPaths,
    work: LabWork,
    tell: (message: ServerMessage, client?: number) => void,
    times?: WatchTimes,
  ) {
    this.#paths = paths
    this.#work = work
    this.#tell = tell
    this.#runs = new NewestWins((signal) => this.#judge(signal))
    this.#watch = new LabWatch(paths, () => { this.#runs.request() }, times)
    if (this.#watch.current.begun) this.#runs.request()
  }

  /** How many pages have it open. */
  get clients(): number {
    return this.#clients.size
  }

  /** Tells a page all there is to know now; later news follow. */
  async open(client: number): Promise<void> {
    this.#clients.add(client)
    await this.#tellLab(client)
    for (const message of this.#soFar) this.#tell(message, client)
  }

  leave(client: number): void {
    this.#clients.delete(client)
  }

  /** Judges again, the files being as they are. */
  run(): void {
    this.#runs.request()
  }

  /** Lets `change` write the learner's files (begin, reset, restore), with no run beside it; then judges. */
  async alter(change: () => void): Promise<void> {
    await this.#runs.cancel()
    try {
      change()
    } finally {
      this.#watch.accept()
      this.#verdict = null
      await this.#tellLab()
      this.#runs.request()
    }
  }

  /** Sends a failed check's messages again and tells that page what came. A save, or another replay, ends it. */
  async replay(check: string, client: number): Promise<void> {
    this.#replay?.abort(new Error('Another replay was asked for.'))
    const controller = new AbortController()
    this.#replay = controller
    const refuse = (error: unknown): Replay => ({ kind: 'refused', reason: messageOf(controller.signal.aborted ? controller.signal.reason : error) })
    const replay = await this.#replayed(check, controller.signal).catch(refuse)
    this.#tell({ type: 'replay', slug: this.#paths.slug, check, replay }, client)
  }

  /** Tells that page how the learner's files differ from others. The reference is a spoiler until the lab is done. */
  diff(against: DiffWith, isSpoilerWanted: boolean, client: number): void {
    const { slug } = this.#paths
    const told = { type: 'diff', slug, against } as const
    try {
      if (against === 'solution' && !isSpoilerWanted && this.#verdict?.passed !== true) {
        throw new Error('The reference is shown once the lab is done, or to whom asks to have it spoilt.')
      }
      const text = this.#work.diff(slug, against)
      if (text.length > MAX_DIFF) throw new Error('The two differ in too much to be shown here.')
      this.#tell({ ...told, text }, client)
    } catch (error) {
      this.#tell({ ...told, text: '', problem: messageOf(error) }, client)
    }
  }

  async close(): Promise<void> {
    this.#watch.close()
    this.#replay?.abort(new Error('The page was closed.'))
    await this.#runs.close()
    if (this.#definition !== undefined) this.#work.prepare(this.#definition, this.#paths, false)
  }

  async #replayed(check: string, signal: AbortSignal): Promise<Replay> {
    const verdict = this.#verdict
    const result = verdict?.checks.find(({ id, state }) => id === check && state === 'failed')
    if (verdict === null || result === undefined) return { kind: 'refused', reason: 'There is no failed run of this check to send again.' }
    if (this.#runs.busy) return { kind: 'refused', reason: 'The checks are running; try again when they are through.' }
    return this.#work.replay(await this.#load(), this.#paths, { result, seed: verdict.seed }, signal)
  }

  async #judge(signal: AbortSignal): Promise<void> {
    this.#replay?.abort(new Error('Your file was saved meanwhile, and the checks run anew.'))
    try {
      await this.#refresh()
      if (!this.#watch.current.begun) return
      const judged = this.#work.read(this.#paths.slug)
      const run = this.#begin()
      const { slug } = this.#paths
      const tell: TellOfRun = {
        check: (result) => { if (!signal.aborted) this.#tellSoFar({ type: 'check', slug, run, result }) },
        again: (ids) => { if (!signal.aborted) this.#tellSoFar({ type: 'again', slug, run, ids }) },
      }
      const verdict = await this.#work.judge(await this.#load(), this.#paths, tell, signal)
      if (!signal.aborted) this.#end(run, verdict, judged)
    } catch (error) {
      this.#soFar = []
      if (!signal.aborted) this.#tell({ type: 'error', slug: this.#paths.slug, message: messageOf(error) })
    }
  }

  #begin(): number {
    this.#run += 1
    this.#soFar = []
    this.#tellSoFar({ type: 'begin', slug: this.#paths.slug, run: this.#run })
    return this.#run
  }

  /** The verdict is told before it is kept: nobody waits for a disk. */
  #end(run: number, verdict: Verdict, judged: Work | null): void {
    const { slug } = this.#paths
    this.#soFar = []
    this.#verdict = verdict
    const tell = (): void => { this.#tell({ type: 'verdict', slug, run, verdict, versions: this.#work.versions(slug) }) }
    tell()
    const key = verdictKey(verdict)
    if (judged === null || key === this.#keptKey) return
    this.#work.keep(judged, verdict)
    this.#keptKey = key
    tell()
  }

  /** Tells the pages when the lab itself has changed: begun, taken away, other checks. */
  async #refresh(): Promise<void> {
    const before = this.#definition
    const wasBegun = this.#toldBegun
    const definition = await this.#load()
    const { begun } = this.#watch.current
    if (!begun) this.#verdict = null
    if (definition !== before || begun !== wasBegun) await this.#tellLab()
  }

  async #load(): Promise<LabDefinition> {
    const definition = await this.#work.load(this.#paths.slug)
    if (definition !== this.#definition) {
      this.#definition = definition
      this.#work.prepare(definition, this.#paths, true)
    }
    return definition
  }

  async #tellLab(client?: number): Promise<void> {
    const { slug } = this.#paths
    try {
      const lab = this.#summary(await this.#load())
      this.#toldBegun = lab.begun
      this.#tell({ type: 'lab', lab, versions: this.#work.versions(slug), verdict: this.#verdict }, client)
    } catch (error) {
      this.#tell({ type: 'error', slug, message: messageOf(error) }, client)
    }
  }

  #summary(lab: LabDefinition): LabSummary {
    const { slug, mine } = this.#paths
    const checks = lab.checks.map(({ id, title }) => ({ id, title }))
    const { begun } = this.#watch.current
    return { slug, title: lab.title, begun, file: relativePath(mine, this.#work.root), path: mine, checks }
  }

  #tellSoFar(message: ServerMessage): void {
    this.#soFar.push(message)
    this.#tell(message)
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
