import type { ProgramOutput } from '../types/index.ts'

/** Keeps the beginning and the end of what a program prints, and counts the rest. */
export interface OutputKeeper {
  add(stream: 'stdout' | 'stderr', chunk: Buffer): void
  read(): ProgramOutput
}

/** @param maxBytes kept of both streams together */
export function createOutputKeeper(maxBytes: number): OutputKeeper {
  const streams = { stdout: createTape(maxBytes / 2), stderr: createTape(maxBytes / 2) }
  let totalBytes = 0
  return {
    add(stream, chunk) {
      totalBytes += chunk.length
      streams[stream].add(chunk)
    },
    read: () => ({ stdout: streams.stdout.text(), stderr: streams.stderr.text(), totalBytes }),
  }
}

interface Tape {
  add(chunk: Buffer): void
  text(): string
}

/** A quarter for how it began, the rest for how it ended: errors come last. */
function createTape(maxBytes: number): Tape {
  const headMax = Math.floor(maxBytes / 4)
  const tailMax = Math.floor(maxBytes) - headMax
  let head = Buffer.alloc(0)
  let tail: Buffer[] = []
  let tailBytes = 0
  let leftOut = 0

  function addToTail(chunk: Buffer): void {
    tail.push(chunk)
    tailBytes += chunk.length
    if (tailBytes <= 2 * tailMax) return
    // A copy, so that the whole chunk behind a slice is not kept alive.
    const kept = Buffer.from(Buffer.concat(tail).subarray(-tailMax))
    leftOut += tailBytes - kept.length
    tail = [kept]
    tailBytes = kept.length
  }

  return {
    add(chunk) {
      const room = headMax - head.length
      if (room > 0) head = Buffer.concat([head, chunk.subarray(0, room)])
      if (chunk.length > room) addToTail(chunk.subarray(Math.max(room, 0)))
    },
    text() {
      const kept = Buffer.concat(tail).subarray(-tailMax)
      const missing = leftOut + tailBytes - kept.length
      const gap = missing > 0 ? `\n… ${missing} bytes left out …\n` : ''
      return head.toString('utf8') + gap + kept.toString('utf8')
    },
  }
}
