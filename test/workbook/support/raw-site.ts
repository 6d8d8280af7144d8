import { connect, type Socket } from 'node:net'

/** What an attack sends beside its first line. */
export type Headers = Readonly<Record<string, string | undefined>>

/** A socket to the site's pages, spoken to in frames. */
export interface RawPage {
  /** False when it was refused, with what was said then in `refusal`. */
  isOpen: boolean
  refusal: string
  sendJson(value: unknown): void
  /** One masked text frame, whatever it holds. */
  sendText(text: string): void
  /** The events of the workbook that came so far. */
  received(): unknown[]
  closed: Promise<void>
  close(): void
}

/** Speaks to a server as no browser would. */
export interface RawSite {
  port: number
  /** Status and body; status 0 when the connection ended without an answer. */
  ask(path: string, headers?: Headers, method?: string): Promise<{ status: number; text: string; head: string }>
  open(path: string, headers?: Headers): Promise<RawPage>
  /** A connection on which these bytes are sent, and nothing else. */
  connect(bytes?: string): Promise<Socket>
}

const WITHIN_MS = 5_000

/** @param origin as in `http://127.0.0.1:5173` */
export function rawSite(origin: string): RawSite {
  const port = Number(new URL(origin).port)
  const dial = (bytes = ''): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.off('error', reject).on('error', () => undefined)
        if (bytes !== '') socket.write(bytes)
        resolve(socket)
      })
      socket.once('error', reject)
    })
  return {
    port,
    connect: dial,
    async ask(path, headers = {}, method = 'GET') {
      const socket = await dial(head(`${method} ${path}`, { Host: `127.0.0.1:${String(port)}`, ...headers, Connection: 'close' }))
      const answer = await readToEnd(socket)
      const [answerHead = '', ...rest] = answer.split('\r\n\r\n')
      return { status: Number(answerHead.split(' ')[1] ?? 0), head: answerHead, text: rest.join('\r\n\r\n') }
    },
    async open(path, headers = {}) {
      const socket = await dial(head(`GET ${path}`, { Host: `127.0.0.1:${String(port)}`, ...HANDSHAKE, ...headers }))
      return page(socket)
    },
  }
}

const HANDSHAKE = {
  'Connection': 'Upgrade',
  'Upgrade': 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': Buffer.from('harbour radio 00').toString('base64'),
  'Sec-WebSocket-Protocol': 'vite-hmr',
}

function head(firstLine: string, headers: Headers): string {
  const lines = Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]))
  return `${[`${firstLine} HTTP/1.1`, ...lines].join('\r\n')}\r\n\r\n`
}

function readToEnd(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    const timer = setTimeout(() => { socket.destroy() }, WITHIN_MS)
    socket.setEncoding('utf8').on('data', (chunk: string) => { text += chunk })
    socket.once('close', () => {
      clearTimeout(timer)
      resolve(text)
    })
  })
}

async function page(socket: Socket): Promise<RawPage> {
  let bytes = Buffer.alloc(0)
  const closed = new Promise<void>((resolve) => { socket.once('close', () => { resolve() }) })
  const answered = new Promise<void>((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk])
      if (bytes.includes('\r\n\r\n')) resolve()
    })
  })
  await Promise.race([answered, closed])
  const isOpen = bytes.toString('latin1').startsWith('HTTP/1.1 101')
  const sendText = (text: string): void => { socket.write(frame(Buffer.from(text))) }
  return {
    isOpen,
    refusal: isOpen ? '' : bytes.toString('latin1'),
    sendText,
    sendJson: (value) => { sendText(JSON.stringify(value)) },
    received: () => jsonFrames(bytes.subarray(bytes.indexOf('\r\n\r\n') + 4)),
    closed,
    close: () => { socket.destroy() },
  }
}

/** A final text frame under a mask of zeros. @see RFC 6455, section 5.2 */
function frame(payload: Buffer): Buffer {
  const start = Buffer.alloc(14)
  start[0] = 0x81
  start[1] = 0x80 | 127
  start.writeBigUInt64BE(BigInt(payload.length), 2)
  return Buffer.concat([start, payload])
}

/** What a server sends: frames without a mask, each whole. */
function jsonFrames(bytes: Buffer): unknown[] {
  const values: unknown[] = []
  for (let at = 0; at + 2 <= bytes.length;) {
    const short = (bytes[at + 1] ?? 0) & 0x7f
    const start = at + (short === 127 ? 10 : short === 126 ? 4 : 2)
    const length = short === 127 ? Number(bytes.readBigUInt64BE(at + 2)) : short === 126 ? bytes.readUInt16BE(at + 2) : short
    if (start + length > bytes.length) break
    if ((bytes[at] ?? 0) === 0x81) values.push(JSON.parse(bytes.toString('utf8', start, start + length)))
    at = start + length
  }
  return values
}
