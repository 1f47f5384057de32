// The limit of the stream bench: a proxy that passes the model's bytes on and understands none of them.
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readSettings, tell } from './program.ts'

export type BytePipeSettings = { readonly modelUrl: string }

const { modelUrl } = await readSettings<BytePipeSettings>()

const server = createServer((incoming, outgoing) => {
  const { method, headers } = incoming
  const { host: _, ...passed } = headers
  const onwards = request(`${modelUrl}${incoming.url}`, { method, headers: passed }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
    outgoing.flushHeaders()
    answer.pipe(outgoing)
  })
  onwards.on('error', () => outgoing.destroy())
  incoming.pipe(onwards)
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  void tell({ origin: `http://127.0.0.1:${port}` })
})
