/** The next high water. */
export function highWater() {
  return { time: '05:40', metres: 3.4 }
}
