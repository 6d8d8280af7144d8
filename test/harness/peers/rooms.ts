import { randomBytes, randomUUID } from 'node:crypto'

/** How many events of one peer are kept for an inbox that is not open, or comes back. */
const KEPT_EVENTS = 100

/** One event of an inbox. */
export interface InboxEvent {
  id: number
  event: 'joined' | 'left' | 'signal'
  data: object
}

/** Someone who has joined a room. */
export interface Member {
  readonly id: string
  readonly token: string
  readonly name: string
  readonly room: string
  /** The last events, sent or not, oldest first. */
  readonly events: InboxEvent[]
  nextEventId: number
  /** The highest event id that was written to an inbox. */
  sentUpTo: number
  /** Writes to the open inbox; undefined while there is none. */
  write?: (event: InboxEvent) => void
  /** Runs out when the inbox has been closed for too long. */
  leaveTimer?: NodeJS.Timeout
}

/** Who is where, and what waits for whom: lab 09's contract without its HTTP. */
export class Rooms {
  readonly #rooms = new Map<string, Map<string, Member>>()

  /** Everyone in a room, in the order they came. */
  members(room: string): Member[] {
    return [...(this.#rooms.get(room)?.values() ?? [])]
  }

  find(room: string, id: string): Member | undefined {
    return this.#rooms.get(room)?.get(id)
  }

  /** The member that a token belongs to, in that room only. */
  owner(room: string, token: string | undefined): Member | undefined {
    return this.members(room).find((member) => member.token === token)
  }

  /** Adds a member and tells the others; undefined when the name is taken. */
  join(room: string, name: string): Member | undefined {
    const others = this.members(room)
    if (others.some((other) => other.name === name)) return undefined
    const token = randomBytes(16).toString('hex')
    const member: Member = { id: randomUUID(), token, name, room, events: [], nextEventId: 1, sentUpTo: 0 }
    if (!this.#rooms.has(room)) this.#rooms.set(room, new Map())
    this.#rooms.get(room)?.set(member.id, member)
    for (const other of others) this.deliver(other, 'joined', { id: member.id, name })
    return member
  }

  /** Removes a member and tells the others. */
  leave(member: Member): void {
    const room = this.#rooms.get(member.room)
    if (!room?.delete(member.id)) return
    clearTimeout(member.leaveTimer)
    if (room.size === 0) this.#rooms.delete(member.room)
    for (const other of room.values()) this.deliver(other, 'left', { id: member.id })
  }

  /** Writes an event to the member's inbox, or keeps it until there is one. */
  deliver(member: Member, event: InboxEvent['event'], data: object): void {
    const entry: InboxEvent = { id: member.nextEventId++, event, data }
    member.events.push(entry)
    if (member.events.length > KEPT_EVENTS) member.events.shift()
    if (!member.write) return
    member.sentUpTo = entry.id
    member.write(entry)
  }

  /**
   * Opens the member's inbox: first what it has missed, then all that comes.
   *
   * @param after the last event id that the reader has seen; default: the last one ever sent.
   */
  open(member: Member, write: (event: InboxEvent) => void, after = member.sentUpTo): void {
    clearTimeout(member.leaveTimer)
    member.write = write
    for (const entry of member.events) {
      if (entry.id > after) write(entry)
    }
    member.sentUpTo = member.nextEventId - 1
  }

  /** Closes that inbox, unless another has taken its place; the member leaves after `leaveMs`. */
  close(member: Member, write: (event: InboxEvent) => void, leaveMs: number, left: () => void): void {
    if (member.write !== write) return
    member.write = undefined
    this.expectInbox(member, leaveMs, left)
  }

  /** The member leaves, unless an inbox is opened within `leaveMs`. */
  expectInbox(member: Member, leaveMs: number, left: () => void): void {
    clearTimeout(member.leaveTimer)
    member.leaveTimer = setTimeout(() => {
      this.leave(member)
      left()
    }, leaveMs)
    member.leaveTimer.unref()
  }

  /** Forgets everyone, silently. */
  clear(): void {
    for (const room of this.#rooms.values()) {
      for (const member of room.values()) clearTimeout(member.leaveTimer)
    }
    this.#rooms.clear()
  }
}
