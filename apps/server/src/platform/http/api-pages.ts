import fastifySwagger from '@fastify/swagger'
import fastifySwaggerUi from '@fastify/swagger-ui'
import type { Endpoint } from '@studioops/contracts/endpoint'
import type { FastifyInstance } from 'fastify'
import { buildOpenApi } from './openapi.ts'

type Options = { readonly endpoints: readonly Endpoint[]; readonly version: string }

/** The OpenAPI document, and a page to read and try it. */
export async function serveApiPages(
  http: FastifyInstance,
  { endpoints, version }: Options,
): Promise<void> {
  const document = buildOpenApi(endpoints, version)
  http.get('/api/openapi.json', async () => document)
  await http.register(fastifySwagger, {
    mode: 'static',
    specification: { document: document as never },
  })
  await http.register(fastifySwaggerUi, {
    routePrefix: '/api/docs',
    staticCSP: true,
    uiConfig: { layout: 'BaseLayout', docExpansion: 'list' },
  })
}
