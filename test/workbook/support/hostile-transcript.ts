import { plainLine } from '../../harness/reporters/plain.ts'
import type { Problem, Verdict } from '../../harness/types/index.ts'

/** What a learner is told of a program, as far as it is the same in each run. */
export function transcriptOf(name: string, { problem, checks, remarks }: Verdict): string {
  const told = problem === null ? checks.filter((check) => check.state !== 'passed').flatMap((check) => [
    `  ${check.state === 'failed' ? '✗' : '–'} ${check.id}: ${plainLine(check.message ?? '', 1_000)}`,
    ...(check.problem === undefined ? [] : problemLines(check.problem)),
  ]) : [`  ✗ ${plainLine(problem.title, 1_000)}`, ...problemLines(problem)]
  return [`== ${name}`, ...told, ...remarks.map((remark) => `  Remark: ${remark}`)].map(steady).join('\n')
}

function problemLines({ code, file, line, hint }: Problem): string[] {
  // In a loop it depends on the moment which of its lines is met.
  const where = file === undefined ? '' : ` in ${file}${line === undefined || code === 'endless-loop' ? '' : `:${String(line)}`}`
  return [`      ${code}${where}`, `      ${hint}`]
}

/** Without what differs from run to run: ports, processes, times, how much of a flood had come. */
function steady(text: string): string {
  return text
    .replace(/ at line \d+ for/, ' for')
    .replace(/(process) \d+ \([^)]*\)/g, '$1 N')
    .replace(/\b(1[2-9]|2\d|3[01])\d{3}\b(?! bytes)/g, 'PORT')
    .replace(/\b\d+(\.\d+)? (s|ms|MiB)\b/g, 'N $2')
    .replace(/\b\d{1,3}(,\d{3})+ bytes\b/g, 'N bytes')
    .replace(/(what came instead: ).*/, '$1…')
    .replace(/\b[0-9a-f]{8}\b/g, 'HEX')
    .replace(/left \d+ process(es)? running/, 'left N running')
}
