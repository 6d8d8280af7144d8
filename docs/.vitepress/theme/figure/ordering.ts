import { stream } from './random.ts'

/** A line to put in its place. */
export interface OrderLine {
  text: string
  /** Why it stands where it stands, or why it has no place. */
  because: string
  /** True: it belongs nowhere and must be left out. */
  extra?: boolean
}

/** Where the reader has put the lines, and which were left out. Numbers are places in the right order. */
export interface Arrangement {
  kept: number[]
  out: number[]
}

/** The lines mixed, always in the same way for one exercise, and never in the right order. */
export function mix(id: string, lines: readonly OrderLine[]): Arrangement {
  const right = lines.map((_, index) => index)
  const { shuffled } = stream(1, id)
  const isExtra = (index: number): boolean => lines[index]?.extra === true
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const kept = shuffled(right)
    const wanted = kept.filter((index) => !isExtra(index))
    if (firstWrong(lines, { kept: wanted, out: right.filter(isExtra) }) !== undefined) return { kept, out: [] }
  }
  return { kept: right.toReversed(), out: [] }
}

/** One line moved by `by` places; at an end it stays. */
export function move({ kept, out }: Arrangement, place: number, by: -1 | 1): Arrangement {
  const [line, other] = [kept[place], kept[place + by]]
  if (line === undefined || other === undefined) return { kept, out }
  const moved = [...kept]
  moved[place] = other
  moved[place + by] = line
  return { kept: moved, out }
}

/** One line left out, or put back at the end. */
export function leaveOut({ kept, out }: Arrangement, line: number): Arrangement {
  if (out.includes(line)) return { kept: [...kept, line], out: out.filter((one) => one !== line) }
  return { kept: kept.filter((one) => one !== line), out: [...out, line] }
}

/** The first line that does not stand where it should, or is out and should not be; undefined when all is right. */
export function firstWrong(lines: readonly OrderLine[], { kept, out }: Arrangement): { line: number; place: number } | undefined {
  const wanted = lines.filter(({ extra }) => extra !== true).map(({ text }) => text)
  const place = kept.findIndex((line, index) => lines[line]?.text !== wanted[index])
  if (place >= 0) return { line: kept[place] ?? 0, place }
  const missing = out.find((line) => lines[line]?.extra !== true)
  return missing === undefined ? undefined : { line: missing, place: -1 }
}
