/** Where images run: what each tier shows, what it hides, and that nothing is left. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { baseRoot } from '../harness/container/base.ts'
import { bwrapRoom } from '../harness/container/rooms/bwrap.ts'
import { cleanDir } from '../harness/container/rooms/clean-dir.ts'
import type { Room } from '../harness/container/rooms/room.ts'
import { bestRoom } from '../harness/container/rooms/tiers.ts'
import { unshareRoom } from '../harness/container/rooms/unshare.ts'
import { runImage } from '../harness/container/run-image.ts'
import { ROOT } from '../harness/labs.ts'
import type { Program } from '../harness/types/index.ts'
import { temporaryFolder, workshop } from './support/images.ts'

const base = baseRoot(join(ROOT, '.workbook', 'cache', 'container'))
const wholeRoots = [['bwrap', base && bwrapRoom(base)], ['unshare', base && unshareRoom(base)]] as const
const rooms: (readonly [string, Room | undefined])[] = [['clean-dir', cleanDir], ...wholeRoots]

/** Answers what it sees of the place where it runs. */
const SEES = `
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { spawnSync } from 'node:child_process'
const tryTo = (work) => { try { return work() ?? 'done' } catch (error) { return error.code } }
const sights = {
  '/pid': () => process.pid,
  '/uid': () => process.getuid(),
  '/home': () => process.env.HOME,
  '/env': () => Object.keys(process.env).sort(),
  '/host-file': () => existsSync(${JSON.stringify(join(ROOT, 'package.json'))}),
  '/tool': () => spawnSync('git', ['--version']).error?.code ?? 'found',
  '/shell': () => spawnSync('sh', ['-c', 'echo shell']).stdout.toString().trim(),
  '/write-here': () => tryTo(() => writeFileSync('written.txt', 'x')),
  '/write-temporary': () => tryTo(() => writeFileSync((process.env.TMPDIR ?? '/tmp') + '/written.txt', 'x')),
  '/package-above': () => import('express').then(() => 'found', (error) => error.code),
}
createServer(async (request, response) => {
  response.end(JSON.stringify(await sights[request.url]()))
}).listen(Number(process.env.PORT), '127.0.0.1')
process.on('SIGTERM', () => process.exit(7))
`

interface Inside {
  program: Program
  root?: string
  ask(path: string): Promise<unknown>
}

async function inside(room: Room, { lines = '', isReadOnly = false, env = {}, leavesBehind = 0 } = {}, work: (inside: Inside) => Promise<void>): Promise<void> {
  const image = await workshop({ 'server.js': SEES, 'package.json': '{ "type": "module" }', 'Dockerfile': `FROM node\nWORKDIR /app\nCOPY . .\nCMD ["node", "server.js"]\n${lines}\n` }).build()
  const scratchFolder = room.isWholeRoot ? join(ROOT, '.workbook', 'cache', 'container', 'test') : temporaryFolder()
  const { program, root, cleanUp } = await runImage({ image, enter: (request) => room.enter(request), env, isReadOnly, scratchFolder })
  try {
    expect(await program.ready()).toBeNull()
    await work({ program, ...(root !== undefined && { root }), ask: async (path) => (await fetch(`${program.origin}${path}`)).json() })
  } finally {
    const { leftovers } = await program.stop()
    await cleanUp()
    expect(leftovers).toBe(leavesBehind)
    expect(readdirSync(scratchFolder)).toEqual([])
  }
}

describe.each(rooms)('%s', (_name, room) => {
  const here = test.skipIf(room === undefined)

  here(`shows a program its image, and nothing of this machine${room === undefined ? ' (skipped: it does not work here)' : ''}`, async () => {
    await inside(room!, { env: { STATION: 'tried' } }, async ({ ask }) => {
      expect(await ask('/tool')).toBe('ENOENT')
      expect(await ask('/package-above')).toBe('ERR_MODULE_NOT_FOUND')
      expect(await ask('/shell')).toBe('shell')
      expect(await ask('/env')).toEqual(expect.arrayContaining(['HOME', 'PATH', 'PORT', 'STATION']))
      const leaked = (await ask('/env') as string[]).filter((variable) => process.env[variable] !== undefined && !['HOME', 'PATH', 'PWD', 'TMPDIR', 'SHLVL', '_'].includes(variable))
      expect(leaked).toEqual([])
    })
  })

  here('lets a program write below /tmp', async () => {
    await inside(room!, { isReadOnly: true }, async ({ ask }) => {
      expect(await ask('/write-temporary')).toBe('done')
    })
  })

  here('sends a signal to process 1, and tells its exit code', async () => {
    await inside(room!, {}, async ({ program }) => {
      program.kill('SIGTERM')
      expect(await program.ended).toEqual({ code: 7, signal: null })
    })
  })

  here('ends what does not end by itself', async () => {
    // The shell is process 1 and passes nothing on; without a namespace that ends with it, its child is left.
    const leavesBehind = room?.isWholeRoot === true ? 0 : 1
    await inside(room!, { lines: 'CMD node server.js; true', leavesBehind }, async ({ program }) => {
      expect((await program.stop()).killed).toBe(room?.isWholeRoot)
    })
  })
})

describe.each(wholeRoots)('%s, where the image is the whole root', (_name, room) => {
  const here = test.skipIf(room === undefined)

  here('makes the program process 1, and its USER the user', async () => {
    await inside(room!, { lines: 'USER node' }, async ({ ask }) => {
      expect([await ask('/pid'), await ask('/uid'), await ask('/home')]).toEqual([1, 1000, '/home/node'])
    })
    await inside(room!, {}, async ({ ask }) => {
      expect([await ask('/uid'), await ask('/home')]).toEqual([0, '/root'])
    })
  })

  here('hides the files of this machine', async () => {
    await inside(room!, {}, async ({ ask }) => {
      expect(await ask('/host-file')).toBe(false)
    })
  })

  here('is read-only where it is asked to be, and else not', async () => {
    await inside(room!, { isReadOnly: true }, async ({ ask }) => {
      expect(await ask('/write-here')).toBe('EROFS')
    })
    await inside(room!, {}, async ({ ask }) => {
      expect(await ask('/write-here')).toBe('done')
    })
  })
})

describe('a tier', () => {
  test('can be forced by name', () => {
    expect(bestRoom(base, 'clean-dir').name).toBe('clean-dir')
    expect(() => bestRoom(base, 'moon')).toThrow('WORKBOOK_TIER=moon does not work on this machine.')
  })

  test('is the lowest where there is no base image', () => {
    expect(bestRoom(undefined, '').name).toBe('clean-dir')
  })

  test('says what it cannot see', () => {
    for (const [, room] of rooms) if (room !== undefined) expect(room.cannotSee.length).toBeGreaterThan(10)
  })
})
