import { check } from '../harness/lab.ts'
import { endOf, IMAGE_MS, refuseWindows, sendSigterm, SLACK_MS, STOP_MS } from './copies.ts'

/** How the image runs: as whom, in how little, under whose signals, by which engine. */
export function running(): void {
  check('non-root', 'The image’s program runs as an ordinary user, who may read its files', {
    withinMs: IMAGE_MS,
    hints: [
      'Root in a container is root, with walls that have had holes before. A server needs nothing that only root may do.',
      'See “An ordinary user”.',
      'The base image already has a user for it. One line of the Dockerfile names it, after the lines that need root. What does it have to read, and whose are those files?',
    ],
  }, async ({ image, expect }) => {
    const built = await image()
    expect('USER names an ordinary user', built.uid !== 0, { expected: 'node', actual: built.user === '' ? 'no USER, which is root' : built.user })
    expect('that user may read every file below WORKDIR', built.unreadable.length === 0, { expected: [], actual: built.unreadable.slice(0, 5) })
  })

  check('read-only', 'The program writes nothing into the image, and runs where nothing but /tmp can be written', {
    withinMs: IMAGE_MS,
    hints: [
      'What a container writes into itself is lost with it, and no two copies have the same. Lines go to stdout, data to a place given from outside.',
      'See “Read-only” in the chapter.',
      'The message names what was written, or what the program said when it could not. Does it need that file at all?',
    ],
  }, async (context) => {
    const { image, expect } = context
    const built = await image()
    // One that also starts where all can be written: what keeps it from that is told by `clean-room`.
    const open = await built.run({ name: 'image' })
    const locked = await built.run({ name: 'read-only', own: true, readOnly: true, judgesStart: true })
    for (const path of ['/', '/livez', '/tide', '/slow?ms=1']) {
      const free = await open.client.get(path)
      const reply = await locked.client.get(path)
      reply.hasStatus(free.status)
    }
    const written = built.written(locked)
    expect('nothing in the image has changed', written.length === 0, { expected: [], actual: written })
  })

  check('process-one', 'SIGTERM reaches the server in the image, and it ends with exit code 0', {
    withinMs: IMAGE_MS,
    hints: [
      'The signal goes to process 1, and to nobody else. When that is a shell, the server behind it hears nothing.',
      'See “Process 1”.',
      'Look at CMD. In which form does it start Node itself, and in which a shell that starts Node and waits?',
    ],
  }, async (context) => {
    refuseWindows(context)
    const { image, expect } = context
    const built = await image()
    await built.run({ name: 'image' })
    const stopped = await built.run({ name: 'process 1', own: true })
    await stopped.client.get('/')
    sendSigterm(context, stopped)
    const end = await endOf(stopped, STOP_MS + SLACK_MS, context)
    expect('the container ends', end !== undefined, { expected: 'an end', actual: 'it runs' })
    expect('its exit code is 0', end?.code === 0, { expected: 0, actual: end?.code ?? 'ended by the signal' })
  })

  check('whole-root', 'The program needs no tool and no file of the machine that it runs on', {
    withinMs: IMAGE_MS,
    hints: [
      'The image is the whole file system. A command that every machine has is not there unless somebody put it in.',
      'See “Works on my machine”, the part on tools.',
      'Look for what your program starts or reads outside its own folder, and do it in Node instead.',
    ],
  }, async ({ image, skip }) => {
    const built = await image()
    if (!built.isWholeRoot) skip('Only a tier in which the image is the whole root can show that: bwrap or unshare, on Linux. See the chapter.')
    const running = await built.run({ name: 'image' })
    for (const path of ['/', '/livez', '/tide', '/slow?ms=1']) {
      const reply = await running.client.get(path)
      reply.hasStatus(200)
    }
  })

  check('runs-in-an-engine', 'podman or Docker runs the image', {
    withinMs: IMAGE_MS,
    hints: [
      'An image is a format, and any engine takes it: what was built here runs there.',
      'See “The same image, elsewhere”.',
      'Read what the engine printed. What is different from the room in which the other checks ran it?',
    ],
  }, async ({ image, skip }) => {
    const built = await image()
    const engine = await built.engine()
    if (engine === undefined) return skip('Neither podman nor Docker works on this machine (`podman info`, `docker info`).')
    await built.run({ name: 'image' })
    const contained = await built.run({ name: engine, own: true, inEngine: true, judgesStart: true })
    const reply = await contained.client.get('/')
    reply.hasStatus(200)
  })
}
