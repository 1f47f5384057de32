import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fastifyHelmet from '@fastify/helmet'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { AppError } from '../errors/app-error.ts'

type Sources = { readonly scriptSrc: readonly string[]; readonly styleSrc: readonly string[] }

/** What the build says about the inline pieces of its page; without a build there are none. */
function readSources(directory: string): Sources {
  const file = join(directory, 'csp.json')
  const none: Sources = { scriptSrc: [], styleSrc: [] }
  return existsSync(file)
    ? { ...none, ...(JSON.parse(readFileSync(file, 'utf8')) as Partial<Sources>) }
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
  const { scriptSrc, styleSrc } = readSources(directory)
  // Helmet would put it together anew for every request.
  const policy = policyOf({
    'default-src': ["'self'"],
    'script-src': ["'self'", ...scriptSrc],
    'style-src': ["'self'", ...styleSrc],
    'img-src': ["'self'", 'data:', 'blob:'],
    'connect-src': ["'self'"],
    'font-src': ["'self'"],
    'object-src': ["'none'"],
    'base-uri': ["'none'"],
    'frame-ancestors': ["'none'"],
    'form-action': ["'self'"],
  })
  http.addHook('onRequest', (_, reply, done) => {
    reply.header('content-security-policy', policy)
    done()
  })
  await http.register(fastifyHelmet, {
    contentSecurityPolicy: false,
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

function policyOf(directives: Readonly<Record<string, readonly string[]>>): string {
  return Object.entries(directives)
    .map(([name, sources]) => `${name} ${sources.join(' ')}`)
    .join(';')
}
