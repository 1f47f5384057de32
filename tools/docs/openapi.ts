import type { Endpoint } from '@studioops/contracts/endpoint'

/**
 * The endpoints among the exports of the contracts, by path and method.
 *
 * @throws Error where two of them claim the same method and path.
 */
export function endpointsIn(modules: readonly object[]): Endpoint[] {
  const endpoints = new Map<string, Endpoint>()
  for (const endpoint of modules.flatMap((module) => Object.values(module)).filter(isEndpoint)) {
    const place = `${endpoint.path} ${endpoint.method}`
    const known = endpoints.get(place)
    if (known !== undefined && known !== endpoint)
      throw new Error(`two endpoints of the contracts are ${endpoint.method} ${endpoint.path}.`)
    endpoints.set(place, endpoint)
  }
  return [...endpoints.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one)
}

/** docs/openapi.json */
export function renderOpenApi(document: object): string {
  return `${JSON.stringify(document, undefined, 2)}\n`
}

function isEndpoint(value: unknown): value is Endpoint {
  return typeof value === 'object' && value !== null && 'method' in value && 'reply' in value
}
