import { check } from '../harness/lab.ts'
import { canaries } from './folder.ts'
import { IMAGE_MS } from './copies.ts'

/** What must not be in an image: secrets, and what lies around in the folder. */
export function leaks(): void {
  check('no-secrets', 'No layer and no setting of the image holds a secret, or what lies around in the folder', {
    withinMs: IMAGE_MS,
    hints: [
      'Layers lie on one another. A file that a later line deletes is hidden and not gone: whoever has the image has all its layers, and all its settings.',
      'See “Nothing is ever gone from a layer”.',
      'The message names file and line. Keep it from the build with .dockerignore; a secret comes from outside when the program starts, and never through ENV or ARG.',
    ],
  }, async ({ image, expect }) => {
    const built = await image()
    const found = [canaries.env, canaries.git, canaries.log].flatMap((canary) => built.findingsOf(canary))
    expect('nothing of .env, .git or debug.log is in any layer', found.length === 0, {
      expected: 'nothing', actual: found.map(({ line, where }) => `${where}, by ${line}`),
    })
    const telling = /SECRET|TOKEN|PASSWORD|PASSWD|CREDENTIAL|API_?KEY|PRIVATE_?KEY|STREAM_?KEY/i
    const set = built.variables.filter(({ name, value }) => telling.test(name) && value !== '')
    expect('no ENV and no ARG sets a secret', set.length === 0, { expected: 'none', actual: set.map(({ name, line }) => `${name}, by ${line}`) })
  })

  check('no-host-modules', 'The image’s packages come from npm, and not from the node_modules of your folder', {
    withinMs: IMAGE_MS,
    hints: [
      'The node_modules beside your program were made for your machine, with what you tried yesterday. An image brings its own.',
      'See “What is let into the build”.',
      'COPY takes what .dockerignore lets through. Is node_modules in it?',
    ],
  }, async ({ image, expect }) => {
    const built = await image()
    const found = built.findingsOf(canaries.modules)
    expect('nothing of the folder’s own node_modules is in a layer', found.length === 0, {
      expected: 'nothing', actual: found.map(({ line, where }) => `${where}, by ${line}`),
    })
  })
}
