/** Start line and headers of one HTTP/1.1 message. */
export interface MessageHead {
  /** As on the wire, each line ended by `\n`. */
  text: string
  /** Of a request; empty in a response. */
  method: string
  target: string
  /** Of a response; 0 in a request. */
  status: number
  statusText: string
  /** Names and values in turn, as they came. */
  rawHeaders: readonly string[]
  /** Names in lower case; several lines of one name joined by `, `. */
  headers: Readonly<Record<string, string>>
}

/**
 * A head from its lines, which are text of one character a byte.
 * @throws Error when the Content-Length is no number
 */
export function toHead(lines: readonly string[], rawHeaders: readonly string[]): MessageHead {
  const headers = joinHeaders(rawHeaders)
  const length = headers['content-length']
  if (length !== undefined && !/^\d+(, ?\d+)*$/.test(length)) throw new Error(`Content-Length is "${length}"`)
  const request = /^([A-Z-]+) ([^ ]+) HTTP/.exec(lines[0] ?? '')
  const response = /^HTTP\/\d\.\d (\d{3}) ?(.*)$/.exec(lines[0] ?? '')
  return {
    text: lines.filter((line) => line !== '').map((line) => `${readable(line)}\n`).join(''),
    method: request?.[1] ?? '',
    target: readable(request?.[2] ?? ''),
    status: Number(response?.[1] ?? 0),
    statusText: readable(response?.[2] ?? ''),
    rawHeaders,
    headers,
  }
}

/** Raw headers (names and values in turn) as an object; names in lower case, values of one name joined by `, `. */
export function joinHeaders(rawHeaders: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {}
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase()
    const value = rawHeaders[index + 1] ?? ''
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`
  }
  return headers
}

/** UTF-8 sent in a head, as people write it; other bytes as Latin-1. */
function readable(latin1: string): string {
  const utf8 = Buffer.from(latin1, 'latin1').toString('utf8')
  return utf8.includes('\uFFFD') ? latin1 : utf8
}
