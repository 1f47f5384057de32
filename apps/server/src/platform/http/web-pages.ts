import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fastifyHelmet from '@fastify/helmet'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { AppError } from '../errors/app-error.ts'

type Hashes = { readonly scriptHashes: readonly string[]; readonly styleHashes: readonly string[] }

/** What the build says about the inline pieces of its page; without a build there are none. */
function readHashes(directory: string): Hashes {
  const file = join(directory, 'csp.json')
  const none = { scriptHashes: [], styleHashes: [] }
  return existsSync(file)
    ? { ...none, ...(JSON.parse(readFileSync(file, 'utf8')) as Partial<Hashes>) }
    : none
}

type Options = {
  /** Where the built page lies. */
  readonly directory: string
  readonly isSecure: boolean
}

/** Serves the page with strict headers; every address that is no file is the page's own business. */
export async function serveWebPages(
  http: FastifyInstance,
  { directory, isSecure }: Options,
): Promise<void> {
  const { scriptHashes, styleHashes } = readHashes(directory)
  await http.register(fastifyHelmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'", ...scriptHashes.map((hash) => `'${hash}'`)],
        styleSrc: ["'self'", ...styleHashes.map((hash) => `'${hash}'`)],
        imgSrc: ["'self'", 'data:', 'blob:'],
        connectSrc: ["'self'"],
        fontSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
        formAction: ["'self'"],
      },
    },
    strictTransportSecurity: isSecure,
    referrerPolicy: { policy: 'no-referrer' },
  })

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
