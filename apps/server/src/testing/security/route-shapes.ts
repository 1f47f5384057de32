import type { Endpoint } from '@studioops/contracts/endpoint'
import { z } from 'zod'
import type { App } from '../../app.ts'
import type { Shape } from './shape-samples.ts'

/** A route as a stranger sees it: where values can be put. */
export type Route = {
  /** `GET /api/runs/:runId/events`: how the tables of expectations name it. */
  readonly name: string
  readonly method: string
  readonly path: string
  readonly params: readonly string[]
  /** Absent for what is served past the contracts. */
  readonly endpoint: Endpoint | undefined
  readonly query: Shape | undefined
  readonly body: Shape | undefined
}

/** Every route that is served, but for HEAD and TRACE, which a browser's `fetch` does not send. */
export function routesOf({ http, router }: Pick<App, 'http' | 'router'>): Route[] {
  const endpoints = new Map(
    router.endpoints.map((endpoint) => [`${endpoint.method} /api${endpoint.path}`, endpoint]),
  )
  return [...new Set(http.routeTable)]
    .filter((name) => !/^(HEAD|TRACE) /.test(name))
    .map((name) => {
      const [method = '', path = ''] = name.split(' ')
      const endpoint = endpoints.get(name)
      return {
        name,
        method,
        path,
        params: [...path.matchAll(/:(\w+)/g)].map(([, param = '']) => param),
        endpoint,
        query: shapeOf(endpoint?.query),
        body: shapeOf(endpoint?.body),
      }
    })
}

function shapeOf(schema: z.ZodType | undefined): Shape | undefined {
  if (schema === undefined) return undefined
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Shape
}

export function fillPath({ path }: Route, value: (param: string) => string): string {
  return path
    .replace(/:(\w+)/g, (_, param: string) => encodeURIComponent(value(param).toWellFormed()))
    .replace('*', 'index.html')
}
