// @ts-check
/**
 * Waits until the judge's process has gone, however it went, and ends the process group named by its argument.
 * For programs that have no preload to do it themselves.
 */
const group = Number(process.argv[2])

process.stdin.resume()
process.stdin.on('error', endGroup)
process.stdin.on('close', endGroup)

function endGroup() {
  try {
    process.kill(process.platform === 'win32' ? group : -group, 'SIGKILL')
  } catch {
    // It has ended already.
  }
  process.exit()
}
