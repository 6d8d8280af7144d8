import type { Client } from '../types/index.ts'

/**
 * Waits until the program has read what was sent so far on other connections: by the answer on one that was opened later. A kept
 * connection would not do, for its request overtakes those that still have to connect.
 * @param path of a GET that the program answers at once
 * @throws CheckFailure when no answer comes
 */
export async function hasArrived(client: Client, path: string): Promise<void> {
  const connection = await client.connect()
  await connection.send(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
  await connection.reply()
}
