/** A step of a worked example: what some lines of the quoted code do. */
export interface WorkedStep {
  lines: string
  text: string
}

/** The first lines of the solution's Dockerfile. */
export const imageSteps: readonly WorkedStep[] = [
  { lines: '1', text: 'What the image begins from: Node, and the system that it needs. All that follows is laid upon it.' },
  { lines: '2-3', text: 'A variable that the image sets, by which libraries know that nobody is developing here, and the folder in which the next lines work.' },
  { lines: '4', text: 'Two files alone. Their layer is kept until one of them changes, however often `server.ts` does.' },
  { lines: '5', text: 'What npm makes of them, without the linter. As long as the layer below is kept, this one is, and npm does not run.' },
]
