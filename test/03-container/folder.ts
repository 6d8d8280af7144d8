/** What lies around in a folder while somebody works there. */

/** What lies around in a folder while somebody works there. None of it is anybody's business but theirs. */
export const canaries = {
  env: 'canary-4f1c-of-the-stream-key',
  git: 'canary-9d02-of-the-repository',
  log: 'canary-77ab-of-a-log',
  modules: 'canary-c3e8-of-other-modules',
}
