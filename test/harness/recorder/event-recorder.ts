import { createParser } from 'eventsource-parser'
import { cutBytes, readableBytes } from './readable-bytes.ts'
import type { Direction } from './message-record.ts'

/** An event larger than this is not shown, and neither is any after it. */
const MAX_EVENT_CHARACTERS = 1024 * 1024

/**
 * Takes the bytes of a `text/event-stream` body and adds each event and comment to the trace.
 * @param onId is told when a whole event with an id has passed
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function createEventRecorder({ trace, from, to, connection }: Direction, onId: () => void = () => {}): (bytes: Buffer) => void {
  const decoder = new TextDecoder()
  let isOverflown = false
  const add = (head: string, name: string, data: string): void => {
    const bytes = Buffer.from(data)
    const body = readableBytes(cutBytes(bytes))
    const summary = `${name}${data === '' ? '' : ` ${data.length > 80 ? `${data.slice(0, 80)}…` : data}`}`
    trace.add({ from, to, kind: 'event', summary, detail: { ...(head === '' ? {} : { head }), body, bodyBytes: bytes.length, connection } })
  }
  const parser = createParser({
    maxBufferSize: MAX_EVENT_CHARACTERS,
    onEvent: ({ id, event, data }) => {
      const fields = [id === undefined ? '' : `id: ${id}\n`, event === undefined ? '' : `event: ${event}\n`]
      add(fields.join(''), event ?? 'message', data)
      if (id !== undefined) onId()
    },
    onComment: (comment) => add('', ':', comment),
    onError: (error) => { isOverflown ||= error.type === 'max-buffer-size-exceeded' },
  })
  return (bytes) => {
    if (!isOverflown && !trace.isFull) parser.feed(decoder.decode(bytes, { stream: true }))
  }
}
