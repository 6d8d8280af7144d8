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
