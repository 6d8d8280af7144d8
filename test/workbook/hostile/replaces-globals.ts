import { createServer } from 'node:http'

const nothing = (): never => {
  throw new TypeError('This name means something else here')
}
const guide = new Map<string, string[]>()
createServer((request, response) => {
  response.end(guide.get(request.url ?? '')!.join(', '))
}).listen(process.env.PORT, () => {
  Object.assign(JSON, { stringify: nothing, parse: nothing })
  Object.assign(Atomics, { add: nothing, load: nothing, store: nothing })
  Object.assign(globalThis, { setTimeout: nothing, setInterval: nothing, clearInterval: nothing, Error: undefined, String: undefined, JSON: undefined })
})
