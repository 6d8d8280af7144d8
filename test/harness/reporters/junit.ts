import type { CheckResult, Verdict } from '../types/index.ts'
import { plainText } from './plain.ts'
import { failureSections, problemSections, type Section } from './sections.ts'

/**
 * Verdicts as one JUnit XML document: a suite for each lab, a test case for each check. A closed gate
 * is the error of a test case of its own, and the checks behind it are skipped. Of several runs of one lab
 * each has its number.
 * @see https://github.com/testmoapp/junitxml
 */
export function junitReport(verdicts: readonly Verdict[]): string {
  const suites = verdicts.map((verdict) => suite(verdict, nameOf(verdict, verdicts)))
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites${attributes({ name: 'Harbour Radio' })}>\n${suites.join('')}</testsuites>\n`
}

/** `01-request-response`, or `01-request-response, run 3 of 100`. */
function nameOf(verdict: Verdict, verdicts: readonly Verdict[]): string {
  const runs = verdicts.filter(({ lab }) => lab === verdict.lab)
  return runs.length === 1 ? verdict.lab : `${verdict.lab}, run ${String(runs.indexOf(verdict) + 1)} of ${String(runs.length)}`
}

function suite(verdict: Verdict, name: string): string {
  const { checks, problem } = verdict
  const counted = (state: CheckResult['state']): number => checks.filter((check) => check.state === state).length
  const head = attributes({
    name,
    tests: checks.length + (problem === null ? 0 : 1),
    failures: counted('failed'),
    errors: problem === null ? 0 : 1,
    skipped: counted('skipped'),
    time: seconds(verdict.ms),
  })
  const cases = [...gate(verdict), ...checks.map((check) => testCase(verdict.lab, check))]
  const remarks = verdict.remarks.length === 0 ? '' : `    <system-out>${escapeXml(verdict.remarks.join('\n'))}</system-out>\n`
  return `  <testsuite${head}>\n${properties(verdict)}${cases.join('')}${remarks}  </testsuite>\n`
}

function properties(verdict: Verdict): string {
  const values = { target: verdict.target, seed: verdict.seed, ...(verdict.shake !== undefined && { shake: verdict.shake }) }
  const lines = Object.entries(values).map(([name, value]) => `      <property${attributes({ name, value })}/>\n`)
  return `    <properties>\n${lines.join('')}    </properties>\n`
}

function gate({ lab, problem }: Verdict): string[] {
  if (problem === null) return []
  const about = attributes({ message: problem.title, type: problem.code })
  const text = told(problem.title, problemSections(problem, problem.title))
  return [element(lab, 'the program starts and listens', 0, `      <error${about}>${escapeXml(text)}</error>\n`)]
}

function testCase(lab: string, check: CheckResult): string {
  return element(lab, `${check.id}: ${check.title}`, check.ms, outcome(check))
}

function outcome(check: CheckResult): string {
  const message = check.message ?? ''
  if (check.state === 'passed') return ''
  if (check.state === 'skipped') return `      <skipped${attributes({ message })}/>\n`
  const text = told(message, failureSections(check))
  const about = attributes({ message, type: check.problem?.code ?? 'check-failed' })
  return `      <failure${about}>${escapeXml(text)}</failure>\n`
}

function element(lab: string, name: string, ms: number, content: string): string {
  const head = attributes({ classname: lab, name, time: seconds(ms) })
  return content === '' ? `    <testcase${head}/>\n` : `    <testcase${head}>\n${content}    </testcase>\n`
}

function told(message: string, sections: readonly Section[]): string {
  const parts = sections.map(({ heading, lines }) => `${heading}:\n${lines.map((line) => `  ${line}`).join('\n')}`)
  return [message, ...parts].join('\n\n')
}

function attributes(values: Record<string, string | number>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value)).replaceAll('\n', '&#10;').replaceAll('\t', '&#9;')}"`)
    .join('')
}

/** XML 1.0 has no way at all to write most control characters, so they are shown as text. */
function escapeXml(text: string): string {
  return plainText(text)
    .replace(/[\ufffe\uffff]/g, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(3)
}
