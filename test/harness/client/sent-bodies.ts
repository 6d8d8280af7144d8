/** How much of a body is looked for, and how little is too little to be sure. */
const MAX_CHARACTERS = 24
const MIN_CHARACTERS = 8
/** A body is remembered for so many requests. */
const MAX_BODIES = 16

/**
 * Remembers how the bodies sent so far began. A program that refuses a request without reading its body finds
 * that body again where it expects the next request, and its complaint quotes it.
 */
export class SentBodies {
  readonly #bodies: { label: string; start: string }[] = []

  /** @param label what was asked, for people: `POST /shows` */
  add(label: string, body: Uint8Array | undefined): void {
    const start = startOf(body)
    if (start.length < MIN_CHARACTERS) return
    this.#bodies.push({ label, start })
    if (this.#bodies.length > MAX_BODIES) this.#bodies.shift()
  }

  /** A sentence when a complaint quotes the body of an earlier request; undefined when it quotes none, or the request's own. */
  remarkOn(complaint: string, own: Uint8Array | undefined): string | undefined {
    const ownText = Buffer.from(own ?? []).toString('latin1')
    const quoted = this.#bodies.find(({ start }) => complaint.includes(start) && !ownText.includes(start))
    if (quoted === undefined) return undefined
    return `The answer quotes the body of an earlier request, ${quoted.label}: that body was probably left unread on the connection. Read it to its end, also when the request is refused, or close the connection.`
  }
}

/** Up to the first character that a page or a string literal would write in another way. */
function startOf(body: Uint8Array | undefined): string {
  const text = Buffer.from(body?.subarray(0, MAX_CHARACTERS * 4) ?? []).toString('latin1')
  return /^[^&<>'\\\u0000-\u001f\u007f-\u00ff]*/.exec(text)?.[0].slice(0, MAX_CHARACTERS) ?? ''
}
