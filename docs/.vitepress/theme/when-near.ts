import { defineAsyncComponent, defineComponent, h, onBeforeUnmount, onMounted, ref, type Component } from 'vue'
import { watchTouch } from './when-touched.ts'

/** How far from the window a part is when its script is fetched: a reader who scrolls finds it at work. */
const NEAR = '300px'

type Load = () => Promise<Component | { default: Component }>
/** Watches the place of a part, and says when to bring it to life. Returns how to stop. */
type Watch = (place: HTMLElement, come: () => void) => () => void

/**
 * A component whose script is fetched when the reader comes near. What the server rendered stands until then, so that
 * a page can be read, printed and linked to at once. (Vue's own `hydrateOnVisible` fetches at once and only waits with
 * bringing to life.)
 * @param tag `span` for a part within a paragraph
 */
export function whenNear(load: Load, tag: 'div' | 'span' = 'div'): Component {
  return late(load, tag, (place, come) => {
    const observer = new IntersectionObserver((entries) => { if (entries.some(({ isIntersecting }) => isIntersecting)) come() }, { rootMargin: NEAR })
    observer.observe(place)
    const stop = watchTouch(place, come)
    return () => {
      observer.disconnect()
      stop()
    }
  })
}

/**
 * A component whose script is fetched when the reader first points at it, touches it or comes to it by keyboard. For
 * what shows at rest all that there is to see: figures and recorded runs. What is pressed meanwhile is pressed again for it.
 */
export function whenTouched(load: Load): Component {
  return late(load, 'div', (place, come) => {
    // Nothing was rendered by a server, or the address holds a figure's state: there is no picture to leave as it is.
    if (place.childElementCount === 0 || location.search !== '') come()
    return watchTouch(place, come)
  })
}

function late(load: Load, tag: string, watch: Watch): Component {
  return defineComponent({
    inheritAttrs: false,
    setup(_, { attrs, slots }) {
      const place = ref<HTMLElement>()
      let come = (): void => undefined
      const called = new Promise<void>((resolve) => { come = resolve })
      const Late = defineAsyncComponent(async () => {
        if (!import.meta.env.SSR) await called
        return (await load()) as Component
      })
      const tellAlive = (): void => {
        place.value?.setAttribute('data-alive', '')
        place.value?.dispatchEvent(new Event('alive'))
      }
      let stop = (): void => undefined
      onMounted(() => { if (place.value !== undefined) stop = watch(place.value, come) })
      onBeforeUnmount(() => { stop() })
      return () => h(tag, { ref: place, class: 'when-near' }, [h(Late, { ...attrs, onVnodeMounted: tellAlive }, slots)])
    },
  })
}
