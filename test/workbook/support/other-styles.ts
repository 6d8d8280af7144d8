import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const FOLDER = fileURLToPath(new URL('../fixtures/other-style/', import.meta.url))

/** A right program that is made differently than its lab's reference. */
export interface OtherStyle {
  /** `01-request-response.hono.ts`: the lab's slug and what is different. */
  name: string
  /** The script, also of a program that is a folder; absolute. */
  file: string
  isPython: boolean
}

/** The right programs in other styles, sorted by name. @param slug of this lab alone */
export function otherStyles(slug = ''): OtherStyle[] {
  const names = readdirSync(FOLDER).filter((name) => name.startsWith(slug)).sort()
  return names.map((name) => {
    const isScript = /\.(ts|py)$/.test(name)
    return { name, file: isScript ? join(FOLDER, name) : join(FOLDER, name, 'server.ts'), isPython: name.endsWith('.py') }
  })
}
