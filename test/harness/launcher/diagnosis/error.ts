import type { Problem } from '../../types/index.ts'
import type { UncaughtError } from '../reports.ts'
import type { Case } from './case.ts'
import { diagnoseImport } from './imports.ts'
import { diagnoseListenError } from './listen.ts'
import { ownFrames, ownPlace, readablePath } from './stack.ts'
import { firstLine } from './words.ts'

/** An error that nothing caught, and that ended the program. */
export async function diagnoseError(error: UncaughtError, found: Case): Promise<Problem> {
  const { evidence, root, file } = found
  const listenError = evidence.listenErrors.find((each) => each.code === error.code)
  return (
    diagnoseSyntax(error, root) ??
    diagnoseImport(error, file, root) ??
    (listenError && (await diagnoseListenError(listenError, found))) ??
    diagnoseThrow(error, found)
  )
}

/** What the compiler refuses, in the entry or in a file that it imports; undefined when the error is another one. */
function diagnoseSyntax(error: UncaughtError, root: string): Problem | undefined {
  const found =
    /^(?:\s*)(.+?):(\d+):(\d+): ERROR: (.*)$/m.exec(error.message) ??
    (error.name === 'SyntaxError' ? /^(file:.+?|\/.+?|[A-Z]:\\.+?):(\d+)()$()/m.exec(error.stack) : null)
  if (found === null || /does not provide an export/.test(error.message)) return undefined
  const [, path = '', line, column, reason = ''] = found
  if (/[\\/]node_modules[\\/]/.test(path)) return undefined
  const file = readablePath(path, root)
  return {
    code: 'syntax-error',
    title: `Your program cannot be read: ${firstLine(reason || error.message)} (line ${line}).`,
    hint: 'Look at that line and the one before it for a bracket, a brace, a quote or a comma that is missing or too many.',
    file,
    line: Number(line),
    // esbuild counts columns from 0, editors from 1.
    ...(column === '' ? {} : { column: Number(column) + 1 }),
    evidence: `${file}:${line}${column === '' ? '' : `:${Number(column) + 1}`}: ${reason || error.message}`,
  }
}

function diagnoseThrow(error: UncaughtError, found: Case): Problem {
  const { root, phase } = found
  const message = firstLine(error.message)
  const at = ownPlace(error.stack, root)
  const what = message === '' ? error.name : `${error.name}: ${message}`
  const frames = ownFrames(error.stack, root).map((frame) => `    ${frame.text}`)
  return {
    code: phase === 'start' ? 'threw-at-start' : 'crashed',
    title: `Your program ${phase === 'start' ? 'threw an error before it listened' : 'crashed'}: ${what}`,
    hint: `${cause(error)} ${nextStep(error.origin === 'unhandledRejection', phase)}`,
    ...at,
    evidence: [`${error.name}: ${error.message}`, ...frames].join('\n').slice(0, 2_000),
  }
}

/** The likely cause, for the errors that beginners meet most. */
function cause(error: UncaughtError): string {
  const { name, message } = error
  if (/Cannot read properties of (undefined|null)/.test(message)) return 'Something there is undefined or null where an object was expected.'
  if (/is not a function/.test(message)) return 'What is called there is not a function: look at its spelling and at what it really holds.'
  if (/is not iterable/.test(message)) return 'What is looped over or spread there is not a list.'
  if (name === 'ReferenceError') return 'That name is not defined there: look at its spelling, or declare or import it first.'
  if (/in JSON at position|Unexpected end of JSON|is not valid JSON/.test(message)) return 'JSON.parse was given text that is not JSON.'
  if (name === 'URIError') return 'decodeURIComponent was given a broken escape such as %zz.'
  if (/headers after they are sent|write after end/i.test(message)) return 'One request was answered twice: a return may be missing after the first answer.'
  if (name === 'string' || name === 'object' || name === 'undefined') return 'Something that is no Error was thrown.'
  return 'Nothing caught this error.'
}

function nextStep(isRejection: boolean, phase: Case['phase']): string {
  if (phase === 'start') return 'Begin with the line that it names.'
  if (isRejection) return 'It came from a promise: await it where you can catch, and answer with an error status instead.'
  return 'One bad request must not end the server for everyone: check what comes in, or catch and answer with an error status.'
}
