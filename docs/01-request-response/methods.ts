import type { FigureMark } from '../.vitepress/theme/figure/types.ts'

/** What it does when the server carries a request out. */
export interface Effect {
  /** In the guide afterwards. */
  shows: number
  answer: string
  mark: Pick<FigureMark, 'text' | 'tone'>
}

export interface Method {
  name: string
  summary: string
  /** Shows in the guide before the first request. */
  before: number
  carryOut(shows: number): Effect
}

const post: Method = {
  name: 'POST',
  summary: 'POST /shows',
  before: 0,
  carryOut: (shows) => ({
    shows: shows + 1,
    answer: '201 Created',
    mark: shows === 0 ? { text: 'books the show', tone: 'busy' } : { text: 'books it again', tone: 'bad' },
  }),
}

const remove: Method = {
  name: 'DELETE',
  summary: 'DELETE /shows/<id>',
  before: 1,
  carryOut: (shows) => shows > 0
    ? { shows: shows - 1, answer: '204 No Content', mark: { text: 'deletes the show', tone: 'busy' } }
    : { shows, answer: '404 Not Found', mark: { text: 'finds nothing left' } },
}

const get: Method = {
  name: 'GET',
  summary: 'GET /shows',
  before: 1,
  carryOut: (shows) => ({ shows, answer: '200 OK', mark: { text: 'reads the guide', tone: 'busy' } }),
}

/** The requests that the figure can send. */
export const methods: readonly Method[] = [post, remove, get]

/** The request of that method; POST where there is none. */
export function methodOf(name: string): Method {
  return methods.find((method) => method.name === name) ?? post
}
