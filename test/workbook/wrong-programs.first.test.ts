import { proveWrongPrograms } from './support/wrong-programs.ts'

proveWrongPrograms(0, 4)
