/**
 * Puts values in the place of `$NAME`, `${NAME}`, `${NAME:-default}` and `${NAME:+other}`. An unknown name is empty, and `\$` stays a `$`.
 * @see https://docs.docker.com/reference/dockerfile/#environment-replacement
 */
export function expand(text: string, values: ReadonlyMap<string, string>): string {
  const pattern = /\\(\$)|\$(\w+)|\$\{(\w+)(?::([-+])([^}]*))?\}/g
  return text.replace(pattern, (_all, escaped?: string, plain?: string, braced?: string, operator?: string, word: string = ''): string => {
    if (escaped !== undefined) return '$'
    const value = values.get(plain ?? braced ?? '') ?? ''
    if (operator === '-') return value === '' ? word : value
    if (operator === '+') return value === '' ? '' : word
    return value
  })
}
