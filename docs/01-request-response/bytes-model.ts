import type { Figure, Simulation } from '../.vitepress/theme/figure/types.ts'

export type Parameters = { text: string; counts: string }

/** A character of the text on the wire. */
export interface WireCharacter {
  character: string
  /** In hexadecimal. */
  bytes: readonly string[]
  /** How many of them the client reads. */
  read: number
}

export interface Run extends Simulation {
  characters: readonly WireCharacter[]
  totalBytes: number
  /** What `Content-Length` says. */
  announcedBytes: number
  /** What the client makes of the bytes that it reads. */
  readText: string
}

const TEXTS: Record<string, string> = { nandu: 'Ñandú, 港', plain: 'Nandu, port', radio: 'On air 📻' }

/** A server that announces a length, and a client that reads as many bytes. */
export const figure: Figure<Parameters, Run> = {
  id: 'characters-and-bytes',
  title: 'What the client reads',
  controls: [
    {
      kind: 'buttons',
      name: 'counts',
      label: 'Content-Length says',
      value: 'units',
      options: [{ value: 'units', text: 'the length of the string' }, { value: 'bytes', text: 'the number of bytes' }],
    },
    { kind: 'select', name: 'text', label: 'The body', value: 'nandu', options: Object.entries(TEXTS).map(([value, text]) => ({ value, text })) },
  ],
  goals: [
    { id: 'whole', text: 'Let the client read all of Ñandú, 港.', isReached: (run, { text }) => text === 'nandu' && isWhole(run) },
    { id: 'luck', text: 'Find a text for which the wrong length happens to be right.', isReached: (run, { counts }) => counts === 'units' && isWhole(run) },
    { id: 'broken', text: 'Cut a character in two.', isReached: ({ characters }) => characters.some(({ bytes, read }) => read > 0 && read < bytes.length) },
  ],
  simulate,
}

function simulate({ text: name, counts }: Parameters): Run {
  const text = TEXTS[name] ?? ''
  const all = new TextEncoder().encode(text)
  const announcedBytes = counts === 'bytes' ? all.length : text.length
  const characters = charactersOf(text, announcedBytes)
  return {
    trace: [],
    endsAt: 0,
    characters,
    totalBytes: all.length,
    announcedBytes,
    readText: new TextDecoder().decode(all.subarray(0, announcedBytes)),
    tables: [{
      title: 'Character by character',
      head: ['Character', 'Bytes', 'Read by the client'],
      rows: characters.map(({ character, bytes, read }) => [character === ' ' ? 'space' : character, bytes.join(' '), `${String(read)} of ${String(bytes.length)}`]),
    }],
  }
}

function charactersOf(text: string, announcedBytes: number): WireCharacter[] {
  let before = 0
  return [...text].map((character) => {
    const bytes = [...new TextEncoder().encode(character)].map((byte) => byte.toString(16).padStart(2, '0'))
    const read = Math.max(0, Math.min(bytes.length, announcedBytes - before))
    before += bytes.length
    return { character, bytes, read }
  })
}

function isWhole({ announcedBytes, totalBytes }: Run): boolean {
  return announcedBytes === totalBytes
}
