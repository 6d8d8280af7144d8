import { setTimeout as delay } from 'node:timers/promises'
import { ProgramFailure } from '../client/program-failure.ts'
import type { ImageKit, StartedImage } from '../container/image-kit.ts'
import { CheckSkipped } from '../failure.ts'
import type { CheckContext, Client, Copy, Image, ImageRunOptions, Program } from '../types/index.ts'
import type { ContextParts } from './context.ts'

/** What podman and Docker end with when the fault is theirs. */
const ENGINE_FAILED = 125

type Connect = (program: Program, name: string) => Promise<Client>

/** What a check can do with the image of the judged folder. */
export function imageParts(parts: ContextParts, connect: Connect): Pick<CheckContext, 'build' | 'image'> {
  const { story } = parts
  return {
    build: async () => kitOf(parts).report(),
    image: async () => {
      const kit = kitOf(parts)
      const { problem } = await kit.report()
      if (problem !== undefined) throw new CheckSkipped('Not reached: the image was not built. The check `builds` tells why.')
      const image = await kit.image()
      story.step(`the image stands; it runs in the tier ${image.tier}`)
      return { ...image, run: (options) => runImage(parts, connect, kit, image, options) }
    },
  }
}

function kitOf({ session }: ContextParts): ImageKit {
  if (session.images !== undefined) return session.images
  throw new CheckSkipped('The image is built from the folder of a judged server.ts. A command or a URL has none.')
}

async function runImage(parts: ContextParts, connect: Connect, kit: ImageKit, image: Pick<Image, 'tier'>, options: ImageRunOptions): Promise<Copy> {
  const { story, cleanUp } = parts
  const started: StartedImage = await kit.start(options)
  const { program, problem } = started
  if (options.own === true) cleanUp.add(() => kit.end(program))
  const how = options.inEngine === true ? 'the engine' : `the tier ${image.tier}`
  const what = `the image's program, named ${options.name}, is ready in ${how}`
  if (problem !== null) {
    if (options.inEngine === true && (await exitOf(program)) === ENGINE_FAILED) {
      throw new CheckSkipped(`The engine itself failed, and not the image: ${program.output().stderr.trim().slice(0, 300)}`)
    }
    if (options.judgesStart !== true) throw new CheckSkipped('Not reached: the program of the image does not start. The check `clean-room` tells why.')
    story.failedStep(what)
    throw new ProgramFailure(problem, `the start of the image, named ${options.name}`)
  }
  story.step(what)
  return { name: options.name, program, client: await connect(program, options.name) }
}

/** The exit code of a program that has ended; undefined for one that runs. */
async function exitOf(program: Program): Promise<number | null | undefined> {
  return Promise.race([program.ended.then(({ code }) => code), delay(50).then(() => undefined)])
}
