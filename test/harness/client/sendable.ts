import { validateHeaderValue } from 'node:http'
import { CheckFailure } from '../failure.ts'
import type { Story } from '../story.ts'
import type { Prepared } from './describe.ts'

/**
 * What a check sends is partly made of what the program has answered: an id in a path, a token in a header. What
 * no request can carry is the program's mistake.
 * @throws CheckFailure
 */
export function assertSendable({ path, headers }: Pick<Prepared, 'path' | 'headers'>, story: Story): void {
  if (/[\u0000-\u0020\u007f]/.test(path)) refuse('the path of a request', path, story)
  for (const [name, value] of Object.entries(headers)) {
    if (!isHeaderValue(name, value)) refuse(`the header ${name}`, value, story)
  }
}

function isHeaderValue(name: string, value: string): boolean {
  try {
    validateHeaderValue(name, value)
    return true
  } catch {
    return false
  }
}

function refuse(where: string, value: string, story: Story): never {
  story.failedStep(`${where} can be sent`)
  const message = `HTTP cannot carry this in ${where}: ${JSON.stringify(value)}. Spaces, line ends and the like must be escaped in a path, and a header takes visible characters alone. Which answer of your program did it come from?`
  throw new CheckFailure(message, { expected: 'visible characters', actual: value })
}
