import type { AnswerDifference, TraceEvent } from '../../types/index.ts'
import type { Renaming } from './renaming.ts'

/** Headers that differ from run to run, or follow from what does. */
const CHANCE = /^(date|etag|last-modified|expires|connection|keep-alive):/i

/** An answer as one text: start line, headers, an empty line, the body. */
export function answerText(answer: TraceEvent): string {
  const { head = '', body = '' } = answer.detail
  return head === '' ? answer.summary : `${head}\n${body}`
}

/** Where two answers first differ, dates and made-up ids aside; undefined when they do not. */
export function answerDifference(recorded: string, now: string, renaming: Renaming): AnswerDifference | undefined {
  const [left, right] = [linesOf(recorded, renaming), linesOf(now, renaming)]
  for (let place = 0; place < Math.max(left.length, right.length); place += 1) {
    const [before, after] = [left[place], right[place]]
    const at = firstUnlike(before?.text ?? '', after?.text ?? '', renaming)
    if (before !== undefined && after !== undefined && at === undefined) continue
    return {
      recordedAt: (before?.at ?? recorded.length) + (at?.[0] ?? 0),
      nowAt: (after?.at ?? now.length) + (at?.[1] ?? 0),
      where: placeOf(before ?? after),
    }
  }
  return undefined
}

interface Line {
  text: string
  /** Its first character's place in the whole text. */
  at: number
  part: 'start' | 'header' | 'body'
}

/** The lines that count. A length follows from the ids, if these have changed. */
function linesOf(text: string, renaming: Renaming): Line[] {
  let at = 0
  let part: Line['part'] = 'start'
  const lines: Line[] = []
  for (const line of text.split('\n')) {
    const isLeftOut = part === 'header' && (CHANCE.test(line) || (renaming.size > 0 && /^content-length:/i.test(line)))
    if (part !== 'body' && line === '' && lines.length > 0) part = 'body'
    if (!isLeftOut) lines.push({ text: line, at, part })
    if (part === 'start') part = 'header'
    at += line.length + 1
  }
  return lines
}

/** Compared word by word, so that an id stands for its counterpart; undefined when the lines say the same. */
function firstUnlike(before: string, now: string, renaming: Renaming): [number, number] | undefined {
  const [left, right] = [wordsOf(before), wordsOf(now)]
  for (let place = 0; place < Math.max(left.length, right.length); place += 1) {
    const [old, fresh] = [left[place], right[place]]
    if (old !== undefined && fresh !== undefined && renaming.isSame(old.text, fresh.text)) continue
    const alike = commonLength(old?.text ?? '', fresh?.text ?? '')
    return [(old?.at ?? before.length) + alike, (fresh?.at ?? now.length) + alike]
  }
  return undefined
}

function wordsOf(line: string): { text: string; at: number }[] {
  return [...line.matchAll(/[\w.:~-]+|[^\w]/gu)].map((match) => ({ text: match[0], at: match.index }))
}

function commonLength(one: string, other: string): number {
  let length = 0
  while (length < one.length && one[length] === other[length]) length += 1
  return length
}

function placeOf(line: Line | undefined): string {
  if (line?.part === 'header') {
    const name = /^[^:]+/.exec(line.text)?.[0]
    return name === undefined ? 'the headers' : `the header ${name}`
  }
  return line?.part === 'body' ? 'the body' : 'the status line'
}
