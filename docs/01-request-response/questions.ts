import type { Option } from '../.vitepress/theme/figure/options.ts'
import type { OrderLine } from '../.vitepress/theme/figure/ordering.ts'

/** A client has timed out: was the show booked? */
export const silence: readonly Option[] = [
  {
    text: 'No. A time-out means that it did not happen.',
    because: 'So it is if the request was lost. If the answer was lost, the server has booked the show, and nobody has told the client.',
  },
  {
    text: 'Yes. Requests arrive; it is the answer that was lost.',
    because: 'So it is if the answer was lost. If the request was lost, the server has never heard of the show.',
  },
  {
    text: 'It cannot know. Both look the same.',
    because: 'The client has sent a request and has heard nothing. It has no more than that, whichever of the two was lost.',
    right: true,
  },
]

/** What `POST /shows` does, in order. */
export const creating: readonly OrderLine[] = [
  { text: 'Is the body announced as JSON? If not, 415.', because: 'It comes first: the head says it, and nothing of the body has to be read for this.' },
  { text: 'Is the body at most 64 KiB? If not, 413.', because: 'It comes after the type, which stands in the head, and before parsing: the bytes are counted while they come.' },
  { text: 'Is the text well-formed JSON? If not, 400.', because: 'It comes after the size, since a text must be there as a whole to be parsed, and before the fields, since without a value there are none.' },
  { text: 'Is the value a show? If not, 422.', because: 'It is the last refusal: a value must be there to be looked at. Behind it, title and minutes can be relied on.' },
  { text: 'Take the id from the body, if it has one.', because: 'Never: anybody could take the address of somebody else’s show.', extra: true },
  { text: 'Choose an id that no show has ever had.', because: 'It comes after all refusals, since a refused request leaves nothing behind, and before the show is kept, since that happens under its id.' },
  { text: 'Put the show at the end of the guide.', because: 'Before the answer: a 201 for a show that is not there yet would be untrue.' },
  { text: 'Answer 201, with its Location and the show.', because: 'Last: the answer says what has been done.' },
]

/** A question on chapter 00: who does not understand an apology with status 200? */
export const apology: readonly Option[] = [
  { text: 'Nobody: the text says it.', because: 'A person reads the text. Most of what handles an answer is not a person.' },
  { text: 'Every program that handles the answer.', because: 'A program reads the number, and 200 says: here is what was asked for. A cache keeps the apology, a search engine lists it, a client parses it as the thing it wanted.', right: true },
  { text: 'Only programs that do not read English.', because: 'A program that searched each answer’s text for “not found” would also refuse a song of that name. The number is there so that nobody has to search.' },
]

/** A question on chapter 00: where do the headers end, and where the body? */
export const ends: readonly Option[] = [
  { text: 'Headers: at the first empty line. Body: at the second.', because: 'A body may hold as many empty lines as it likes: it is bytes, and none of them is a mark.' },
  {
    text: 'Headers: at the first empty line. Body: after as many bytes as `Content-Length` announced.',
    because: 'Two CRLFs in a row end the head. The body has no mark at its end, so its bytes are counted.',
    right: true,
  },
  { text: 'Both: where the packet ends.', because: 'TCP cuts the stream where it likes: one packet may hold half a head, or two requests.' },
  { text: 'Both: when the server closes the connection.', because: 'A server may end a body so, but it then gives up the connection. The head must be over before, and most answers leave the connection open.' },
]
