import { DockerfileParser } from 'dockerfile-ast'
import type { Flag, Instruction, Property } from 'dockerfile-ast'
import { BuildProblem, needsEngine } from './build-problem.ts'

/** One instruction of a Dockerfile, as it is written: variables are not expanded yet. */
export interface Line {
  keyword: string
  /** Of the file, from 1 on. */
  line: number
  /** As one line, without continuations and comments. */
  text: string
  words: readonly string[]
  /** The exec form, `["node", "server.ts"]`. */
  json?: readonly string[]
  flags: readonly { name: string; value: string }[]
  /** Of ENV, ARG and LABEL; the value is null for `ARG NAME`. */
  properties: readonly { name: string; value: string | null }[]
}

/** What one FROM begins. */
export interface Stage {
  /** `AS name` */
  name?: string
  /** `node:20-slim`, or the name of an earlier stage. */
  base: string
  from: Line
  lines: readonly Line[]
}

export interface Recipe {
  /** The ARGs before the first FROM. */
  args: readonly Line[]
  stages: readonly Stage[]
}

/** What dockerfile-ast gives only to some kinds of instructions. */
interface Kinds {
  getFlags?(): Flag[]
  getProperties?(): Property[]
  getProperty?(): Property | null
  getHeredocs?(): unknown[]
}

const KNOWN = new Set([
  'FROM', 'ARG', 'WORKDIR', 'COPY', 'ADD', 'RUN', 'ENV', 'USER', 'EXPOSE', 'LABEL', 'CMD', 'ENTRYPOINT', 'STOPSIGNAL', 'HEALTHCHECK',
])
const NEEDS_ENGINE = new Set(['VOLUME', 'SHELL', 'ONBUILD', 'MAINTAINER'])
const TAKES_JSON = new Set(['COPY', 'ADD', 'RUN', 'CMD', 'ENTRYPOINT'])

/**
 * Reads a Dockerfile into its stages.
 * @throws BuildProblem for a line that no builder takes, or that the builder here does not know
 */
export function parseDockerfile(text: string): Recipe {
  const lines = DockerfileParser.parse(text).getInstructions().map(toLine)
  const firstFrom = lines.findIndex((line) => line.keyword === 'FROM')
  if (firstFrom < 0) throw new BuildProblem('The Dockerfile has no FROM: it says on which image yours is built.')
  const args = lines.slice(0, firstFrom)
  const early = args.find((line) => line.keyword !== 'ARG')
  if (early !== undefined) throw new BuildProblem('nothing but ARG may stand before the first FROM.', early)
  const stages: Stage[] = []
  for (const line of lines.slice(firstFrom)) {
    if (line.keyword === 'FROM') stages.push(toStage(line))
    else (stages.at(-1)?.lines as Line[]).push(line)
  }
  return { args, stages }
}

function toLine(instruction: Instruction): Line {
  const keyword = instruction.getKeyword()
  const kinds = instruction as Instruction & Kinds
  const words = instruction.getArguments().map((argument) => argument.getValue())
  const flags = (kinds.getFlags?.() ?? []).map((flag) => ({ name: flag.getName(), value: flag.getValue() ?? '' }))
  const flagTexts = (kinds.getFlags?.() ?? []).map((flag) => flag.toString())
  const line: Line = {
    keyword,
    line: instruction.getRange().start.line + 1,
    text: [keyword, ...flagTexts, ...words].join(' '),
    words,
    flags,
    properties: propertiesOf(kinds),
  }
  if (NEEDS_ENGINE.has(keyword)) throw needsEngine(line, `The builder of this workbook does not know ${keyword}.`)
  if (!KNOWN.has(keyword)) throw new BuildProblem(`there is no instruction ${keyword}.`, line)
  if ((kinds.getHeredocs?.() ?? []).length > 0) throw needsEngine(line, 'The builder of this workbook knows no here-documents.')
  if (words.length === 0) throw new BuildProblem(`${keyword} needs something after it.`, line)
  const json = TAKES_JSON.has(keyword) ? jsonOf(instruction.getArgumentsContent() ?? '') : undefined
  return json === undefined ? line : { ...line, json }
}

function propertiesOf(kinds: Kinds): Line['properties'] {
  const one = kinds.getProperty?.()
  const found = one === undefined || one === null ? kinds.getProperties?.() ?? [] : [one]
  return found.map((property) => ({ name: property.getName(), value: property.getValue() }))
}

/** The exec form. What begins with `[` and is no JSON is the shell form, as engines take it. */
function jsonOf(content: string): string[] | undefined {
  if (!content.trimStart().startsWith('[')) return undefined
  try {
    const value: unknown = JSON.parse(content)
    return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined
  } catch {
    return undefined
  }
}

function toStage(line: Line): Stage {
  const [base = '', as, name] = line.words
  const isNamed = as?.toUpperCase() === 'AS' && name !== undefined && line.words.length === 3
  if (line.words.length !== 1 && !isNamed) throw new BuildProblem('expected `FROM image` or `FROM image AS name`.', line)
  return { base, from: line, lines: [], ...(isNamed && { name: name.toLowerCase() }) }
}
