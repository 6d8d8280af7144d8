/** Read by vitest before each check file: from then on `check()` registers a test. */
import { basename } from 'node:path'
import { expect } from 'vitest'
import { beginDraft } from '../lab.ts'
import { registerLab } from './register.ts'

const slug = basename(expect.getState().testPath ?? '').replace(/\.test\.ts$/, '')
const draft = beginDraft({
  onLab: () => {
    registration.begin()
  },
  onCheck: (check) => {
    registration.add(check)
  },
})
const registration = registerLab(slug, draft)
