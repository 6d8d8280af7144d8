/**
 * Ends the process once all is written. A process that has judged lab 10 was seen to spin for ever, its verdict told,
 * while Node took its handles down: that it does when it ends by itself, and not here.
 */
export async function endWith(code: number): Promise<never> {
  const outputs = [process.stdout, process.stderr]
  await Promise.all(outputs.map((output) => new Promise((resolve) => output.write('', resolve))))
  process.exit(code)
}
