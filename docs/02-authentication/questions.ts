import type { Option } from '../.vitepress/theme/figure/options.ts'
import type { OrderLine } from '../.vitepress/theme/figure/ordering.ts'

/** Ada has signed out at the library; somebody has copied her signed token before. */
export const stolen: readonly Option[] = [
  {
    text: 'For nobody: Ada has signed out.',
    because: 'Her browser has forgotten the token. Nobody has told the server, and the server is who decides. What Eve sends is what Ada would have sent.',
  },
  {
    text: 'For nobody: the signature was made for Ada.',
    because: 'It was made for the text of the token, and Eve sends that text unchanged, signature and all. It says who made the token, and not who brings it.',
  },
  {
    text: 'For Ada.',
    because: 'A token is good in any hand: that is what “bearer” says. The signature fits, since nothing was changed, and signing out happened in Ada’s browser alone.',
    right: true,
  },
]

/** How long one guess costs a thief who has the file of hashes. */
export const guessing: readonly Option[] = [
  {
    text: 'It makes no difference: a hash cannot be turned back.',
    because: 'Nobody turns it back. The thief hashes one likely password after the other and compares, which is what the server does at each sign-in.',
  },
  {
    text: 'With SHA-256 and a salt: the salt makes each guess slow.',
    because: 'The salt stands beside the hash and is stolen with it. It makes each account a search of its own; each guess is as quick as before.',
  },
  {
    text: 'With scrypt: each guess costs about twenty thousand times as much.',
    because: 'Measured for this page on one core: 1.2 µs for SHA-256, 24 ms for scrypt as the lab uses it. A sign-in does it once and hardly notices; a thief does it millions of times.',
    right: true,
  },
]

/** What `POST /sessions` does, in order. */
export const signingIn: readonly OrderLine[] = [
  { text: 'Are name and password texts? If not, 422.', because: 'First: what comes after takes both for texts.' },
  { text: 'Has the name failed five times in this minute? If so, 429.', because: 'Before the password is looked at, or the right one would still get through, and a thief could go on guessing.' },
  { text: 'Is there no account of that name? Answer 401 at once.', because: 'Whoever measures the time learns which names exist. The work is done for unknown names as well.', extra: true },
  { text: 'Take the account’s salt and hash, or those that belong to nobody.', because: 'The salt has to be there before anything can be hashed. Nobody’s are compared with like any other.' },
  { text: 'Hash the password that came with that salt, and wait.', because: 'This is the expensive step, and others are served meanwhile. Only its result can be compared.' },
  { text: 'Are the two hashes equal? If not, note the failure and answer 401.', because: 'The same sentence for a wrong password and an unknown name, and before anything is given out.' },
  { text: 'Make a token of random bytes, and keep it with the account and its end.', because: 'Only for somebody whose password was right, and before the answer: the token has to be known when it comes back.' },
  { text: 'Answer 201 with the token and its end.', because: 'Last: only now is there a token to send.' },
]

/** A question on chapter 01: which refusal says whose move it is? */
export const refusals: readonly Option[] = [
  { text: '400, because something is wrong with the request.', because: '400 is for a text that cannot be understood at all. This one was understood: it is JSON, and it says something that is not possible.' },
  { text: '415, because it is not a letter.', because: '415 judges what the body is announced as. It was announced as JSON, and it is JSON.' },
  { text: '422, because the text was understood, and what it says is not possible.', because: 'The person who wrote the letter can do something about it. For 400, a programmer would have to.', right: true },
]

/** A question on chapter 01: characters or bytes? */
export const letterBytes: readonly Option[] = [
  { text: '16, as many as it has characters.', because: 'It is 2 too few: `Ñ` and `ú` are two bytes each. The server stops reading before `"}`, finds half a JSON text, and answers 400.' },
  { text: '18.', because: 'Fourteen characters of one byte, and two of two. What is counted are the bytes of the encoded text.', right: true },
  { text: 'Any: the server finds the end of the JSON by itself.', because: 'It counts before it parses: as many bytes as announced are the body, and what comes after them begins the next request.' },
]
