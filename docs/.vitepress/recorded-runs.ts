import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DOCS, findChapters } from './chapters.ts'

/** What `npm run record` writes beside a chapter. */
export const RECORDING_FILE = 'recorded-run.json'

interface Recording {
  /** Of which programs and checks it was made: `recordedOf` in the harness. */
  of?: string
  checks: { id: string; measures?: unknown }[]
}

/** A lab that is not recorded yet has no checks here. */
export function readRecording(slug: string): Recording {
  const file = join(DOCS, slug, RECORDING_FILE)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Recording) : { checks: [] }
}

/** `slug/check` of all recordings. */
export function recordedKeys(): string[] {
  return findChapters().flatMap(({ slug }) => readRecording(slug).checks.map((check) => `${slug}/${check.id}`))
}

/**
 * Says which `<RecordedRun>` or `<Measured>` of a page has no recording, and what makes one.
 * @param page its path, for the sentence
 * @param recorded `slug/check` of all recordings
 * @returns a sentence, or undefined when each has one
 */
export function missingRun(page: string, markdown: string, recorded: readonly string[]): string | undefined {
  for (const [tag] of withoutCode(markdown).matchAll(/<(?:RecordedRun|Measured)\b[^>]*>/g)) {
    const [slug, check] = [attribute(tag, 'slug'), attribute(tag, 'check')]
    if (recorded.includes(`${slug}/${check}`)) continue
    return `${page} draws the recorded run of the check "${check}" of ${slug}, which is not recorded. `
      + `Correct the check's id there, or record the lab: npm run record ${slug.slice(0, 2)}`
  }
  return undefined
}

function attribute(tag: string, name: string): string {
  return new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1] ?? ''
}

/** What stands in a code block or between backticks is shown, not drawn. */
function withoutCode(markdown: string): string {
  return markdown.replace(/^(```+)[\s\S]*?^\1/gm, '').replace(/`[^`\n]*`/g, '')
}
