import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Simulator } from './simulator.ts'

type Mount = (publicUrl: string) => Simulator
type Fallback = (request: IncomingMessage, response: ServerResponse) => void

export type ServedSimulators<Mounts extends Record<string, Mount>> = {
  /** Scheme, host and port, without a slash at the end. */
  readonly origin: string
  readonly simulators: { readonly [Path in keyof Mounts]: ReturnType<Mounts[Path]> }
  close(): Promise<void>
}

/**
 * Serves simulators below paths such as `/jira`, each made with its own public URL.
 *
 * @param port 0 for any free one
 * @throws when the port is taken
 */
export async function serveSimulators<const Mounts extends Record<string, Mount>>(
  mounts: Mounts,
  { port = 0, host = '127.0.0.1', fallback = notFound }: Listening = {},
): Promise<ServedSimulators<Mounts>> {
  const mounted = new Map<string, Simulator>()
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const path = request.url ?? '/'
    for (const [prefix, simulator] of mounted) {
      const below = pathBelow(path, prefix)
      if (below !== undefined) return simulator.handle(request, response, below)
    }
    fallback(request, response)
  })
  const listening = Promise.withResolvers<void>()
  server.once('error', listening.reject)
  server.listen({ port, host }, listening.resolve)
  await listening.promise

  const { port: actualPort } = server.address() as AddressInfo
  const origin = `http://${host.includes(':') ? `[${host}]` : host}:${actualPort}`
  for (const [prefix, create] of Object.entries(mounts))
    mounted.set(prefix, create(`${origin}${prefix}`))

  return {
    origin,
    simulators: Object.fromEntries(mounted) as ServedSimulators<Mounts>['simulators'],
    async close() {
      for (const simulator of mounted.values()) simulator.close()
      server.closeAllConnections()
      const closed = Promise.withResolvers<void>()
      server.close(() => closed.resolve())
      await closed.promise
    },
  }
}

type Listening = {
  readonly port?: number
  readonly host?: string
  /** Answers what lies below no simulator. */
  readonly fallback?: Fallback
}

/** @returns the rest of a path with its query, beginning with `/`; undefined when it is not below */
export function pathBelow(path: string, prefix: string): string | undefined {
  if (!path.startsWith(prefix)) return undefined
  const rest = path.slice(prefix.length)
  if (rest === '' || rest.startsWith('?')) return `/${rest}`
  return rest.startsWith('/') ? rest : undefined
}

function notFound(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(404, { 'content-type': 'text/plain;charset=UTF-8' })
  response.end('No simulator is mounted here.\n')
}
