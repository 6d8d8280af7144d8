import type { Parameters } from './model.ts'

/** What a version of the body is marked with; Express computes it from the body alone. cspell:disable-next-line */
const ETAGS: Record<string, string> = { on: '1b-iRBVesOFQFaN6Q7Mou12CQ+gBZ4', off: '1c-3AEFkIKDUc3RLui0PXwv6vE0wqI' }
/** Of one run. Every date has as many bytes. */
const DATE = 'Mon, 23 Nov 2026 19:51:54 GMT'

/** The request, as it stands on the wire. */
export function requestOf({ request }: Parameters): string {
  const length = request.startsWith('POST') ? ['Content-Length: 0'] : []
  return `${[`${request} HTTP/1.1`, 'Host: localhost:3000', ...length].join('\r\n')}\r\n\r\n`
}

/** What the lab's program answers with Express 5, byte for byte but for the date. */
export function answerOf(parameters: Parameters): string {
  return parameters.request === 'GET /' ? announcement(parameters) : refusal(parameters.request)
}

function announcement({ says, type }: Parameters): string {
  const body = `Harbour Radio is ${says} the air`
  return answer('200 OK', [`Content-Type: ${type}; charset=utf-8`, `Content-Length: ${String(body.length)}`, `ETag: W/"${ETAGS[says] ?? ''}"`], body)
}

/** What Express does by itself where no route fits. */
function refusal(request: string): string {
  const title = '<head>\n<meta charset="utf-8">\n<title>Error</title>\n</head>'
  const body = `<!DOCTYPE html>\n<html lang="en">\n${title}\n<body>\n<pre>Cannot ${request}</pre>\n</body>\n</html>\n`
  // cspell:ignore nosniff
  const careful = ['Content-Security-Policy: default-src \'none\'', 'X-Content-Type-Options: nosniff']
  return answer('404 Not Found', [...careful, 'Content-Type: text/html; charset=utf-8', `Content-Length: ${String(body.length)}`], body)
}

function answer(status: string, headers: string[], body: string): string {
  const always = [`Date: ${DATE}`, 'Connection: keep-alive', 'Keep-Alive: timeout=5']
  return `${[`HTTP/1.1 ${status}`, 'X-Powered-By: Express', ...headers, ...always].join('\r\n')}\r\n\r\n${body}`
}
