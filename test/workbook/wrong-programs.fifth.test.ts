import { proveWrongPrograms } from './support/wrong-programs.ts'

proveWrongPrograms(4, 6)
