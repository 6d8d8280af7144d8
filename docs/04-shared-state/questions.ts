import type { Option } from '../.vitepress/theme/figure/options.ts'
import type { OrderLine } from '../.vitepress/theme/figure/ordering.ts'

/** Four editors, five tracks each, all acknowledged: how many are left? */
export const twenty: readonly Option[] = [
  {
    text: 'All 20. One thread does one thing after the other.',
    because: 'It does one piece of JavaScript after the other. Between reading the playlist and writing it back lie two messages, an editor and several waits, and in each of them others get their turn.',
  },
  {
    text: '5. Of four who write what they read at the same moment, the last one’s list remains.',
    because: 'Each writes the old list and one track of their own. The last list to be written replaces the other three, and their tracks are in none that is left. So it goes five times.',
    right: true,
  },
  {
    text: 'Nobody can say: writes that meet get mixed.',
    because: 'Each write here is whole, and each playlist valid. Nothing is broken, and no error is logged: that is what makes this loss hard to find.',
  },
]

/** What `PUT /playlists/:id` does, in order. */
export const writing: readonly OrderLine[] = [
  { text: 'Read the body to its end.', because: 'It comes first: an upload may stall, and in a turn it would keep all others waiting.' },
  { text: 'Is it a playlist? If not, 415, 413, 400 or 422.', because: 'Before the turn, since nobody else’s write can change the answer.' },
  { text: 'Read the playlist and its tag from the store, to save time in the turn.', because: 'Never before the turn: by the time it comes, somebody else has written, and the tag is an old one.', extra: true },
  { text: 'Wait until all earlier writes of this playlist are done.', because: 'Before the look into the store: from here on nobody may come in between.' },
  { text: 'Read the playlist from the store.', because: 'In the turn, and before comparing: what is compared must be what is there now.' },
  { text: 'Does the condition hold? If there is none, 428; if it does not hold, 412.', because: 'After reading, since it is about what was read, and before writing, since a refused write changes nothing.' },
  { text: 'Write the new playlist, and wait until the store has it.', because: 'Before the answer, which promises that it is done. And in the turn, or the next one reads the old list.' },
  { text: 'Answer 200 or 201 with the new tag, and let the next one in.', because: 'Last: also after a refusal and after an error, or nobody ever gets in again.' },
]

/** A question on chapter 01: which retry does harm? */
export const retries: readonly Option[] = [
  { text: '`DELETE /shows/7`, because the second one is answered 404.', because: 'The answer is another one, but the guide is as after the first: the show is gone. Ids are never used again, so it hits no other show.' },
  { text: '`POST /shows`, because each one that arrives makes a show.', because: 'If the answer was lost, the show was made, and the retry makes a second. A key would let the server know it again.', right: true },
  { text: '`GET /shows`, because the guide may have changed.', because: 'Then the client reads the newer guide. Reading changes nothing, so it may be repeated at will.' },
]

/** A question on chapter 02: in which order are two refusals given? */
export const whoFirst: readonly Option[] = [
  { text: '412: the tag is old, whoever sends it.', because: 'That would tell somebody who may not write what the tag is not. Whether it may be done comes before whether it can.' },
  { text: '401: sign in first.', because: 'She has signed in. 401 says that the server does not know who is asking.' },
  { text: '403: it knows her, and she may not.', because: 'Who is asking and what they may do is settled before the server looks at anything else, so a stranger learns nothing of the playlist.', right: true },
]
