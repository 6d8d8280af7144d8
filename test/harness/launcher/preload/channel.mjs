// @ts-check
/** The pipe to the launcher: file descriptor 3, as long as it is the launcher's. */
import { fstatSync, writeSync } from 'node:fs'

export const CHANNEL = 3
// Taken now: a program may replace the global one.
const { stringify } = JSON

/**
 * Which pipe descriptor 3 is; undefined where the system does not tell, or where it is closed. A program that
 * closes the channel gets its number for the next file or connection it opens.
 * @returns {string | undefined}
 */
export function identifyChannel() {
  try {
    const { dev, ino } = fstatSync(CHANNEL)
    return `${dev} ${ino}`
  } catch {
    return undefined
  }
}

/**
 * Reports synchronously, so that what is said right before the end still arrives. Says nothing once the program
 * has closed the channel: the line would go into a file or an answer of its own.
 * @param {string | undefined} channel what {@link identifyChannel} said before the program ran
 * @returns {(message: object) => void}
 */
export function createReport(channel) {
  return (message) => {
    if (identifyChannel() !== channel) return
    try {
      writeSync(CHANNEL, `${stringify(message)}\n`)
    } catch {
      // Nobody listens any more, which the watchdog notices.
    }
  }
}
