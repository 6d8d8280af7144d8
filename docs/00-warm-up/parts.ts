/** One line of a message, its empty line, or its body. */
export interface Part {
  /** `request-start`, `answer-content-type`, `answer-empty`, `answer-body`. */
  id: string
  /** `status line`, `header`, `empty line`, `body`. */
  name: string
  /** Who reads it. */
  reader: 'client' | 'server'
  text: string
  /** Bytes of the message before it. */
  before: number
  /** Milliseconds of the model's time at which its first byte leaves; a byte takes one. */
  at: number
  /** What it tells the one who reads it. */
  tells: string
}

const TELLS: Record<string, string> = {
  'host': 'which site the client believes it talks to',
  'x-powered-by': 'which library answered',
  'content-security-policy': 'a page may load nothing',
  'x-content-type-options': 'believe Content-Type, do not guess',
  'etag': 'a mark for this version of the body',
  'date': 'when the answer was made',
  'connection': 'the connection stays open',
  'keep-alive': 'for so many seconds',
}

/** The parts of one message, in order. Its bytes leave one a millisecond from `at` on. ASCII only: a character is a byte. */
export function partsOf(message: string, kind: 'request' | 'answer', at: number): Part[] {
  const end = message.indexOf('\r\n\r\n') + 2
  const lines = message.slice(0, end).match(/[^\r]*\r\n/g) ?? []
  const body = message.slice(end + 2)
  let before = 0
  return [...lines, '\r\n', ...(body === '' ? [] : [body])].map((text, index) => {
    const field = index < lines.length ? /^([\w-]+):/.exec(text)?.[1]?.toLowerCase() : undefined
    const part: Part = {
      ...describe(kind, text, index - lines.length, field),
      reader: kind === 'request' ? 'server' : 'client',
      text,
      before,
      at: at + before,
    }
    before += text.length
    return part
  })
}

/** `place` is 0 for the empty line, 1 for the body, below 0 for the lines of the head. */
function describe(kind: 'request' | 'answer', text: string, place: number, field: string | undefined): Pick<Part, 'id' | 'name' | 'tells'> {
  if (place === 1) return { id: `${kind}-body`, name: 'body', tells: `${String(text.length)} bytes, as announced` }
  if (place === 0) return { id: `${kind}-empty`, name: 'empty line', tells: kind === 'request' ? 'the headers are over, and so is the request' : 'the headers are over, the body begins' }
  if (field !== undefined) return { id: `${kind}-${field}`, name: 'header', tells: tellsOf(field, text) }
  const [first = '', second = ''] = text.split(' ')
  if (kind === 'request') return { id: 'request-start', name: 'request line', tells: `${first} asks, ${second} says for what` }
  return { id: 'answer-start', name: 'status line', tells: second === '200' ? '200: it was done' : '404: there is no such thing here' }
}

function tellsOf(field: string, text: string): string {
  const value = text.slice(text.indexOf(':') + 2, -2)
  if (field === 'content-length') return `the body will have ${value} bytes`
  if (field === 'content-type') return value.startsWith('text/html') ? 'the body is a web page' : 'the body is plain text'
  return TELLS[field] ?? ''
}
