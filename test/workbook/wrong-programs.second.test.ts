import { proveWrongPrograms } from './support/wrong-programs.ts'

proveWrongPrograms(1, 4)
