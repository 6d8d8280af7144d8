import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { MarkdownRenderer } from 'vitepress'
import { DOCS } from './chapters.ts'

/** Technical prose is read at 150 to 200 words a minute. */
const WORDS_A_MINUTE = 175
const MINUTES_A_TASK = 1
const MINUTES_A_CHECK = 4
const TASK = /<(?:\w*Figure|Predict|Ordering|Quiz|WorkedSteps|RecordedRun)\b/g
/** A tag whole, also one whose attributes hold a `>`. */
const TAG = /<[/a-zA-Z](?:"[^"]*"|'[^']*'|[^>"'])*>/g

/** What a chapter asks of its reader, counted. */
export interface Effort {
  words: number
  /** Figures, predictions, exercises, questions, steps of code and recorded runs. */
  tasks: number
  checks: number
}

/** Counts a chapter. Code, the contents of tags and the sources are not read as prose. */
export function effortOf(markdown: string, checks: string): Effort {
  const read = markdown
    .replace(/^---\n[\s\S]*?\n---\n/, '')
    .replace(/<script\b[\s\S]*?<\/script>/g, '')
    .replace(/^(```+)[\s\S]*?^\1/gm, '')
    .replace(/^<<<.*$/gm, '')
    .replace(/^## Sources$[\s\S]*/m, '')
  return {
    words: (read.replace(TAG, ' ').match(/\S*[\p{L}\p{N}]\S*/gu) ?? []).length,
    tasks: (read.match(TASK) ?? []).length,
    checks: (checks.match(/^check\(/gm) ?? []).length,
  }
}

/** Minutes to read a chapter and to use what is in it. */
export function readingMinutes({ words, tasks }: Effort): number {
  return Math.round(words / WORDS_A_MINUTE + tasks * MINUTES_A_TASK)
}

/** A chapter's effort in a sentence's end, which says that it was counted and how. */
export function effortText(effort: Effort): string {
  const { words, tasks, checks } = effort
  const lab = checks * MINUTES_A_CHECK
  return `about ${spoken(readingMinutes(effort))} to read and ${spoken(lab)} for the lab, by count and not by the clock: `
    + `${words.toLocaleString('en-GB')} words, ${String(tasks)} things to try, ${String(checks)} checks.`
}

/** The effort of the chapter in `docs/<slug>`. */
export function chapterEffort(slug: string): Effort {
  const checks = join(DOCS, '../test', `${slug}.test.ts`)
  return effortOf(readFileSync(join(DOCS, slug, 'index.md'), 'utf8'), existsSync(checks) ? readFileSync(checks, 'utf8') : '')
}

/** Puts what a chapter takes in the place of its `<TimeItTakes />`, as text: no script is needed to show it. */
export function timesItTakes(markdown: MarkdownRenderer): void {
  markdown.core.ruler.push('workbook-time-it-takes', ({ tokens, env }) => {
    const { relativePath = '' } = env as { relativePath?: string }
    for (const { children } of tokens) {
      for (const token of children ?? []) {
        if (token.type !== 'html_inline' || token.content !== '<TimeItTakes />') continue
        Object.assign(token, { type: 'text', content: effortText(chapterEffort(relativePath.split('/')[0] ?? '')) })
      }
    }
  })
}

/** `25 minutes`; from an hour on in quarters: `1 hour 30 minutes`. */
function spoken(minutes: number): string {
  if (minutes < 60) return `${String(minutes)} minutes`
  const quarters = Math.round(minutes / 15) * 15
  const [hours, rest] = [Math.floor(quarters / 60), quarters % 60]
  return `${String(hours)} ${hours === 1 ? 'hour' : 'hours'}${rest === 0 ? '' : ` ${String(rest)} minutes`}`
}
