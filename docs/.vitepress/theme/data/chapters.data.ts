import { defineLoader } from 'vitepress'
import { findParts, type Chapter } from '../../chapters.ts'
import { chapterEffort, inFives, readingMinutes } from '../../minutes.ts'

interface ListedChapter extends Chapter {
  /** To read it, in fives. */
  minutes: number
  /** How many its lab has. */
  checks: number
}

interface ListedPart {
  name: string
  chapters: ListedChapter[]
}

declare const data: ListedPart[]
export { data }

export default defineLoader({
  watch: ['../../../[0-9][0-9]-*/index.md', '../../../../test/{*.test.ts,[0-9][0-9]-*/*.ts}'],
  load: (): ListedPart[] => findParts().map(({ name, chapters }) => ({ name, chapters: chapters.map(listed) })),
})

function listed(chapter: Chapter): ListedChapter {
  const effort = chapterEffort(chapter.slug)
  return { ...chapter, minutes: inFives(readingMinutes(effort)), checks: effort.checks }
}
