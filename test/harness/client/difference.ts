import { isDeepStrictEqual } from 'node:util'

/** Where two JSON values first differ. */
export interface Difference {
  /** `[0].title`; empty for the whole value. */
  path: string
  /** As JSON, or `nothing` when the other side has a member more. */
  expected: string
  actual: string
}

/** The first difference of two values that JSON can carry, members in the order of `expected`; undefined when they are equal. */
export function firstDifference(expected: unknown, actual: unknown): Difference | undefined {
  // As it would travel: a member that is undefined is not there.
  return compare(JSON.parse(JSON.stringify(expected) ?? 'null'), actual, '')
}

function compare(expected: unknown, actual: unknown, path: string): Difference | undefined {
  if (isDeepStrictEqual(expected, actual)) return undefined
  const isSameShape = isContainer(expected) && isContainer(actual) && Array.isArray(expected) === Array.isArray(actual)
  if (!isSameShape) return { path, expected: asJson(expected), actual: asJson(actual) }
  for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
    const difference = compareMember(expected, actual, key, `${path}${step(key, Array.isArray(expected))}`)
    if (difference !== undefined) return difference
  }
  return { path, expected: asJson(expected), actual: asJson(actual) }
}

function compareMember(
  expected: Record<string, unknown>,
  actual: Record<string, unknown>,
  key: string,
  path: string,
): Difference | undefined {
  if (!Object.hasOwn(actual, key)) return { path, expected: asJson(expected[key]), actual: 'nothing' }
  if (!Object.hasOwn(expected, key)) return { path, expected: 'nothing', actual: asJson(actual[key]) }
  return compare(expected[key], actual[key], path)
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function step(key: string, isIndex: boolean): string {
  if (isIndex) return `[${key}]`
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`
}

function asJson(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}
