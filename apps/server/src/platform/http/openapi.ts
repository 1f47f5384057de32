import { type ErrorCode, errorCatalog } from '@studioops/contracts/errors'
import type { Endpoint } from '@studioops/contracts/endpoint'
import { problem } from '@studioops/contracts/problem'
import { z } from 'zod'

type Json = Record<string, unknown>

/** The OpenAPI 3.1 document of the API, made from the same objects that serve it. */
export function buildOpenApi(endpoints: readonly Endpoint[], version: string): Json {
  const paths: Record<string, Json> = {}
  for (const endpoint of endpoints) {
    const path = `/api${endpoint.path.replace(/:(\w+)/g, '{$1}')}`
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operationOf(endpoint) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'StudioOps',
      version,
      description:
        'Every refusal is problem+json (RFC 9457) with a code, texts in English and Hebrew, a next step and a correlation id. Unsafe requests take an Idempotency-Key, of visitors too; where none is listed the answer holds a secret or a session that is kept nowhere, and a repetition is carried out again.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths,
    components: {
      schemas: { Problem: schemaOf(problem, 'output') },
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'so_session' },
        csrf: { type: 'apiKey', in: 'header', name: 'X-CSRF-Token' },
      },
    },
  }
}

function operationOf(endpoint: Endpoint): Json {
  const unsafe = endpoint.method !== 'GET'
  const signedIn = endpoint.access !== 'public'
  return {
    operationId: `${endpoint.method.toLowerCase()}${endpoint.path.replace(/[^A-Za-z0-9]+(.)?/g, (_, next: string = '') => next.toUpperCase())}`,
    summary: endpoint.summary,
    tags: [endpoint.path.split('/')[1]],
    ...(signedIn ? { security: [{ session: [], ...(unsafe ? { csrf: [] } : {}) }] } : {}),
    parameters: [
      ...parametersOf(endpoint.params, 'path'),
      ...parametersOf(endpoint.query, 'query'),
      ...(unsafe && endpoint.repliesSecret !== true
        ? [{ name: 'Idempotency-Key', in: 'header', schema: { type: 'string', maxLength: 128 } }]
        : []),
    ],
    ...(endpoint.body === undefined
      ? {}
      : { requestBody: { required: true, content: json(schemaOf(endpoint.body, 'input')) } }),
    responses: responsesOf(endpoint),
  }
}

function parametersOf(schema: z.ZodObject | undefined, place: 'path' | 'query'): Json[] {
  if (schema === undefined) return []
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as {
    properties?: Record<string, Json>
    required?: string[]
  }
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }))
}

function responsesOf(endpoint: Endpoint): Record<string, Json> {
  const codes = new Set([...endpoint.errors, ...impliedErrors(endpoint)])
  const byStatus = Map.groupBy(codes, (code) => errorCatalog[code].status)
  const refusals = [...byStatus].map(([status, codes]) => [
    String(status),
    {
      description: codes.join(', '),
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    },
  ])
  return {
    [endpoint.status ?? 200]: {
      description: 'Done.',
      content: json(schemaOf(endpoint.reply, 'output')),
    },
    ...Object.fromEntries(refusals),
  }
}

/** What the door itself refuses, before the endpoint is asked. */
function impliedErrors({ access, method, stepUp, beforeSecondFactor }: Endpoint): ErrorCode[] {
  if (access === 'public') return []
  const isRefusable = access !== 'viewer' && (access !== 'member' || method !== 'GET')
  return [
    'session.required',
    ...(isRefusable ? (['session.not-allowed', 'session.read-only'] as const) : []),
    ...(stepUp === true ? (['session.step-up-needed'] as const) : []),
    ...(beforeSecondFactor === true ? [] : (['session.second-factor-missing'] as const)),
  ]
}

function json(schema: unknown): Json {
  return { 'application/json': { schema } }
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  return rest
}
