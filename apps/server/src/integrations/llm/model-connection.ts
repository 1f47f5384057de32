import { LRUCache } from 'lru-cache'
import type { Outbound } from '../../platform/outbound/outbound.ts'
import type { TlsChoice } from '../../platform/outbound/pinned-connection.ts'
import { createRetryBudget } from '../../platform/outbound/retries.ts'
import { Secret } from '../../platform/secret/secret.ts'
import type { Dialect } from './dialect.ts'
import { type ProviderQuirks, quirksFor } from './provider-quirks.ts'

/** What is worth knowing from one call to the next. Made once, it can serve all models. */
export type ModelMemory = {
  /** How a model of a server wants to be asked, where that is not what its provider's row says. */
  readonly dialects: LRUCache<string, Dialect>
  readonly retries: ReturnType<typeof createRetryBudget>
}

export function createModelMemory(): ModelMemory {
  return { dialects: new LRUCache({ max: 1_000 }), retries: createRetryBudget() }
}

export type ModelSettings = {
  readonly outbound: Outbound
  /** As people write it: what stands before `/chat/completions`, usually with `/v1`. */
  readonly baseUrl: string
  readonly model: string
  /** Absent or empty: the server needs none. */
  readonly apiKey?: Secret | undefined
  /** Overrides members of the row that the host has. */
  readonly quirks?: Partial<ProviderQuirks>
  readonly tls?: TlsChoice
  /** Tells credentials apart in the circuit breaker without being one. */
  readonly credentialKey?: string
  readonly memory?: ModelMemory
}

/** One model of one server, and all that is known of both. */
export type ModelConnection = {
  readonly model: string
  readonly host: string
  readonly quirks: ProviderQuirks
  readonly memory: ModelMemory
  readonly outbound: Outbound
  /** What every request to this server has in common. */
  readonly request: TlsChoice & {
    readonly system: 'model'
    readonly headers: Readonly<Record<string, string | Secret>>
    readonly credentialKey?: string
  }
  /** An address of the API: of `chat/completions`, of `models`. */
  urlOf(path: string): string
}

export function toConnection(settings: ModelSettings): ModelConnection {
  const { outbound, baseUrl, model, apiKey, credentialKey, memory = createModelMemory() } = settings
  const quirks = { ...quirksFor(baseUrl), ...settings.quirks }
  return {
    model,
    host: URL.parse(baseUrl)?.host ?? '',
    quirks,
    memory,
    outbound,
    request: {
      ...settings.tls,
      system: 'model',
      headers: { ...quirks.headers, ...authorization(apiKey) },
      ...(credentialKey === undefined ? {} : { credentialKey }),
    },
    urlOf: (path) => apiUrl(baseUrl, path),
  }
}

function authorization(apiKey: Secret | undefined): Record<string, Secret> {
  const key = apiKey?.reveal().trim() ?? ''
  return key === '' ? {} : { authorization: new Secret(`Bearer ${key}`) }
}

/** What is no URL stays as it is: the guard of the way out refuses it with a reason. */
function apiUrl(baseUrl: string, path: string): string {
  const url = URL.parse(baseUrl.trim())
  if (url === null) return baseUrl
  const base = url.pathname.replace(/\/+$/, '').replace(/\/chat\/completions$/, '')
  url.pathname = `${base}/${path}`
  return url.href
}
