import type { Option } from '../.vitepress/theme/figure/options.ts'
import type { OrderLine } from '../.vitepress/theme/figure/ordering.ts'

/** What a path that names no route brings. */
export const foreignFile: readonly Option[] = [
  { text: 'The text of the file', because: 'This program has one route, `/`. It never looks into its folder.' },
  { text: 'Nothing: 0 bytes', because: 'Silence is no answer. The client would wait, and could not tell a missing thing from a slow server. A server that has nothing says so.' },
  { text: 'A refusal, shorter than 257 bytes', because: 'A status line and a length would do, and a program written by hand may leave it at that. Express adds headers here, too, and a small web page for people.' },
  { text: 'A refusal, longer than 257 bytes', right: true, because: '418 bytes: eight headers instead of seven, and 146 bytes of web page that say `Cannot GET /mine.ts`. A refusal is an answer like any other.' },
]

/** An answer to put together, its line ends shown as signs. */
export const linesOfAnAnswer: readonly OrderLine[] = [
  { text: 'HTTP/1.1 200 OK\\r\\n', because: 'The status line is the first: a client may stop reading there.' },
  { text: 'Content-Length: 27\\r\\n', because: 'Headers come after the status line and before the empty line. This one says when to stop counting.' },
  { text: '\\r\\n', because: 'The empty line says that the headers are over. Without it the client would take the body for one more header.' },
  { text: 'Harbour Radio is on the air', because: 'The body is last. Nothing ends it: its 27 bytes have been announced.' },
  { text: 'GET / HTTP/1.1\\r\\n', extra: true, because: 'This is what a client says: it begins a request.' },
  { text: 'Harbour Radio is on the air\\r\\n', extra: true, because: 'That would be 29 bytes, and 27 are announced. No CRLF ends a body.' },
]

/** The lines by which the solution comes to its port. */
export const stepsToThePort: readonly { lines: string; text: string }[] = [
  { lines: '1', text: 'Whoever starts the program names the port. What stands in the environment is text, so `Number` makes a number of it; where there is none, it is 3000.' },
  { lines: '2', text: 'From here on the process waits for others to speak first. `127.0.0.1` is the address by which a computer means itself: programs on this computer reach the server, and nobody else does.' },
  { lines: '3', text: 'This runs once the system has handed the port over. The line is for people; no check reads it.' },
  { lines: '4', text: 'The process goes on until somebody ends it: `Ctrl+C` in its terminal, or the signal SIGTERM from another process. Node ends on that signal without a line of yours.' },
]

/** What makes a server. */
export const whoIsTheServer: readonly Option[] = [
  { text: 'The machine: the larger one is the server', because: 'The two may run on one machine, as in this lab. A computer under a desk with one busy process is no less of a server.' },
  { text: 'The library: what uses Express is a server', because: 'Express helps to answer. `python3 -m http.server` answers without it, and a program with Express that asks others is their client.' },
  { text: 'Who waits and who speaks first', right: true, because: 'They are roles. One process can have both, towards different others, and in the second half of this book each of them has.' },
]

/** A body that is longer than announced. */
export const whoCounts: readonly Option[] = [
  { text: 'An error: the answer is broken', because: 'Up to the 27th byte all is in order, and the client has no reason to doubt it. The trouble comes with the next answer.' },
  { text: 'The text and a line break: 28 bytes', because: 'The client stops where `Content-Length` tells it to stop, not where the sender did.' },
  { text: 'The right text, and a stray byte is left for the next answer', right: true, because: 'It reads 27 bytes and stops. On a connection that stays open the 28th stands before the next status line; some clients skip it, some give up. Whoever wrote the length by hand is the one to blame.' },
]
