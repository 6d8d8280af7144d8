import { proveWrongPrograms } from './support/wrong-programs.ts'

proveWrongPrograms(3, 4)
