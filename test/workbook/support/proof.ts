/**
 * True in `npm run test:whole`, which takes longer than each change can wait for: every wrong program is judged by all
 * checks, every hostile one in each kind of lab. `npm test` judges a wrong program by the checks that it names, and by all
 * of them where that costs little, and a share of the rest.
 */
export const isWhole = process.env['WORKBOOK_PROOF'] === 'whole'

/** Of labs whose whole verdict is long, one wrong program in so many is judged by all checks in `npm test`, too. */
const SHARE = 8

/** Labs in which nothing waits, computes or builds: their whole verdict takes hardly longer than one check. */
const QUICK = /^0[01]-/

/** Whether a wrong program is judged by all checks, and not only by those that it names. @param index its place in its lab's list */
export function isJudgedByAll(slug: string, index: number): boolean {
  return isWhole || QUICK.test(slug) || index % SHARE === 0
}
