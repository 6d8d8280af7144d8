import { proveWrongPrograms } from './support/wrong-programs.ts'

proveWrongPrograms(5, 6)
