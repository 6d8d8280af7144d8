/** Why an image cannot be built from a learner's folder: a finding for a verdict, and no fault of the engine. */
export class BuildProblem extends Error {
  override readonly name = 'BuildProblem'
  /** Of the Dockerfile, from 1 on; undefined when no line of it is to blame. */
  readonly line?: number

  /** @param place the line of the Dockerfile, and how it reads */
  constructor(message: string, place?: { line: number; text: string }) {
    super(place === undefined ? message : `Dockerfile, line ${String(place.line)}, \`${shorten(place.text)}\`: ${message}`)
    if (place !== undefined) this.line = place.line
  }
}

/** What only a real engine can do. The line may be right; the builder here does not know it. */
export function needsEngine(place: { line: number; text: string }, what: string): BuildProblem {
  return new BuildProblem(`this line needs an engine (podman or Docker). ${what}`, place)
}

function shorten(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}
