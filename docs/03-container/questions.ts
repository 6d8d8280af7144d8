import type { Option } from '../.vitepress/theme/figure/options.ts'
import type { OrderLine } from '../.vitepress/theme/figure/ordering.ts'

/** Where is the log of a container that was removed? */
export const mondaysLog: readonly Option[] = [
  { text: 'In the image: it holds all that the server has written.', because: 'An image never changes. It is what each container begins from, and a new one begins where the old one had begun: without a log.' },
  { text: 'On the rented machine’s disk, in its own `/app`.', because: 'The server’s `/app` was its container’s, not the machine’s. What lay there lay in a layer that the engine kept for this one container.' },
  { text: 'In the new container, in another folder.', because: 'The new container has never heard of the old one. They have an image in common, and nothing that either has written.' },
  { text: 'Nowhere.', because: 'What a container writes goes into a layer of its own, above the image. The layer belongs to this one container, and `podman rm` removes it with the rest.', right: true },
]

/** Who can read a password that a later line removes? */
export const removedSecret: readonly Option[] = [
  { text: 'Nobody: the fourth line has removed it.', because: 'It is out of sight for the server. But each line adds a layer and changes none, and the image is all of its layers.' },
  { text: 'Whoever gets into the running container.', because: 'In there it cannot be seen: a mark in the upper layer hides the file. It is not the container that tells.' },
  { text: 'Whoever has the image.', because: 'The layer of the third line is in the image, with the password in it, and the layer of the fourth holds a mark that says: gone. A tar program reads any layer.', right: true },
]

/** SIGTERM for process 1 that has no handler. */
export const deafFirst: readonly Option[] = [
  { text: 'It ends at once, and the answer in flight is lost.', because: 'So it is on your machine, in a terminal. In its container the server has number 1, and for number 1 the system has another rule.' },
  { text: 'It finishes the answer and then ends.', because: 'For that somebody must have written it. A signal knows nothing of requests.' },
  { text: 'Nothing happens, until the engine loses patience.', because: 'Process 1 gets only those signals that it has a handler for. So the engine waits its 10 s and sends SIGKILL, which no program can handle.', right: true },
]

/** What a server does on SIGTERM, in order. */
export const draining: readonly OrderLine[] = [
  { text: 'Answer `/readyz` with 503 from now on.', because: 'First: whoever chooses among servers should choose another, before this one refuses anybody.' },
  { text: 'Stop listening: let the port refuse who is new.', because: 'It comes before the waiting. While new requests are taken in, there is never a last one.' },
  { text: 'Call `process.exit(0)`.', because: 'Not here and not at all: it ends the process in the middle of every answer, and the 0 says that all was well.', extra: true },
  { text: 'Wait until the requests in flight are answered, and close each connection that has none.', because: 'After the port has closed, and for as long as the grace lasts. Connections that only wait for a next request hold nothing up.' },
  { text: 'When the grace is over, cut off whoever is still there.', because: 'After the waiting: one stuck client must not decide how long a station is off the air.' },
  { text: 'End with exit code 0.', because: 'Last. The code is for the engine: 0 means that the server ended because it was asked to.' },
]

/** A question on chapter 01: the request was answered by nobody. */
export const cutUpload: readonly Option[] = [
  { text: 'Send it again: a server that was killed has not carried it out.', because: 'It may have carried it out and been killed before the answer. From the outside, that is the same silence.' },
  { text: 'It cannot know, and repeats only what is idempotent.', because: 'A lost connection says as much as a time-out: nothing. `GET` and `DELETE` may be repeated, and `POST` may book the show twice. That is why a server that ends finishes its answers first.', right: true },
  { text: 'Nothing: TCP sends it again.', because: 'TCP repeats lost packets of a connection that lives. This connection ended with the process.' },
]

/** A question on chapter 00: two servers, one port. */
export const samePort: readonly Option[] = [
  { text: 'The second is told `EADDRINUSE`: a port belongs to one process.', because: 'In one network that is so. But each of the two has a network of its own behind its wall, and in each the port is free.' },
  { text: 'Both listen: each has a network of its own.', because: 'A port is unique in one network, and a container with a network wall has its own. On the host’s side the two are published on different ports.', right: true },
  { text: 'Both listen, and share the requests.', because: 'Nobody has told the system that they belong together. Sharing out requests is a program’s work: chapter 07 (planned) is about it.' },
]
