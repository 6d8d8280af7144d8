/** The options of `npm run check`: parsed from this table, and documented from it. */
export interface OptionHelp {
  name: string
  type: 'string' | 'boolean'
  /** What stands behind it: `<path>`. */
  value?: string
  help: string
}

export const CHECK_OPTIONS: readonly OptionHelp[] = [
  { name: 'file', type: 'string', value: '<path>', help: 'Judge this program instead of mine.ts.' },
  { name: 'command', type: 'string', value: '"<command>"', help: 'Judge what this command starts, in any language: "python3 server.py".' },
  { name: 'url', type: 'string', value: '<url>', help: 'Judge a server that runs already, here or on a classmate\'s machine; checks that start or stop the program are skipped.' },
  { name: 'json', type: 'boolean', help: 'Print the verdict as one JSON object (several labs: one a line). With npm, add --silent before the script\'s name.' },
  { name: 'junit', type: 'string', value: '<file>', help: 'Also write the verdicts as JUnit XML.' },
  { name: 'watch', type: 'boolean', help: 'Judge again at each save, until Ctrl+C.' },
  { name: 'cold', type: 'boolean', help: 'Start a fresh process each time; never take one that was warmed up.' },
  { name: 'all', type: 'boolean', help: 'Tell every failed check in full, not the first one alone.' },
  { name: 'hints', type: 'boolean', help: 'Tell all three hints of a failed check: the concept, where to look, what to change.' },
  { name: 'seed', type: 'string', value: '<number>', help: 'Repeat a run with the random values of an earlier one.' },
  { name: 'shake', type: 'string', value: '<seed>', help: 'Shake what goes over the wire, where HTTP allows it: in pieces, late, on connections that close. The same seed shakes alike; with --repeat each run takes the next one.' },
  { name: 'repeat', type: 'string', value: '<n>', help: 'Judge n times. Each failure is told with how to repeat it; in the end, how many runs failed and how long they took.' },
  { name: 'help', type: 'boolean', help: 'Print this text.' },
]

export const CHECK_USAGE = 'npm run check [lab …] -- [options]'

export const EXIT_CODES: readonly { code: number; meaning: string }[] = [
  { code: 0, meaning: 'Every check passed.' },
  { code: 1, meaning: 'A check failed, or the program did not come so far.' },
  { code: 2, meaning: 'Could not judge; the reason is on stderr.' },
]

/** The help text of `npm run check -- --help`. */
export function checkHelp(): string {
  const left = CHECK_OPTIONS.map(({ name, value }) => `--${name}${value === undefined ? '' : ` ${value}`}`)
  const width = Math.max(...left.map((text) => text.length))
  const options = CHECK_OPTIONS.map(({ help }, index) => `  ${(left[index] ?? '').padEnd(width)}  ${help}`)
  const codes = EXIT_CODES.map(({ code, meaning }) => `  ${String(code)}  ${meaning}`)
  return [
    `Usage: ${CHECK_USAGE}`,
    '',
    'A lab is named by its number (01), its name or both. Without one, all labs you have begun are judged.',
    '',
    'Options:',
    ...options,
    '',
    'Exit codes:',
    ...codes,
    '',
  ].join('\n')
}
