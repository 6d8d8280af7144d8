/** The next high water, now in feet. */
export function highWater() {
  return { time: '05:40', feet: 11.2 }
}
