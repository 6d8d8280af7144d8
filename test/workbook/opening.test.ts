/** The three statements that open a chapter become one block, and nothing that stands near them is lost. */
import { createMarkdownRenderer } from 'vitepress'
import { expect, test } from 'vitest'
import { DOCS } from '../../docs/.vitepress/chapters.ts'
import { openings } from '../../docs/.vitepress/opening.ts'

const STATEMENTS = ['**You will be able to** ask.', '**You need** nothing.', '**It takes** a day.']
const BLOCK = ['You will be able to</strong> <span>ask.', 'You need</strong> <span>nothing.', 'It takes</strong> <span>a day.']
  .map((text) => `<p><strong>${text}</span></p>`).join('')

const { render } = await createMarkdownRenderer(DOCS, { config: openings })

test.each([
  ['on lines of one paragraph', STATEMENTS.join('\n')],
  ['each a paragraph', STATEMENTS.join('\n\n')],
])('statements %s are one block, before a story without a heading', (_, statements) => {
  const page = html(`# A title\n\n${statements}\n\nThe story.\n\n<Figure />\n\n## A section\n`)
  expect(page).toContain(`<div class="opening">${BLOCK}</div><p>The story.</p>`)
})

test('statements with something between them stay as they are', () => {
  const page = html(`# A title\n\n${STATEMENTS.join('\n\nThe story.\n\n')}\n\n## A section\n`)
  expect(page).not.toContain('class="opening"')
  expect(page.match(/<p>The story\.<\/p>/g)).toHaveLength(2)
})

function html(markdown: string): string {
  return render(markdown).replace(/\n/g, '')
}
