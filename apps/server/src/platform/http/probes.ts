import { createServer, type Server } from 'node:http'
import type { HealthReport, Readiness } from '@studioops/contracts/health'
import type { FastifyInstance } from 'fastify'
import { plainHeaders, setHeaders } from './security-headers.ts'

type Ready = () => Promise<Readiness>

/** `/healthz`: the event loop lives. `/readyz`: it can serve (HLT-1). */
export function registerProbes(http: FastifyInstance, ready: Ready): void {
  http.get('/healthz', async (_, reply) => reply.header('cache-control', 'no-store').send(alive))
  http.get('/readyz', async (_, reply) => {
    const readiness = await ready()
    reply.header('cache-control', 'no-store').code(statusOf(readiness))
    if (readiness.status === 'fail') reply.header('retry-after', '2')
    return readiness
  })
}

const alive = { status: 'pass' }

/** `warn` keeps 200: who balances the load shall not take a product out whose Trello is away. */
export function statusOf({ status }: Pick<HealthReport, 'status'>): number {
  return status === 'fail' ? 503 : 200
}

type Probes = { readonly ready: Ready; readonly health: () => HealthReport }

/**
 * The same two answers and the whole of `/health` on a loopback port of their own (HLT-2); takes no
 * cookie and no body.
 */
export function createProbeServer({ ready, health }: Probes): Server {
  return createServer((request, response) => {
    const path = request.url?.split('?')[0]
    const answer = async (): Promise<{ status: number; body: unknown }> => {
      if (path === '/healthz') return { status: 200, body: alive }
      if (path === '/health') {
        const report = health()
        return { status: statusOf(report), body: report }
      }
      if (path !== '/readyz') return { status: 404, body: { status: 'fail' } }
      const readiness = await ready()
      return { status: statusOf(readiness), body: readiness }
    }
    void answer()
      .catch(() => ({ status: 503, body: { status: 'fail', reason: 'database' } }))
      .then(({ status, body }) => {
        setHeaders(response, plainHeaders)
        response.writeHead(status, {
          'content-type': 'application/json',
          'cache-control': 'no-store',
        })
        response.end(JSON.stringify(body))
      })
  })
}
