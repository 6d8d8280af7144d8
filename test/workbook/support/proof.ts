import { rejectedBy } from './programs.ts'

/**
 * True in `npm run test:whole`, which takes longer than each change can wait for: every wrong program is judged by all
 * checks, every hostile one in each kind of lab. `npm test` judges a wrong program by the checks that it names, and by all
 * of them where that costs little; where one costs seconds, it judges some for each check.
 */
export const isWhole = process.env['WORKBOOK_PROOF'] === 'whole'

/** Labs in which nothing waits, computes or builds: their whole verdict takes hardly longer than one check. */
const QUICK = /^0[01]-/

/** Labs in which a program's image is built, or its peers link: seconds for each wrong program. */
const COSTLY = /^(03|10)-/

/** How many wrong programs of a costly lab are judged for each check that they name first. */
const ENOUGH = 2

/** Those of a lab’s wrong programs that are judged now, some for each check. */
export function chosenPrograms<T extends { file: string }>(slug: string, programs: readonly T[]): T[] {
  if (isWhole || !COSTLY.test(slug)) return [...programs]
  const counts = new Map<string, number>()
  return programs.filter(({ file }) => {
    const [check = ''] = rejectedBy(file)
    const count = (counts.get(check) ?? 0) + 1
    counts.set(check, count)
    return count <= ENOUGH
  })
}

/** Whether a lab's wrong programs are judged by all checks, and not only by those that they name. */
export function isJudgedByAll(slug: string): boolean {
  return isWhole || QUICK.test(slug)
}
