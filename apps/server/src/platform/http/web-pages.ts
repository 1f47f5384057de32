import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { AppError } from '../errors/app-error.ts'

/**
 * Serves the page; every address that is no file is the page's own business.
 *
 * @param directory where the built page lies
 */
export async function serveWebPages(http: FastifyInstance, directory: string): Promise<void> {
  const isBuilt = existsSync(join(directory, 'index.html'))
  if (isBuilt)
    await http.register(fastifyStatic, {
      root: directory,
      wildcard: false,
      cacheControl: false,
      setHeaders: (reply, path) => {
        // Vite names its assets by their content; the page that names them must stay fresh.
        const isNamedByContent = path.includes(`${join(directory, 'assets')}`)
        reply.header(
          'cache-control',
          isNamedByContent ? 'public, max-age=31536000, immutable' : 'no-cache',
        )
      },
    })

  http.setNotFoundHandler(async (request, reply) => {
    const isPage =
      request.method === 'GET' &&
      request.headers.accept?.includes('text/html') === true &&
      !/^\/(api|mcp|demo)\//.test(request.url)
    if (!isPage || !isBuilt) throw new AppError('route.not-found')
    return reply.header('cache-control', 'no-cache').sendFile('index.html')
  })
}
