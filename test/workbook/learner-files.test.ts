/** Whatever happens between a learner and the disk: no version is lost, and no file is ever half of what it was to be. */
import { fork, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type * as realFs from 'node:fs'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { copyWorkbook } from '../browser/workbook-copy.ts'
import { listVersions, readWork, recordVersion, resetLab, restoreVersion, startLab } from '../harness/history/history.ts'
import { readVersion } from '../harness/history/versions.ts'
import type { Work } from '../harness/history/work.ts'
import { createRandom } from '../harness/random.ts'
import type { ToRunner } from '../harness/runner/messages.ts'
import type { Verdict } from '../harness/types/index.ts'
import { faults, type Fault } from './support/faulty-disk.ts'

vi.mock('node:fs', async (original) => {
  const { faultyDisk } = await import('./support/faulty-disk.ts')
  return faultyDisk(await original<typeof realFs>())
})

/** A work as a plain table: its files by path. */
type Files = Readonly<Record<string, string>>

interface Model {
  /** Undefined: the lab is not begun. */
  mine: Files | undefined
  /** What each version holds, by number. */
  versions: Map<number, Files>
}

interface Real {
  root: string
  lab: 'file' | 'folder'
}

type Act = (root: string, slug: string, model: Model) => void

type Step = fc.Command<Model, Real>

const LABS = {
  file: { slug: '01-one-file', starter: { 'mine.ts': 'the starter' } },
  folder: { slug: '02-a-folder', starter: { 'mine/server.ts': 'the starter', 'mine/lib/store.ts': 'the starter\'s store' } },
} as const satisfies Record<string, { slug: string; starter: Files }>

/** Without it a lab is not begun, whatever else is there, and a beginning completes it. */
const ENTRY = { file: 'mine.ts', folder: 'mine/server.ts' }

/** Long enough that half of it is told from the whole. */
const content = fc.nat(50).map((number) => `work ${String(number)} `.repeat(20))
const works = {
  file: content.map((text): Files => ({ 'mine.ts': text })),
  // `mine/lib` is a file in some works and a folder in others.
  folder: fc.record({
    'mine/server.ts': content,
    'mine/lib': content,
    'mine/lib/store.ts': content,
    'mine/Häfen & Rádio.ts': content,
  }, { requiredKeys: ['mine/server.ts'] }).map(({ 'mine/lib': lib, ...files }): Files => {
    return lib === undefined || files['mine/lib/store.ts'] !== undefined ? files : { ...files, 'mine/lib': lib }
  }),
}

const fault: fc.Arbitrary<Fault | undefined> = fc.option(fc.record({ kind: fc.constantFrom('full', 'denied', 'killed'), after: fc.nat(14) }), { nil: undefined })

describe('sequences of begin, save, judge, reset, restore and delete', () => {
  test.each(['file', 'folder'] as const)('on a sound disk do what they say, in a %s lab', (lab) => {
    runSequences(lab, fc.constant(undefined), 50)
  })

  test.each(['file', 'folder'] as const)('on a disk that is full, denies, or is cut off in the middle lose nothing, in a %s lab', (lab) => {
    runSequences(lab, fault, 150)
  })
})

test('a reset keeps what an editor saves while the copy is made', () => {
  inWorkbook('file', (real) => {
    startLab('01', real.root)
    write(real, { 'mine.ts': 'before' })
    faults.beforeFirstRename = (): void => { write(real, { 'mine.ts': 'saved meanwhile' }) }
    resetLab('01', real.root)
    expect([...keptIn(real).values()].map((files) => files['mine.ts'])).toEqual(['the starter', 'before', 'saved meanwhile'])
  })
})

test('what is no version hides no version, and leads nowhere', () => {
  inWorkbook('file', (real) => {
    startLab('01', real.root)
    const folder = join(real.root, '.workbook', 'history', LABS.file.slug)
    for (const [name, text] of Object.entries({ 2: 'null', 3: '7', 4: '{"number":4}', 5: '{"number":5,"digest":"","files":["../../../x"],"skipped":[],"lab":"01-one-file"}', 6: '{' })) {
      mkdirSync(join(folder, name))
      writeFileSync(join(folder, name, 'version.json'), text)
    }
    mkdirSync(join(folder, '7', 'version.json'), { recursive: true })
    writeFileSync(join(folder, '8'), 'a file')
    mkdirSync(join(folder, '9'))
    writeFileSync(join(folder, '9', 'version.json'), readFileSync(join(folder, '1', 'version.json')))
    expect(listVersions('01', real.root).map(({ number }) => number)).toEqual([1, 9])
    expect(() => restoreVersion('01', 9, real.root)).toThrow(/Version 9 is damaged, its mine\.ts cannot be read/)
    write(real, { 'mine.ts': 'work' })
    expect(resetLab('01', real.root).kept?.number).toBe(10)
  })
})

test.skipIf(process.platform === 'win32')('a disk that takes no more than a few bytes leaves the work as it is', () => {
  inWorkbook('file', (real) => {
    startLab('01', real.root)
    const work = 'an evening of work '.repeat(2_000)
    write(real, { 'mine.ts': work })
    const module = new URL('../harness/history/history.ts', import.meta.url).href
    const program = `const { resetLab } = await import(${JSON.stringify(module)}); resetLab('01', ${JSON.stringify(real.root)})`
    const line = 'ulimit -f 16; trap "" XFSZ; exec "$0" --import tsx --input-type=module --eval "$1"'
    const { status, stderr } = spawnSync('sh', ['-c', line, process.execPath, program], { encoding: 'utf8', env: { ...process.env, TSX_DISABLE_CACHE: '1' } })
    expect(status, stderr).not.toBe(0)
    expect(stderr).toMatch(/EFBIG|ENOSPC/)
    expect(readFiles(real)).toEqual({ 'mine.ts': work })
    expect([...keptIn(real).values()]).toEqual([LABS.file.starter])
    expect(readdirSync(join(real.root, '.workbook', 'tmp'))).toEqual([])
  })
})

test('the site\'s judge killed at any moment loses no version and halves no file', { timeout: 40_000 }, async () => {
  const slug = '00-warm-up'
  const workbook = copyWorkbook([slug])
  const random = createRandom(20)
  const mine = join(workbook.root, 'labs', slug, 'mine.ts')
  const draft = join(workbook.root, 'draft.ts')
  const starter = readFileSync(join(workbook.root, 'labs', slug, 'starter.ts'), 'utf8')
  const saved = [starter]
  const kept = new Map<number, string>()
  const read = (number: number): string => Buffer.from(readVersion(slug, number, workbook.root).work.files[0]?.bytes ?? []).toString()
  try {
    for (let life = 0; life < 4; life += 1) {
      const runner = fork(join(workbook.root, 'test', 'harness', 'runner', 'main.ts'), { cwd: workbook.root, execArgv: ['--import', 'tsx'], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
      await tell(runner, { type: 'start', slug }, 'lab')
      const killAt = performance.now() + random.integer(60, 500)
      for (let turn = 0; performance.now() < killAt; turn += 1) {
        if (existsSync(mine) && turn % 3 === 0) {
          // Whole in one step: a plain write empties the file first, and a copy made just then would be empty by the save's fault.
          saved.push(`${starter}\n// ${String(life)} ${String(turn)} ${'an evening of work '.repeat(2_000)}\n`)
          writeFileSync(draft, saved.at(-1) ?? '')
          renameSync(draft, mine)
        } else {
          const numbers = [...kept.keys()]
          const message = turn % 3 === 1 || numbers.length === 0 ? { type: 'reset', slug } as const : { type: 'restore', slug, version: random.pick(numbers) } as const
          runner.send({ type: 'page', client: 1, message } satisfies ToRunner)
        }
        await sleep(random.integer(0, 40))
      }
      const ended = once(runner, 'exit')
      runner.kill('SIGKILL')
      await ended
      expect(saved, 'the file is whole').toContain(readFileSync(mine, 'utf8'))
      for (const [number, text] of kept) expect(read(number)).toBe(text)
      for (const { number } of listVersions(slug, workbook.root)) kept.set(number, read(number))
      for (const text of kept.values()) expect(saved, 'each version is whole').toContain(text)
    }
    expect(kept.size).toBeGreaterThan(1)
  } finally {
    workbook.remove()
  }
})

async function tell(runner: ChildProcess, message: Extract<ToRunner, { type: 'page' }>['message'], answer: string): Promise<void> {
  const answered = new Promise<void>((resolve) => {
    runner.on('message', (told: { message: { type: string } }) => { if (told.message.type === answer) resolve() })
  })
  runner.send({ type: 'page', client: 1, message } satisfies ToRunner)
  await answered
}

function runSequences(lab: Real['lab'], faultOf: fc.Arbitrary<Fault | undefined>, numRuns: number): void {
  const steps = [
    faultOf.map((broken) => new Change('begin', broken, (root, slug) => { startLab(slug, root) }, ({ mine }) => (mine !== undefined && ENTRY[lab] in mine ? mine : { ...LABS[lab].starter, ...mine }))),
    works[lab].map((files) => new Save(files)),
    fc.tuple(faultOf, fc.boolean()).map(([broken, passes]) => new Change(`judge ${String(passes)}`, broken, (root, slug) => {
      const work = readWork(slug, root)
      if (work !== null) recordVersion(slug, work, { reason: 'save', verdict: verdict(slug, passes), root })
    })),
    faultOf.map((broken) => new Change('reset', broken, (root, slug) => { resetLab(slug, root) }, () => LABS[lab].starter)),
    fc.tuple(faultOf, fc.nat(1_000)).map(([broken, pick]) => {
      const chosen = (model: Model): number => [...model.versions.keys()][pick % model.versions.size] ?? 0
      return new Change('restore', broken, (root, slug, model) => { restoreVersion(slug, chosen(model), root) }, (model) => model.versions.get(chosen(model)))
    }),
    fc.constant(new Delete()),
  ]
  fc.assert(fc.property(fc.commands(steps, { maxCommands: 12 }), (commands) => {
    inWorkbook(lab, (real) => { fc.modelRun(() => ({ model: { mine: undefined, versions: new Map() }, real }), commands) })
  }), { numRuns, seed: 4 })
}

/** Something that the workbook does to a learner's files, on a disk that may fail. */
class Change implements Step {
  readonly #name: string
  readonly #fault: Fault | undefined
  readonly #act: Act
  readonly #wanted: ((model: Model) => Files | undefined) | undefined

  constructor(name: string, broken: Fault | undefined, act: Act, wanted?: (model: Model) => Files | undefined) {
    this.#name = name
    this.#fault = broken
    this.#act = act
    this.#wanted = wanted
  }

  check(model: Readonly<Model>): boolean {
    return this.#name !== 'restore' || model.versions.size > 0
  }

  run(model: Model, real: Real): void {
    const { slug } = LABS[real.lab]
    const before = model.mine
    const wanted = this.#wanted?.(model) ?? before
    const isDone = this.#attempt(model, real, slug)
    const now = readFiles(real)
    if (isDone) expect(now).toEqual(wanted)
    else expectNothingHalf(now, before, wanted)
    const kept = keptIn(real)
    for (const [number, files] of model.versions) expect(kept.get(number), `version ${String(number)}`).toEqual(files)
    if (before !== undefined) expect([now, ...kept.values()].some((files) => holds(files, before)), 'what was there is somewhere').toBe(true)
    model.mine = now
    model.versions = kept
  }

  toString(): string {
    return `${this.#name}${this.#fault === undefined ? '' : ` (${this.#fault.kind} after ${String(this.#fault.after)})`}`
  }

  #attempt(model: Model, real: Real, slug: string): boolean {
    faults.next = this.#fault && { ...this.#fault }
    try {
      this.#act(real.root, slug, model)
      return faults.next?.after !== -1
    } catch (error) {
      if (this.#fault === undefined) throw error
      return false
    } finally {
      faults.next = undefined
    }
  }
}

/** The learner's editor. */
class Save implements Step {
  readonly #files: Files

  constructor(files: Files) {
    this.#files = files
  }

  check(model: Readonly<Model>): boolean {
    return model.mine !== undefined
  }

  run(model: Model, real: Real): void {
    write(real, this.#files)
    // What was not judged is the learner's own to lose; what was there may have been kept or not.
    model.mine = this.#files
  }

  toString(): string {
    return `save ${JSON.stringify(Object.keys(this.#files))}`
  }
}

class Delete implements Step {
  check(model: Readonly<Model>): boolean {
    return model.mine !== undefined
  }

  run(model: Model, real: Real): void {
    clear(real)
    model.mine = undefined
  }

  toString(): string {
    return 'delete'
  }
}

function expectNothingHalf(now: Files | undefined, before: Files | undefined, wanted: Files | undefined): void {
  for (const [path, text] of Object.entries(now ?? {})) expect([before?.[path], wanted?.[path]], path).toContain(text)
}

/** A beginning may have added to what was there. */
function holds(files: Files | undefined, before: Files): boolean {
  return Object.entries(before).every(([path, text]) => files?.[path] === text)
}

function inWorkbook(lab: Real['lab'], work: (real: Real) => void): void {
  const root = mkdtempSync(join(tmpdir(), 'Häfen & Rádio '))
  const real: Real = { root, lab }
  const { slug, starter } = LABS[lab]
  try {
    for (const [path, text] of Object.entries(starter)) put(join(root, 'labs', slug, path.replace(/^mine/, 'starter')), text)
    work(real)
  } finally {
    faults.next = undefined
    rmSync(root, { recursive: true, force: true })
  }
}

function keptIn({ root, lab }: Real): Map<number, Files> {
  const { slug } = LABS[lab]
  return new Map(listVersions(slug, root).map(({ number }) => [number, filesOf(readVersion(slug, number, root).work)]))
}

function readFiles({ root, lab }: Real): Files | undefined {
  const work = readWork(LABS[lab].slug, root)
  return work === null ? undefined : filesOf(work)
}

function filesOf(work: Work): Files {
  return Object.fromEntries(work.files.map(({ path, bytes }) => [path, Buffer.from(bytes).toString()]))
}

function write(real: Real, files: Files): void {
  clear(real)
  for (const [path, text] of Object.entries(files)) put(join(real.root, 'labs', LABS[real.lab].slug, path), text)
}

function clear({ root, lab }: Real): void {
  for (const name of ['mine', 'mine.ts']) rmSync(join(root, 'labs', LABS[lab].slug, name), { recursive: true, force: true })
}

function put(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

function verdict(lab: string, passed: boolean): Verdict {
  const state = passed ? 'passed' : 'failed'
  return { lab, target: 'mine', passed, problem: null, checks: [{ id: 'a', title: 't', state, ms: 1, steps: [], trace: [] }], ms: 1, remarks: [], seed: 1 }
}
