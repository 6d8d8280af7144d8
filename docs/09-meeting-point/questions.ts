import type { Option } from '../.vitepress/theme/figure/options.ts'
import type { OrderLine } from '../.vitepress/theme/figure/ordering.ts'

/** The meeting point is killed in the middle of the recording. */
export const killed: readonly Option[] = [
  {
    text: 'It stops: the server that carried it is gone.',
    because: 'The meeting point carried an offer (how Ben can be spoken to), an answer (how Ada can) and some candidates (addresses to try), a few kilobytes in all. The recording travels from Ada to Ben, and the meeting point never sees a packet of it.',
  },
  {
    text: 'It goes on for a while, until the connection has to be renewed with the server.',
    because: 'The peers keep their connection alive themselves, with small packets to each other (RFC 7675 calls this consent freshness). Nobody renews anything at a third place.',
  },
  {
    text: 'It arrives, and the next one too.',
    because: 'Recordings and requests for them go over the link, and the link does not touch the server.',
    right: true,
  },
]

/** Both routers are strict, STUN has told both their addresses, all is carried. */
export const strict: readonly Option[] = [
  {
    text: 'A direct link: each knows how the other looks from outside, since STUN has said it.',
    because: 'STUN said how each looks to STUN. Towards a new partner a strict router takes another port, so both send to ports that are open for STUN alone, and both routers drop what comes.',
  },
  {
    text: 'A link by way of STUN: it passes on what cannot go directly.',
    because: 'STUN answers one question, “how do I look from outside?”, and relays nothing. Look for an arrow of the recording that touches it: there is none in any state of the figure.',
  },
  {
    text: 'No link, until somebody relays every byte.',
    because: 'Each router waits for a packet from inside to exactly the endpoint that the other one will use, and nobody can know that endpoint beforehand. A third machine that both can reach must carry what they say: TURN.',
    right: true,
  },
]

/** What a meeting point does when Ada comes back after the tunnel. */
export const inbox: readonly OrderLine[] = [
  { text: 'Look at the token. If it is not hers, refuse.', because: 'Before anything is sent: after the head, there is no status left to refuse with.' },
  { text: 'Send the head, without waiting for an event.', because: 'Ada waits for it before she calls anyone, and an event may be long in coming.' },
  { text: 'Write the kept events that come after her Last-Event-ID.', because: 'What is older goes first: a candidate that was kept must not come after one that is new.' },
  { text: 'Forget the events that have been written.', because: 'Written is not read. If the line breaks again, they are what she has missed.', extra: true },
  { text: 'Write each new event when it comes.', because: 'From now on, and for as long as the connection lasts.' },
  { text: 'When the connection closes, wait for LEAVE_MS.', because: 'It may be a tunnel again. Until the time is over nobody hears of it.' },
  { text: 'Tell the others that she has left.', because: 'Last, and only if no inbox of hers has opened by then.' },
]

/** A question on chapter 00: a server on 127.0.0.1, asked from another machine. */
export const elsewhere: readonly Option[] = [
  { text: 'A status such as 403: she is not allowed in.', because: 'For a status somebody must speak HTTP with her. No connection comes about, so nobody does.' },
  { text: 'Her own machine answers: 127.0.0.1 is the same everywhere.', because: '127.0.0.1 on her machine is her machine. She calls your machine’s outside address, and nobody listens at that one.' },
  {
    text: 'No connection: it is refused, or there is silence.',
    because: '127.0.0.1 can be reached from the machine itself and from nowhere else. A program for others listens on an outside address, or on all. The loopback address keeps strangers out while you learn.',
    right: true,
  },
]

/** A question on chapter 01: the offer is posted, and no answer comes. */
export const again: readonly Option[] = [
  { text: 'No, she has not. He posts it again.', because: 'A time-out does not mean that it did not happen. If the 202 was lost, Ada has the offer, and the second copy would upset a connection that has answered the first.' },
  { text: 'Yes, she has. He waits for her answer.', because: 'If the request was lost, nobody has heard of Ben, and he waits for ever.' },
  { text: 'He cannot know. A second copy does no harm, so he posts it again.', because: 'POST is not idempotent: Ada may get the offer twice, and only one of the two fits the connection that she has made.' },
  { text: 'He cannot know. He begins anew, with a new connection and a new offer.', because: 'Either the request was lost or the 202 was, and he sees the same. A new offer belongs to a new connection, whatever became of the old one.', right: true },
]
