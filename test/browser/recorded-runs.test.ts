import { describe, expect, test } from 'vitest'
import { missingRun } from '../../docs/.vitepress/recorded-runs.ts'

const RECORDED = ['01-request-response/lists']

describe('a page that draws a recorded run', () => {
  test('is right when the check is recorded, or shown in code alone', () => {
    expect(missing('<RecordedRun slug="01-request-response" check="lists" />')).toBeUndefined()
    expect(missing('`<RecordedRun slug="01-request-response" check="gone" />`\n\n```md\n<RecordedRun slug="x" check="y" />\n```')).toBeUndefined()
  })

  test('is refused with its name, the check and the command that records it', () => {
    const sentence = missing('# A page\n\n<RecordedRun\n  check="gone"\n  slug="01-request-response"\n/>')
    expect(sentence).toMatch(/^docs\/01-request-response\/index\.md .*"gone".*npm run record 01$/)
  })
})

function missing(markdown: string): string | undefined {
  return missingRun('docs/01-request-response/index.md', markdown, RECORDED)
}
