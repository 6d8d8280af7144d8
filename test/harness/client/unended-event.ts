/**
 * Counts what came of an event that no empty line has ended yet: without that line nobody ever sees the event.
 * Comments are not counted, they need none.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export class UnendedEvent {
  #bytes = 0
  /** The line that has not ended yet. */
  #line = ''
  #endedInReturn = false

  feed(text: string): void {
    if (text === '') return
    // A carriage return and its line feed may come apart, and are one line end.
    const fresh = this.#endedInReturn && text.startsWith('\n') ? text.slice(1) : text
    this.#endedInReturn = text.endsWith('\r')
    const lines = fresh.split(/\r\n|\n|\r/)
    lines[0] = this.#line + (lines[0] ?? '')
    this.#line = lines.pop() ?? ''
    for (const line of lines) this.#bytes = line === '' ? 0 : this.#bytes + sizeOf(line, 1)
  }

  bytes(): number {
    return this.#bytes + sizeOf(this.#line, 0)
  }
}

function sizeOf(line: string, lineEndBytes: number): number {
  return line.startsWith(':') ? 0 : Buffer.byteLength(line) + lineEndBytes
}
