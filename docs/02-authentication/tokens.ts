/** Who signed in, and how a token of theirs looks and is judged. */
export type Believed = 'ada' | 'ida' | 'nobody'

/** One way to make tokens. */
export interface TokenKind {
  value: 'random' | 'signed' | 'readable'
  /** In the control. */
  text: string
  /** Ada's, and the same with one character changed. */
  token: string
  edited: string
  /** What the server does with a token that comes in, in words. */
  work: string
  /** What comes of it, for a token as it was given out and for one that was changed. */
  finding: string
  findingIfEdited: string
  /** Whom an edited token names. */
  editedIs: Believed
  /** True: signing out on the server takes the token out of what it is compared with. */
  isForgotten: boolean
}

/** base64url of `{"name":"ada"}`, and the one character of it that makes an `i` of the first `a`. */
const READABLE = { ada: 'eyJuYW1lIjoiYWRhIn0', ida: 'eyJuYW1lIjoiaWRhIn0' }

export const kinds: readonly TokenKind[] = [
  {
    value: 'random', text: 'random, looked up', token: '4r1CnCvoO1…', edited: '4r1CnDvoO1…', editedIs: 'nobody', isForgotten: true,
    work: 'looks the token up', finding: 'it is ada’s', findingIfEdited: 'not in its list',
  },
  {
    value: 'signed', text: 'a name, signed', token: `${READABLE.ada}.bqfNj5…`, edited: `${READABLE.ida}.bqfNj5…`, editedIs: 'nobody', isForgotten: false,
    work: 'checks the signature', finding: 'signature fits', findingIfEdited: 'does not fit',
  },
  {
    value: 'readable', text: 'a name, encoded', token: READABLE.ada, edited: READABLE.ida, editedIs: 'ida', isForgotten: false,
    work: 'reads the name', finding: 'name ada', findingIfEdited: 'name ida',
  },
]

/** The kind of that name; the first where there is none. */
export function kindOf(value: string): TokenKind {
  return kinds.find((kind) => kind.value === value) ?? kinds[0]!
}
