import { lab } from './harness/lab.ts'
import { canaries } from './03-container/folder.ts'
import { configuration } from './03-container/configuration.ts'
import { probes } from './03-container/probes.ts'
import { draining } from './03-container/draining.ts'
import { ending } from './03-container/ending.ts'
import { building } from './03-container/building.ts'
import { leaks } from './03-container/leaks.ts'
import { running } from './03-container/running.ts'

lab({
  title: 'The server in its container',
  program: 'server',
  env: { STATION: 'Harbour Radio' },
  concurrent: 4,
  copies: 3,
  // What a starter fails is judged once more, alone, and on a busy machine that takes its time.
  runMs: 120_000,
  image: {
    packages: 'labs/03-container/packages',
    planted: {
      '.env': `STREAM_KEY=${canaries.env}\n`,
      '.git/HEAD': `ref: refs/heads/${canaries.git}\n`,
      '.git/config': `[remote "origin"]\n\turl = https://presenter:${canaries.git}@git.example/station.git\n`,
      'debug.log': `GET /login 200 cookie=${canaries.log}\n`,
      'node_modules/left-behind/package.json': `{ "name": "left-behind", "version": "0.0.1", "description": "${canaries.modules}" }\n`,
      'node_modules/left-behind/index.js': `// ${canaries.modules}\n`,
    },
  },
})

configuration()
probes()
draining()
ending()
building()
leaks()
running()
