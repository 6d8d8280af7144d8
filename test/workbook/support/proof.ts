/**
 * True in `npm run test:whole`, which takes longer than each change can wait for: every wrong program is judged by all
 * checks, every hostile one in each kind of lab. `npm test` judges a wrong program by the checks that it names, and by all
 * of them where that costs little.
 */
export const isWhole = process.env['WORKBOOK_PROOF'] === 'whole'

/** Labs in which nothing waits, computes or builds: their whole verdict takes hardly longer than one check. */
const QUICK = /^0[01]-/

/** Whether a lab's wrong programs are judged by all checks, and not only by those that they name. */
export function isJudgedByAll(slug: string): boolean {
  return isWhole || QUICK.test(slug)
}
