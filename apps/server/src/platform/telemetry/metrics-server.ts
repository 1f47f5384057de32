import { createServer, type Server } from 'node:http'
import { plainHeaders, setHeaders } from '../http/security-headers.ts'
import type { Metrics } from './metrics.ts'

/** Metrics on a loopback port of their own (OBS-1, D-16): nothing else is answered there. */
export function createMetricsServer(metrics: Pick<Metrics, 'text' | 'contentType'>): Server {
  return createServer((request, response) => {
    setHeaders(response, plainHeaders)
    response.setHeader('cache-control', 'no-store')
    if (request.url?.split('?')[0] !== '/metrics') {
      response.writeHead(404).end()
      return
    }
    void metrics
      .text()
      .then((text) => response.writeHead(200, { 'content-type': metrics.contentType }).end(text))
      .catch(() => response.writeHead(503).end())
  })
}
