import { check } from '../harness/lab.ts'
import { IMAGE_MS } from './copies.ts'

/** The image is built, starts by itself, and has what the lock names. */
export function building(): void {
  check('builds', 'The image is built from your Dockerfile', {
    withinMs: IMAGE_MS,
    hints: [
      'A builder does what the Dockerfile says, line by line, with the files that .dockerignore lets through, and stops at the first line that it cannot do.',
      'See “The recipe of an image”, and the list of lines that the builder knows.',
      'The message names the line. Is what it asks for in the folder, let through, and already in the image at that line?',
    ],
  }, async ({ build, note, fail }) => {
    const { problem, ran } = await build()
    if (problem !== undefined) fail(problem)
    note(ran.length === 0 ? 'every line was in the cache' : `lines that were run: ${ran.join(' · ')}`)
  })

  check('clean-room', 'The image starts and answers where nothing is but its own files', {
    withinMs: IMAGE_MS,
    hints: [
      'Your own folder forgives: packages from the folder above, files that only you have. An image holds what was put into it, and nothing else.',
      'See “Works on my machine”.',
      'What the message names was not in the image. Is it declared in package.json, copied by a line of the Dockerfile, or kept out by .dockerignore? The name and the port come from outside, and stand in no line.',
    ],
  }, async ({ image, random, expect }) => {
    const built = await image()
    // Where the checks run it, another HOST takes this one's place.
    const host = built.env.get('HOST') ?? ''
    expect('no ENV makes the program listen inside its container alone', !isLoopback(host), { expected: 'no HOST, or 0.0.0.0', actual: `ENV HOST=${host}` })
    const running = await built.run({ name: 'image', judgesStart: true })
    const live = await running.client.get('/livez')
    live.hasStatus(200)
    const home = await running.client.get('/')
    home.hasStatus(200)
    const tide = await running.client.get('/tide')
    const told = tide.hasStatus(200).json<{ time?: string } | null>()
    expect('/tide tells when high water is', typeof told?.time === 'string', { expected: { time: '05:40' }, actual: told })
    // One image serves every station: which one it is comes when it runs, and so does the port.
    const station = random.word()
    const beside = await built.run({ name: 'another station', own: true, judgesStart: true, env: { STATION: station } })
    const named = await beside.client.get('/')
    named.hasStatus(200).hasText(`${station} is on the air`)
  })

  check('lock-honoured', 'Each package in the image has the version that the lock names', {
    withinMs: IMAGE_MS,
    hints: [
      'package.json says what will do; the lock says what was tried. An image made next month should hold what was tried.',
      'See “The lock is the list”.',
      'Is the lock in the image before the line that runs npm? And which of npm’s commands refuses to differ from it?',
    ],
  }, async ({ image, expect }) => {
    const built = await image()
    const lock = JSON.parse(built.source('package-lock.json') ?? '{}') as { packages?: Record<string, { version?: string }> }
    const installed = built.paths.flatMap((path) => {
      const place = /(?:^|\/)(node_modules\/.+)\/package\.json$/.exec(path)?.[1]
      const wanted = place === undefined ? undefined : lock.packages?.[place]?.version
      return place === undefined || wanted === undefined ? [] : [{ place, wanted, version: built.versionAt(path) }]
    })
    expect('the image has tide-tables', installed.some(({ place }) => place === 'node_modules/tide-tables'), { actual: installed.map(({ place }) => place).slice(0, 5) })
    const other = installed.filter(({ wanted, version }) => wanted !== version)
    expect('each has the version of the lock', other.length === 0, {
      expected: other.map(({ place, wanted }) => `${place} ${wanted}`), actual: other.map(({ place, version }) => `${place} ${version ?? 'without a version'}`),
    })
  })

  check('no-dev-dependencies', 'No layer of the image holds a package that is for development alone', {
    withinMs: IMAGE_MS,
    hints: [
      'What tries and tidies the program is not needed to run it. It makes the image larger, and each package is one more that can be attacked.',
      'See “The lock is the list”, the part on what is only for development.',
      'npm can be told to leave those out. Where do you tell it: in the line that runs it, or in the environment of the build? What a later line removes stays in its layer.',
    ],
  }, async ({ image, expect, note }) => {
    const built = await image()
    note(`for development alone, by the lock: ${built.devPackages.join(', ') || 'nothing'}`)
    // Its files name it. What a later line removes lies in its layer all the same.
    const shipped = built.devPackages.flatMap((place) => [
      ...new Set(built.findingsOf(place.replace(/^.*node_modules\//, '')).filter(({ where }) => where.includes(`${place}/`)).map(({ line }) => `${place}, by ${line}`)),
    ])
    expect('none of them is in any layer', shipped.length === 0, { expected: [], actual: shipped })
  })

  check('layer-order', 'When a line of the program changes, npm does not run again; when the packages change, it does', {
    withinMs: IMAGE_MS,
    hints: [
      'Each line is kept, and made again only when it, or what stands above it, has changed. What changes often belongs below what changes seldom.',
      'See “Why the order of the lines matters”.',
      'Which files does npm need to know which packages to bring? Copy those first, run npm, and copy the rest after it.',
    ],
  }, async ({ image, expect }) => {
    const built = await image()
    const server = built.source('server.ts') ?? ''
    const edited = built.npmRunsAgain({ 'server.ts': `${server}\n// One more line.\n` })
    expect('a line of the Dockerfile runs npm', edited.length > 0, { expected: 'npm ci', actual: 'no line' })
    const wasted = edited.filter(({ runsAgain }) => runsAgain).map(({ text }) => text)
    expect('npm does not run again when server.ts has one more line', wasted.length === 0, { expected: [], actual: wasted })
    const lock = built.source('package-lock.json') ?? ''
    const manifest = built.source('package.json') ?? ''
    const added = built.npmRunsAgain({
      'package.json': manifest.replace('"dependencies": {', '"dependencies": {\n    "another": "^1.0.0",'),
      'package-lock.json': `${lock}\n`,
    })
    expect('npm runs again when a package is added', added.some(({ runsAgain }) => runsAgain), { expected: 'npm runs', actual: 'npm’s layer is taken from the cache' })
  })
}

function isLoopback(host: string): boolean {
  return /^(127\.|localhost$|\[?::1\]?$)/i.test(host)
}
