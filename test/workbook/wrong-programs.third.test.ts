import { proveWrongPrograms } from './support/wrong-programs.ts'

proveWrongPrograms(2, 4)
