import type { FastifyInstance } from 'fastify'

const methods = 'GET, POST, PUT, PATCH, DELETE'
const headers = 'Content-Type, X-CSRF-Token, Idempotency-Key, Last-Event-ID, Traceparent'
const exposed = 'Retry-After, X-Request-ID'

/**
 * Lets pages of the listed origins call the API (SEC-3). Off without a list: then no answer carries
 * a header of CORS, and browsers keep every other page out.
 *
 * @param origins as a browser writes them, such as `https://intranet.example`
 */
export function allowOrigins(http: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return
  http.addHook('onRequest', (request, reply, done) => {
    const { origin } = request.headers
    reply.raw.appendHeader('vary', 'Origin')
    const isListed = origin !== undefined && origins.includes(origin)
    if (isListed || origins.includes('*')) {
      reply.raw.setHeader('access-control-allow-origin', isListed ? origin : '*')
      // Who may be anybody does not speak for the person who is signed in.
      if (isListed) reply.raw.setHeader('access-control-allow-credentials', 'true')
      reply.raw.setHeader('access-control-expose-headers', exposed)
      // The page of another origin is to read the answer, so it may not be held back from it.
      reply.raw.setHeader('cross-origin-resource-policy', 'cross-origin')
      const isPreflight = request.headers['access-control-request-method'] !== undefined
      if (request.method === 'OPTIONS' && isPreflight) {
        reply.raw.setHeader('access-control-allow-methods', methods)
        reply.raw.setHeader('access-control-allow-headers', headers)
        reply.raw.setHeader('access-control-max-age', '600')
        reply.code(204).send()
        return
      }
    }
    done()
  })
}
