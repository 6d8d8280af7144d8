type Headers = Readonly<Record<string, string>>

/** A whole HTTP/1.1 request as text, for a bare connection that sends it in whatever pieces. Nothing is added but the `Host`. */
export function rawRequest(method: string, path: string, headers: Headers = {}, body = ''): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return [`${method} ${path} HTTP/1.1`, 'Host: localhost', ...lines, '', body].join('\r\n')
}

/** A part of a body that comes with `Transfer-Encoding: chunked`. */
export function chunk(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`
}

/** What ends such a body. */
export const LAST_CHUNK = '0\r\n\r\n'

/** The headers of a JSON body that comes whole. */
export function jsonHeaders(body: string): Headers {
  return { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(body)) }
}

/** The same with a JSON body; `headers` replace its type and its length where they name them. */
export function rawJson(method: string, path: string, body: string, headers: Headers = {}): string {
  return rawRequest(method, path, { ...jsonHeaders(body), ...headers }, body)
}
