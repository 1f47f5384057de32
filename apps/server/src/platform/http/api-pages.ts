import fastifySwagger from '@fastify/swagger'
import fastifySwaggerUi from '@fastify/swagger-ui'
import type { Endpoint } from '@studioops/contracts/endpoint'
import type { FastifyInstance } from 'fastify'
import { buildOpenApi } from './openapi.ts'
import type { Authenticator } from './principal.ts'
import { admit } from './route.ts'

type Options = {
  readonly endpoints: readonly Endpoint[]
  readonly version: string
  /** Present where only people of the workspace may read it. */
  readonly readers?: Authenticator
}

/** The OpenAPI document, and a page to read and try it. */
export async function serveApiPages(
  http: FastifyInstance,
  { endpoints, version, readers }: Options,
): Promise<void> {
  const document = buildOpenApi(endpoints, version)
  await http.register(async (pages) => {
    if (readers !== undefined)
      pages.addHook('onRequest', async (request) => {
        await admit({ method: 'GET', access: 'viewer' }, { request, authenticator: readers })
      })
    pages.get('/api/openapi.json', async () => document)
    await pages.register(fastifySwagger, {
      mode: 'static',
      specification: { document: document as never },
    })
    await pages.register(fastifySwaggerUi, {
      routePrefix: '/api/docs',
      staticCSP: true,
      uiConfig: { layout: 'BaseLayout', docExpansion: 'list' },
    })
  })
}
