import { computed, onBeforeUnmount, onMounted, reactive, ref, watch, type ComputedRef, type Ref } from 'vue'
import { happeningsOf, momentsOf, nextMoment, previousMoment, saidAt } from './happenings.ts'
import { restingState, stateIn, toggled, withState, writeState, type FigureState } from './state.ts'
import type { Figure, FigureParameters, ParameterValue, Simulation } from './types.ts'

/** A whole run is played within this time, however long it took in the model. */
const PLAY_AT_MOST_MS = 4_500
const PLAY_MS_A_MOMENT = 900
/** Browsers refuse to rewrite the address more often. */
const ADDRESS_MS = 300

/** A figure at work: what is set, what follows from it, and where in time the reader is. */
export interface FigureStore<P extends FigureParameters, S extends Simulation> {
  parameters: ComputedRef<P>
  simulation: ComputedRef<S>
  /** Milliseconds of the model's time. */
  t: ComputedRef<number>
  isPlaying: Ref<boolean>
  /** True when it is as it was before anybody touched it. */
  isResting: ComputedRef<boolean>
  /** Goals reached since the last reset. */
  reached: Set<string>
  /** What happened last. */
  said: ComputedRef<string>
  set(name: string, value: ParameterValue): void
  /** Puts a member into a set, or takes it out. */
  toggle(name: string, member: string): void
  again(): void
  reset(): void
  play(): void
  pause(): void
  step(): void
  stepBack(): void
  scrub(t: number): void
  /** The address of this page with this figure as it stands. */
  link(): string
}

/** Runs a figure: parameters to simulation to time, with the address kept up to date. */
export function useFigure<P extends FigureParameters, S extends Simulation>(figure: Figure<P, S>): FigureStore<P, S> {
  const state = ref(restingState(figure)) as Ref<FigureState<P>>
  const simulation = computed(() => figure.simulate(state.value.parameters, state.value.seed))
  const moments = computed(() => momentsOf(simulation.value))
  const t = computed(() => Math.min(state.value.t ?? simulation.value.endsAt, simulation.value.endsAt))
  const happenings = computed(() => happeningsOf(simulation.value))
  const goTo = (time: number): void => {
    const { t: _before, ...rest } = state.value
    state.value = time >= simulation.value.endsAt ? rest : { ...state.value, t: Math.max(0, time) }
  }
  const player = usePlayer({ t, moments, goTo })
  const set = (name: string, value: ParameterValue): void => {
    state.value = { ...state.value, parameters: { ...state.value.parameters, [name]: value } }
  }
  useAddress(figure, state, player.isPlaying)
  return {
    parameters: computed(() => state.value.parameters),
    simulation,
    t,
    isPlaying: player.isPlaying,
    isResting: computed(() => writeState(figure, state.value) === figure.id),
    said: computed(() => saidAt(happenings.value, t.value)),
    set,
    toggle: (name, member) => { set(name, toggled(figure.controls.find((one) => one.name === name), state.value.parameters[name], member)) },
    again: () => { state.value = { ...state.value, seed: state.value.seed + 1 } },
    ...useGoals(figure, { state, simulation, t, pause: player.pause }),
    play: player.play,
    pause: player.pause,
    step: () => { player.jump(nextMoment(moments.value, t.value)) },
    stepBack: () => { player.jump(previousMoment(moments.value, t.value)) },
    scrub: player.jump,
    link: () => location.origin + location.pathname + withState(location.search, figure.id, writeState(figure, state.value)),
  }
}

interface Timed {
  t: ComputedRef<number>
  moments: ComputedRef<number[]>
  goTo(time: number): void
}

function usePlayer({ t, moments, goTo }: Timed): { isPlaying: Ref<boolean>; play(): void; pause(): void; jump(time: number): void } {
  const isPlaying = ref(false)
  let frame = 0
  const pause = (): void => {
    isPlaying.value = false
    cancelAnimationFrame(frame)
  }
  const endsAt = (): number => moments.value.at(-1) ?? 0
  const jump = (time: number): void => { pause(); goTo(time) }
  function play(): void {
    if (t.value >= endsAt()) goTo(0)
    isPlaying.value = true
    const [began, from] = [performance.now(), t.value]
    const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches
    const lastsMs = Math.min(PLAY_AT_MOST_MS, PLAY_MS_A_MOMENT * moments.value.length)
    const tick = (now: number): void => {
      const time = from + Math.max(0, now - began) * (endsAt() / lastsMs)
      // Who wants no motion sees one moment after the other, and nothing between them.
      goTo(isStill ? moments.value.findLast((at) => at <= time) ?? 0 : time)
      if (time >= endsAt()) isPlaying.value = false
      else frame = requestAnimationFrame(tick)
    }
    frame = requestAnimationFrame(tick)
  }
  onBeforeUnmount(() => { if (isPlaying.value) pause() })
  return { isPlaying, play, pause, jump }
}

interface Watched<P extends FigureParameters, S extends Simulation> {
  state: Ref<FigureState<P>>
  simulation: ComputedRef<S>
  t: ComputedRef<number>
  pause(): void
}

/** A goal counts once its run has been seen to the end, and stays reached until the reset. */
function useGoals<P extends FigureParameters, S extends Simulation>(
  figure: Figure<P, S>,
  { state, simulation, t, pause }: Watched<P, S>,
): { reached: Set<string>; reset(): void } {
  const reached = reactive(new Set<string>())
  const look = (): void => {
    if (t.value < simulation.value.endsAt) return
    for (const goal of figure.goals ?? []) {
      if (goal.isReached(simulation.value, state.value.parameters)) reached.add(goal.id)
    }
  }
  look()
  watch([simulation, t], look)
  const reset = (): void => {
    pause()
    reached.clear()
    state.value = restingState(figure)
    look()
  }
  return { reached, reset }
}

/** Takes the state from the address when the page opens, and writes it there when it has changed. */
function useAddress<P extends FigureParameters, S extends Simulation>(
  figure: Figure<P, S>,
  state: Ref<FigureState<P>>,
  isPlaying: Ref<boolean>,
): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const write = (): void => {
    const search = withState(location.search, figure.id, writeState(figure, state.value))
    if (search !== location.search) history.replaceState(history.state, '', location.pathname + search + location.hash)
  }
  onMounted(() => {
    const linked = stateIn<P>(figure, location.search)
    if (linked !== undefined) {
      state.value = linked
      document.getElementById(figure.id)?.scrollIntoView()
    }
    watch([state, isPlaying], () => {
      clearTimeout(timer)
      if (!isPlaying.value) timer = setTimeout(write, ADDRESS_MS)
    })
  })
  onBeforeUnmount(() => { clearTimeout(timer) })
}
