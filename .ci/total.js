/** Adds up what the test runs and the steps of `.ci/run` left in a folder; the last line is the total. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = process.argv[2]
const failedSteps = read('failed-steps').split('\n').filter(Boolean)
const runs = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(read(name)))
const tests = runs.flatMap((run) => run.testResults.flatMap((file) => file.assertionResults))

const skipped = tests.filter((test) => test.status === 'skipped' || test.status === 'pending')
for (const test of skipped) console.log(`skipped: ${test.fullName}`)
for (const step of failedSteps) console.log(`failed step: ${step}`)

// A file that cannot even be imported has no failed test, and a linter none at all: then the step counts.
const failedTests = tests.filter((test) => test.status === 'failed').length
const failed = Math.max(failedTests, failedSteps.length)
const passed = tests.filter((test) => test.status === 'passed').length
process.exitCode = failed === 0 && passed > 0 ? 0 : 1
console.log(`${passed} passed, ${failed} failed, ${skipped.length} skipped`)

function read(name) {
  const file = join(folder, name)
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}
