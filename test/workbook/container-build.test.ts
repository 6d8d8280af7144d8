/** The builder by itself: what each line of a Dockerfile makes of a folder. */
import { describe, expect, test } from 'vitest'
import { readContext } from '../harness/container/context.ts'
import { unpackLayer } from '../harness/container/tar.ts'
import { filesOf, putFiles, temporaryFolder, textOf, workshop } from './support/images.ts'

const FROM = 'FROM node:20-slim\n'

describe('.dockerignore', () => {
  const files = {
    'Dockerfile': FROM, 'server.ts': '', 'notes.md': '', 'debug.log': '', 'logs/today.log': '', 'lib/words.ts': '', 'lib/words.test.ts': '', 'lib/deep/more.test.ts': '',
    'keys/readme.md': '', 'keys/private.pem': '',
  }

  /** What is left of the files above, in order. */
  function letIn(patterns: string): string[] {
    const folder = temporaryFolder()
    putFiles(folder, { ...files, '.dockerignore': patterns })
    return [...readContext({ folder }).files.keys()].filter((path) => path !== '.dockerignore' && path !== 'Dockerfile')
  }

  const all = Object.keys(files).filter((path) => path !== 'Dockerfile').sort()
  const without = (...gone: string[]): string[] => all.filter((path) => !gone.includes(path))

  test.each([
    ['nothing', '', all],
    ['a comment', '# server.ts\n', all],
    ['a file', 'notes.md\n', without('notes.md')],
    ['a folder', 'lib\n', all.filter((path) => !path.startsWith('lib/'))],
    ['a folder with a slash', '/lib/\n', all.filter((path) => !path.startsWith('lib/'))],
    ['a star, at the top alone, as git would not', '*.log\n', without('debug.log')],
    ['two stars, at any depth', '**/*.log\n', without('debug.log', 'logs/today.log')],
    ['two stars, below a folder', 'lib/**/*.test.ts\n', without('lib/words.test.ts', 'lib/deep/more.test.ts')],
    ['an exception, which brings back a part of a folder, as git would not', 'keys\n!keys/readme.md\n', without('keys/private.pem')],
    ['the last line that matches', '!notes.md\nnotes.md\n', without('notes.md')],
    ['all but some', '*\n!server.ts\n!lib\n', ['lib/deep/more.test.ts', 'lib/words.test.ts', 'lib/words.ts', 'server.ts']],
    ['spaces and carriage returns at the end', 'notes.md  \r\ndebug.log\r\n', without('notes.md', 'debug.log')],
  ])('%s', (_what, patterns, expected) => {
    expect(letIn(patterns)).toEqual(expected)
  })

  test('what is planted takes the place of what is there, and the folder stays as it is', () => {
    const folder = temporaryFolder()
    putFiles(folder, { ...files, '.env': 'mine' })
    const context = readContext({ folder, planted: { '.env': 'planted' } })
    expect(context.files.get('.env')?.bytes.toString()).toBe('planted')
    expect(readContext({ folder }).files.get('.env')?.bytes.toString()).toBe('mine')
  })
})

describe('COPY', () => {
  const files = { 'package.json': '{}', 'package-lock.json': '{}', 'server.ts': 'server', 'lib/a.ts': 'a', 'lib/deep/b.ts': 'b', 'with space.txt': 'space' }

  test.each([
    ['one file to a name', 'COPY server.ts /app/main.ts', ['app/main.ts']],
    ['one file into a folder', 'COPY server.ts /app/', ['app/server.ts']],
    ['one file into the working directory', 'WORKDIR /app\nCOPY server.ts .', ['app/server.ts']],
    ['one file into a folder that is there', 'WORKDIR /app/lib\nWORKDIR /app\nCOPY server.ts lib', ['app/lib/server.ts']],
    ['the content of a folder, not the folder', 'COPY lib /app', ['app/a.ts', 'app/deep/b.ts']],
    ['several', 'COPY server.ts package.json /app/', ['app/package.json', 'app/server.ts']],
    ['a star', 'COPY package*.json /app/', ['app/package-lock.json', 'app/package.json']],
    ['a set of letters', 'COPY [p]ackage.json /app/', ['app/package.json']],
    ['the JSON form, for names with spaces', 'COPY ["with space.txt", "/app/"]', ['app/with space.txt']],
    ['variables', 'ARG WHAT=server\nENV TO=/srv\nCOPY ${WHAT}.ts $TO/', ['srv/server.ts']],
    ['continued lines with a comment in between', 'COPY server.ts \\\n  # the program\n  package.json \\\n  /app/', ['app/package.json', 'app/server.ts']],
    ['a relative way out, which stays in the root', 'WORKDIR /app\nCOPY server.ts ../../../srv/', ['srv/server.ts']],
  ])('%s', async (_what, lines, expected) => {
    const image = await workshop({ ...files, Dockerfile: `${FROM}${lines}\n` }).build()
    expect(filesOf(image)).toEqual(expected)
  })

  test('--chown and --chmod', async () => {
    const image = await workshop({ ...files, Dockerfile: `${FROM}COPY --chown=node:1000 --chmod=640 server.ts /app/\n` }).build()
    expect(image.tree.get('app/server.ts')).toMatchObject({ uid: 1000, gid: 1000, mode: 0o640 })
    expect(image.tree.get('app')).toMatchObject({ uid: 0, mode: 0o755 })
  })

  test('from an earlier stage, by name and by number', async () => {
    const dockerfile = `${FROM.trim()} AS made\nWORKDIR /made\nCOPY . .\n${FROM}COPY --from=made /made/lib /app/lib\nCOPY --from=0 --chown=node /made/server.ts /app/\n`
    const image = await workshop({ ...files, Dockerfile: dockerfile }).build()
    expect(filesOf(image)).toEqual(['app/lib/a.ts', 'app/lib/deep/b.ts', 'app/server.ts'])
    expect(image.tree.get('app/server.ts')).toMatchObject({ uid: 1000 })
    expect(image.layers.map(({ line }) => line.line)).toEqual([5, 6])
  })
})

describe('what a stage says of its image', () => {
  const dockerfile = [
    'ARG VERSION=20', 'FROM node:${VERSION}-slim', 'ARG VERSION', 'LABEL node=$VERSION', 'ENV A=1 B="two words"', 'ENV C=${A}${D:-four}', 'WORKDIR /srv', 'WORKDIR app',
    'EXPOSE 3000 9000/udp', 'USER 1000:1000', 'STOPSIGNAL SIGTERM', 'ENTRYPOINT ["node"]', 'CMD ["server.ts"]',
  ].join('\n')

  test('is what the lines say, variables filled in', async () => {
    const { state } = await workshop({ Dockerfile: dockerfile }).build()
    expect(Object.fromEntries(state.env)).toMatchObject({ A: '1', B: 'two words', C: '1four' })
    expect(Object.fromEntries(state.labels)).toEqual({ node: '20' })
    expect(state).toMatchObject({
      workdir: '/srv/app', user: '1000:1000', ports: ['3000/tcp', '9000/udp'], stopSignal: 'SIGTERM', entrypoint: ['node'], cmd: ['server.ts'],
    })
  })

  test('the shell form is run by a shell', async () => {
    const { state } = await workshop({ Dockerfile: `${FROM}CMD node server.ts; true\n` }).build()
    expect(state.cmd).toEqual(['/bin/sh', '-c', 'node server.ts; true'])
  })
})

describe('layers', () => {
  const dockerfile = `${FROM}WORKDIR /app\nCOPY . .\nRUN rm -rf secret lib/*.md && mkdir -p data/deep\n`
  const files = { 'Dockerfile': dockerfile, 'server.ts': 'server', 'secret/key': 'canary', 'lib/a.ts': 'a', 'lib/notes.md': 'notes', '.dockerignore': 'Dockerfile\n.dockerignore\n' }

  test('what is deleted is hidden by a whiteout and still in the layer below', async () => {
    const image = await workshop(files).build()
    expect(filesOf(image)).toEqual(['app/lib/a.ts', 'app/server.ts'])
    const [, copied, removed] = image.layers
    expect(copied?.archive.includes('canary')).toBe(true)
    expect([...(await unpackLayer(removed!.archive)).removed].sort()).toEqual(['app/lib/notes.md', 'app/secret'])
    expect(removed?.archive.includes('app/.wh.secret')).toBe(true)
    expect([...removed!.changes.set.keys()].sort()).toEqual(['app/data', 'app/data/deep'])
  })

  test('the same files make the same digests', async () => {
    const digests = async (): Promise<string[]> => (await workshop(files).build()).layers.map(({ digest }) => digest)
    expect(await digests()).toEqual(await digests())
  })

  test('a layer is read again as it was written', async () => {
    const image = await workshop(files).build()
    for (const { archive, changes } of image.layers) {
      const again = await unpackLayer(archive)
      expect([...again.set].sort()).toEqual([...changes.set].sort())
      expect([...again.removed].sort()).toEqual([...changes.removed].sort())
    }
  })

  test('a second build runs no RUN again, and a changed file those below it', async () => {
    const { build, folder } = workshop(files)
    const ran = async (): Promise<string[]> => (await build()).ran.filter((text) => text.startsWith('RUN'))
    expect(await ran()).toHaveLength(1)
    expect(await ran()).toHaveLength(0)
    putFiles(folder, { 'server.ts': 'another' })
    expect(await ran()).toHaveLength(1)
  })
})

describe('the keys of lines', () => {
  const packages = { 'package.json': '{}', 'package-lock.json': '{}', 'server.ts': '', '.dockerignore': '*.md\n', 'notes.md': '' }
  const right = `${FROM}WORKDIR /app\nCOPY package*.json ./\nRUN npm ci\nCOPY . .\n`

  test.each([
    ['packages first, program changed', right, { 'server.ts': 'x' }, [false]],
    ['packages first, lock changed', right, { 'package-lock.json': '{ }' }, [true]],
    ['all first, program changed', `${FROM}WORKDIR /app\nCOPY . .\nRUN npm ci\n`, { 'server.ts': 'x' }, [true]],
    ['all first, what is ignored changed', `${FROM}WORKDIR /app\nCOPY . .\nRUN npm ci\n`, { 'notes.md': 'x' }, [false]],
    ['another setting above', `${FROM}ENV A=1\nCOPY package*.json ./\nRUN npm ci\n`, { Dockerfile: `${FROM}ENV A=2\nCOPY package*.json ./\nRUN npm ci\n` }, [true]],
    ['another tag of the same base', right, { Dockerfile: right.replace('20-slim', '22') }, [false]],
    ['another user below', `${right}USER node\n`, { Dockerfile: `${right}USER 1000\n` }, [false]],
    ['an earlier stage, its program changed', `${FROM.trim()} AS made\nCOPY server.ts .\n${FROM}COPY --from=made /server.ts .\nRUN npm ci\n`, { 'server.ts': 'x' }, [true]],
    ['an earlier stage, what is not taken from it changed', `${FROM.trim()} AS made\nCOPY . /all/\n${FROM}COPY --from=made /all/package.json ./\nRUN npm ci\n`, { 'server.ts': 'x' }, [false]],
    ['an earlier stage, what is taken from it changed', `${FROM.trim()} AS made\nCOPY . /all/\n${FROM}COPY --from=made /all/package.json ./\nRUN npm ci\n`, { 'package.json': '{ }' }, [true]],
  ])('%s', (_what, dockerfile, changed, expected) => {
    expect(workshop({ ...packages, Dockerfile: dockerfile }).npmRunsAgain(changed)).toEqual(expected)
  })
})

describe('a line that cannot be built is told, with its number', () => {
  const files = { 'server.ts': '', 'kept/out.txt': '', '.dockerignore': 'kept\n' }

  test.each([
    ['no FROM', 'WORKDIR /app', /nothing but ARG|no FROM/],
    ['another base', 'FROM python:3', /line 1, `FROM python:3`: this line needs an engine/],
    ['an unknown instruction', `${FROM}COYP . .`, /line 2, `COYP \. \.`: there is no instruction COYP/],
    ['a tool of the system', `${FROM}RUN apt-get install -y curl`, /line 2, .*needs an engine.*"apt-get"/],
    ['a shell', `${FROM}RUN npm ci || true`, /needs an engine.*shell/],
    ['a script', `${FROM}RUN npm run build`, /needs an engine.*"npm run"/],
    ['a global package', `${FROM}RUN npm install --global tsx`, /needs an engine.*--global/],
    ['another registry', `${FROM}RUN npm ci --registry=http://elsewhere`, /needs an engine.*--registry/],
    ['a here-document', `${FROM}RUN <<END\nnpm ci\nEND`, /needs an engine.*here-documents/],
    ['a volume', `${FROM}VOLUME /data`, /needs an engine/],
    ['a file that is not there', `${FROM}COPY sever.ts .`, /"sever\.ts" is not in the build context: there is no such file/],
    ['a file that is ignored', `${FROM}COPY kept/out.txt .`, /"kept\/out\.txt" is not in the build context: .*\.dockerignore keeps it out/],
    ['two files to one name', `${FROM}COPY server.ts server.ts /app`, /must be a folder/],
    ['a user that nobody knows', `${FROM}USER presenter`, /no user "presenter"/],
    ['rm of what is not there', `${FROM}RUN rm nothing`, /rm: there is no nothing/],
    ['rm of a folder', `${FROM}WORKDIR /app\nRUN rm /app`, /takes no folders without -r/],
    ['a later stage', `${FROM}COPY --from=later /a /b`, /no earlier stage "later"/],
  ])('%s', async (_what, dockerfile, message) => {
    await expect(workshop({ ...files, Dockerfile: dockerfile }).build()).rejects.toThrow(message)
  })

  test('a folder without a Dockerfile', async () => {
    await expect(workshop({ 'server.ts': '' }).build()).rejects.toThrow('There is no Dockerfile beside server.ts.')
  })
})

test('a file in the image is what it was in the folder, byte for byte', async () => {
  const image = await workshop({ 'Dockerfile': `${FROM}COPY . /app\n`, 'a.txt': 'Ñandú, 港\r\n' }).build()
  expect(textOf(image, 'app/a.txt')).toBe('Ñandú, 港\r\n')
})
