import { isPlainText, printf, shellWord } from './shell.ts'

/** A request to show as a command. */
export interface CurlRequest {
  /** `http://localhost:3000` */
  origin: string
  method: string
  path: string
  headers: Readonly<Record<string, string>>
  body?: Uint8Array
  /** Shows what comes as it comes. */
  isStream?: boolean
}

/** A longer body is made by a generator instead of being printed. */
const MAX_INLINE_BYTES = 500

/** The request as a line for a POSIX shell: `curl -i -X POST http://localhost:3000/shows -H '…' -d '…'`. */
export function curlLine(request: CurlRequest): string {
  const { origin, method, path } = request
  // curl keeps what follows a `#` to itself.
  const isTarget = path.includes('#') || !path.startsWith('/')
  const url = isTarget ? `--request-target ${shellWord(path)} ${origin}` : shellWord(`${origin}${path}`)
  const body = bodyArguments(request.body)
  const words = ['curl', ...methodArguments(method), ...(request.isStream === true ? ['-N'] : []), ...(isTarget ? [] : pathArguments(path)), url, ...headerArguments(request), ...body.words]
  return `${body.before}${words.join(' ')}${body.after}`
}

/** Bytes on a bare connection as a line for a POSIX shell. */
export function netcatLine(port: number, bytes: Uint8Array): string {
  const { source, note } = generator(bytes)
  return `${source} | nc localhost ${port}${note}`
}

function methodArguments(method: string): string[] {
  if (method === 'GET') return ['-i']
  return method === 'HEAD' ? ['-I'] : ['-i', '-X', shellWord(method)]
}

function pathArguments(path: string): string[] {
  const isOdd = /\.\.|\/\.|%2e|%2f|\/\//i.test(path)
  // curl reads brackets and braces in a URL as patterns.
  return [...(isOdd ? ['--path-as-is'] : []), ...(/[[\]{}]/.test(path) ? ['-g'] : [])]
}

function headerArguments({ headers, body }: CurlRequest): string[] {
  const given = Object.entries(headers)
    .filter(([name]) => !/^content-length$/i.test(name))
    .map(([name, value]) => `-H ${shellWord(value === '' ? `${name};` : `${name}: ${value}`)}`)
  const hasType = Object.keys(headers).some((name) => /^content-type$/i.test(name))
  // curl names a form's type of its own accord; a header without a value takes it away.
  return body !== undefined && !hasType ? [...given, "-H 'Content-Type:'"] : given
}

function bodyArguments(body: Uint8Array | undefined): { before: string; words: string[]; after: string } {
  if (body === undefined) return { before: '', words: [], after: '' }
  if (body.length <= MAX_INLINE_BYTES && isPlainText(body)) {
    const text = Buffer.from(body).toString('utf8')
    // `-d @name` would read a file.
    return { before: '', words: [text.startsWith('@') ? '--data-raw' : '-d', inQuotes(text)], after: '' }
  }
  const { source, note } = generator(body)
  return { before: `${source} | `, words: ['--data-binary', '@-'], after: note }
}

function inQuotes(text: string): string {
  const word = shellWord(text)
  return word === text ? `'${text}'` : word
}

/** A command that writes the bytes, or as many others with a note that says so. */
function generator(bytes: Uint8Array): { source: string; note: string } {
  if (bytes.length <= MAX_INLINE_BYTES) return { source: printf(bytes), note: '' }
  const run = longestRun(bytes)
  const before = bytes.subarray(0, run.begin)
  const after = bytes.subarray(run.begin + run.length)
  if (before.length + after.length > MAX_INLINE_BYTES) {
    const note = `  # ${bytes.length} random bytes stand for the check's own`
    return { source: `head -c ${bytes.length} /dev/urandom`, note }
  }
  const repeat = `head -c ${run.length} /dev/zero | tr '\\0' ${shellWord(String.fromCharCode(run.byte))}`
  const parts = [before.length > 0 ? printf(before) : '', repeat, after.length > 0 ? printf(after) : '']
  const used = parts.filter((part) => part !== '')
  return { source: used.length === 1 ? repeat : `{ ${used.join('; ')}; }`, note: '' }
}

/** The longest run of one letter, digit or blank. */
function longestRun(bytes: Uint8Array): { begin: number; length: number; byte: number } {
  let best = { begin: 0, length: 0, byte: 0x20 }
  for (let begin = 0; begin < bytes.length; ) {
    const byte = bytes[begin] ?? 0
    let end = begin + 1
    while (end < bytes.length && bytes[end] === byte) end++
    if (end - begin > best.length && /[\w ]/.test(String.fromCharCode(byte))) best = { begin, length: end - begin, byte }
    begin = end
  }
  return best
}
