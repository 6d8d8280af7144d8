/**
 * What stands between a peer and the internet. `ordinary` keeps one outside port for everybody and lets in the addresses that
 * its peer has written to (endpoint-independent mapping, address-dependent filtering); `strict` takes another port for each
 * partner and lets in nobody else there (address- and port-dependent mapping and filtering).
 * @see https://www.rfc-editor.org/rfc/rfc4787#section-4.1
 * @see https://www.rfc-editor.org/rfc/rfc4787#section-5
 */
export type RouterKind = 'none' | 'ordinary' | 'strict'

/** Endpoints are texts: `203.0.113.9:4001`. */
export interface Router {
  /** Lets a packet out, and remembers it. Returns the endpoint from which it seems to come. */
  send(to: string): string
  /** Whether a packet from `from` to the outside endpoint `at` is let in. */
  admits(at: string, from: string): boolean
  /** How often it has opened a way for a new partner. */
  openings(): number
}

const FIRST_PORT = 4_001

/** A router that has seen no packet yet. */
export function createRouter(kind: RouterKind, address: string): Router {
  const openings: { at: string; to: string }[] = []
  return {
    send(to) {
      const known = openings.find((one) => one.to === to)
      if (known !== undefined) return known.at
      const at = `${address}:${String(FIRST_PORT + (kind === 'strict' ? openings.length : 0))}`
      openings.push({ at, to })
      return at
    },
    admits(at, from) {
      if (kind === 'none') return true
      return openings.some((one) => one.at === at && (kind === 'strict' ? one.to === from : addressOf(one.to) === addressOf(from)))
    },
    openings: () => openings.length,
  }
}

function addressOf(endpoint: string): string {
  return endpoint.slice(0, endpoint.lastIndexOf(':'))
}
