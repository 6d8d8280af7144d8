import type { ProblemCode } from '../../../../test/harness/types/index.ts'

/** What each code of a verdict's `problem` means. A code that the judge gains and this table lacks does not compile. */
export const PROBLEMS: Readonly<Record<ProblemCode, { meaning: string; next: string }>> = {
  'not-begun': { meaning: 'The lab has no program of yours yet.', next: 'Begin it: the button in the chapter, or npm run lab with its number.' },
  'no-such-file': { meaning: 'The file that was to be judged is not there.', next: 'Compare the path with the one in the message.' },
  'syntax-error': { meaning: 'The program cannot be read.', next: 'Look at the line and column in the message; the mistake is there or shortly before.' },
  'missing-import': { meaning: 'The program imports a package, a file or a name that does not exist.', next: 'Compare the spelling, and whether a file of your own is imported with its ending.' },
  'threw-at-start': { meaning: 'An error ended the program before it listened.', next: 'Read the message and the first of your own lines under it.' },
  'ended-by-itself': { meaning: 'The program ran to its end: nothing was left that kept it waiting for requests.', next: 'Does it call listen(), and is that line reached?' },
  'called-exit': { meaning: 'The program called process.exit().', next: 'Find the call; a server ends when it is told to, by SIGTERM.' },
  'wrong-port': { meaning: 'The program listens, but not on the port that PORT names.', next: 'Take the port from process.env.PORT.' },
  'wrong-address': { meaning: 'The program listens on PORT, but on an address where 127.0.0.1 does not reach it.', next: 'Leave the address out of listen(), or name 127.0.0.1.' },
  'port-taken': { meaning: 'Another program holds the port that this one wants.', next: 'Take the port from PORT, or end the other program.' },
  'never-listens': { meaning: 'The program runs, but opened no port within 10 seconds.', next: 'Look for something it waits for before it listens.' },
  'endless-loop': { meaning: 'A loop has not come back for a while, so the program answers nobody.', next: 'Look at the line in the message: what should end the loop?' },
  crashed: { meaning: 'An error that nobody caught ended the program while a check was talking to it.', next: 'Read the stack; then ask what a client may send without ending your server.' },
  exited: { meaning: 'The program ended while a check was talking to it.', next: 'Look for process.exit(), or for the last thing that kept it open.' },
  'out-of-memory': { meaning: 'The program and its children took more memory than a lab may.', next: 'Look for what grows with each request and is never let go.' },
  'never-answers': { meaning: 'The program listens, but takes no connection, or answers nothing.', next: 'Every path through a handler must end its answer once.' },
  'never-ends': { meaning: 'An answer began and did not end.', next: 'End the answer, and compare Content-Length with what is sent.' },
  'not-http': { meaning: 'What came back is not HTTP.', next: 'Let the HTTP library write the answer, or compare yours with the chapter, byte by byte.' },
  'run-too-long': { meaning: 'The whole run took longer than it may; the checks left were not tried.', next: 'Mend the check that waited longest first.' },
  unreachable: { meaning: 'Nothing answers at the address given by --url.', next: 'Is the program running, and is the address right?' },
  'cannot-start': { meaning: 'The command given by --command cannot be started.', next: 'Try it by itself in a terminal, in the folder of the workbook.' },
}
