import { inject, type InjectionKey } from 'vue'

/** Says one short sentence to whom cannot see the panel. */
export type Announce = (sentence: string) => void

export const ANNOUNCE: InjectionKey<Announce> = Symbol('announce')

/** The panel's voice; outside a panel nobody listens. */
export function useAnnounce(): Announce {
  return inject(ANNOUNCE, () => undefined)
}
