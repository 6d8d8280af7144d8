import type { Figure, Simulation } from '../.vitepress/theme/figure/types.ts'
import { createSide, isLinked, tryPairs, type PeerName, type Side } from './link.ts'
import type { RouterKind } from './router.ts'
import { createScript, type Script } from './script.ts'
import { addresses, begin, LINKS, MEETING_POINT, nodesOf } from './stage.ts'

/** `done` is what the reader did, in order: the numbers of {@link SIGNALS}, then `k`, which kills the meeting point, and `r`, the relay. */
export type Parameters = { done: string; ben: RouterKind; ada: RouterKind; relay: boolean }

export interface Run extends Simulation {
  way: 'direct' | 'relay' | 'none'
  /** Ben has the whole recording. */
  isDelivered: boolean
}

/** What the two have to tell each other, by its number. */
export const SIGNALS: Record<string, { from: PeerName; to: PeerName; text: 'offer' | 'answer' | 'candidate' }> = {
  1: { from: 'Ben', to: 'Ada', text: 'offer' },
  2: { from: 'Ben', to: 'Ada', text: 'candidate' },
  3: { from: 'Ada', to: 'Ben', text: 'answer' },
  4: { from: 'Ada', to: 'Ben', text: 'candidate' },
}

const ALL = Object.keys(SIGNALS)
const NEVER = 'will never be linked'
const NO_WAY = 'no direct way'
/** The default first: before the page's script runs, a list shows its first. */
const ROUTERS = ['ordinary', 'strict', 'none'].map((value) => ({ value, text: value }))

export const figure: Figure<Parameters, Run> = {
  id: 'meet',
  title: 'You are the meeting point',
  controls: [
    { kind: 'select', name: 'ben', label: 'Ben’s router', value: 'ordinary', options: ROUTERS },
    { kind: 'select', name: 'ada', label: 'Ada’s router', value: 'ordinary', options: ROUTERS },
    { kind: 'toggle', name: 'relay', label: 'A TURN relay stands ready', value: false },
    { kind: 'select', name: 'done', label: 'Done', value: '1234', inPicture: true, options: allOrders().map((value) => ({ value, text: value })) },
  ],
  goals: [
    { id: 'goes-on', text: 'Kill the meeting point once the two are linked, and see what becomes of the recording.', isReached: (run, { done }) => done.includes('k') && run.isDelivered },
    { id: 'never', text: 'Begin with nothing carried, and kill it so early that the two are never linked.', isReached: (run) => says(run, NEVER) },
    { id: 'no-way', text: 'Is there a pair of routers that keeps the two apart? Find out.', isReached: (run) => says(run, NO_WAY) },
    { id: 'relayed', text: 'If there is one: bring Ben his recording even there.', isReached: ({ way, isDelivered }) => way === 'relay' && isDelivered },
  ],
  simulate,
}

/** Whether this signal can be carried now. Ada has nothing to say before she has the offer, and the dead carry nothing. */
export function isPossible(done: string, signal: string): boolean {
  return !done.includes(signal) && !/[kr]/.test(done) && (!'34'.includes(signal) || done.includes('1'))
}

/** All that a reader can have done: some signals in a possible order, then nobody, one or both killed. */
function allOrders(carried = ''): string[] {
  const deaths = carried.length === ALL.length ? ['', 'k', 'r', 'kr'] : ['', 'k']
  const next = ALL.filter((signal) => isPossible(carried, signal))
  return [...deaths.map((killed) => carried + killed), ...next.flatMap((signal) => allOrders(carried + signal))]
}

function says({ marks = [] }: Simulation, text: string): boolean {
  return marks.some((mark) => mark.text === text)
}

function simulate({ done, ada, ben, relay }: Parameters): Run {
  const script = createScript()
  const sides = { Ada: createSide('Ada', ada, '198.51.100.7'), Ben: createSide('Ben', ben, '203.0.113.9') }
  begin(script, { ada, ben })
  askStun(script, [...(ben === 'none' ? [] : [sides.Ben]), ...(ada === 'none' ? [] : [sides.Ada])])
  const tried = new Set<string>()
  const carried = [...done].filter((deed) => deed in SIGNALS)
  carried.forEach((signal, index) => { carry(script, sides, signal, index + 1, tried) })
  const way = isLinked(sides.Ada, sides.Ben) ? 'direct' : relay && carried.length === ALL.length ? 'relay' : 'none'
  const isDelivered = way === 'none' ? separate(script, done) : talk(script, done, way)
  const table = addresses([{ ...sides.Ben, kind: ben }, { ...sides.Ada, kind: ada }])
  return { ...script.written(), nodes: nodesOf(relay), links: LINKS, way, isDelivered, tables: [table] }
}

/** One signal through the meeting point, and what the two try after it. */
function carry(script: Script, sides: Record<PeerName, Side>, signal: string, count: number, tried: Set<string>): void {
  const { from, to, text } = SIGNALS[signal] ?? { from: 'Ben', to: 'Ada', text: 'offer' }
  const [receiver, sender] = [sides[to], sides[from]]
  script.send(from, MEETING_POINT, text)
  script.node(MEETING_POINT, { text: `${String(count)} signal${count === 1 ? '' : 's'}` })
  script.send(MEETING_POINT, to, text)
  if (text === 'candidate') receiver.known.push(sender.outside)
  else receiver.hasDescription = true
  if (!receiver.hasDescription) script.mark(`keeps it until the ${to === 'Ada' ? 'offer' : 'answer'} comes`, to, 'waiting')
  if (isLinked(receiver, sender)) return
  tryPairs(script, [receiver, sender], tried)
  if (!isLinked(receiver, sender)) return
  script.link('direct', { isUp: true, tone: 'good' })
  for (const { name } of [receiver, sender]) script.node(name, { text: 'linked', tone: 'good' })
}

/** No way was found, or not yet. */
function separate(script: Script, done: string): false {
  const next = ALL.find((signal) => !done.includes(signal) && isPossible(done.replace('k', ''), signal))
  if (next === undefined) script.mark(NO_WAY, undefined, 'bad')
  if (done.includes('k')) die(script, MEETING_POINT)
  const signal = SIGNALS[next ?? '']
  if (signal === undefined) return false
  if (done.includes('k')) {
    script.send(signal.from, MEETING_POINT, signal.text, { lost: true })
    script.mark(NEVER, 'Ben', 'bad')
  } else script.mark(`waits for the ${done.includes('1') ? signal.text : 'offer'}`, signal.to, 'waiting')
  return false
}

/** The recording, the death of whoever is killed, and what comes after it. True: Ben has all of it. */
function talk(script: Script, done: string, way: 'direct' | 'relay'): boolean {
  if (way === 'relay') {
    script.mark(NO_WAY, undefined, 'bad')
    for (const link of ['Ben-TURN', 'Ada-TURN']) script.link(link, { isUp: true })
    script.node('TURN', { text: 'relays all', tone: 'busy' })
  }
  const isRelayDead = way === 'relay' && done.includes('r')
  const say = (from: PeerName, to: PeerName, text: string, isDead = false): void => {
    if (way === 'direct') return script.send(from, to, text)
    script.send(from, 'TURN', text, { lost: isDead })
    if (!isDead) script.send('TURN', to, text)
  }
  say('Ben', 'Ada', 'recording, please')
  say('Ada', 'Ben', 'first half')
  if (done.includes('k')) die(script, MEETING_POINT)
  if (isRelayDead) die(script, 'TURN')
  say('Ada', 'Ben', 'second half', isRelayDead)
  script.mark(isRelayDead ? 'has lost the call' : 'has the recording', 'Ben', isRelayDead ? 'bad' : 'good')
  script.node('Ben', isRelayDead ? { tone: 'bad', text: 'half of it' } : { tone: 'good', text: 'has it all' })
  if (!done.includes('k') || isRelayDead) return !isRelayDead
  say('Ben', 'Ada', 'the next one, please')
  say('Ada', 'Ben', 'next recording')
  script.mark('has the next one too', 'Ben', 'good')
  return true
}

function die(script: Script, node: string): void {
  script.mark('killed', node, 'bad')
  script.node(node, { isDown: true, text: 'killed', tone: 'bad' })
  for (const { id, to } of LINKS) if (to === node) script.link(id, { isUp: false })
}

function askStun(script: Script, asking: readonly Side[]): void {
  script.together(asking.map(({ name }) => [name, 'STUN', 'who am I?']))
  script.together(asking.map(({ name, outside }) => ['STUN', name, outside]))
  for (const { name, outside } of asking) script.mark(`hears from STUN: ${outside}`, name)
}
