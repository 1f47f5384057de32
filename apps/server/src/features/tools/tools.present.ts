import { systemNames } from '@studioops/contracts/connections'
import type { Facts } from '@studioops/contracts/errors'
import type { Language } from '@studioops/contracts/installation'
import type { OfferedTool, ToolServer } from '@studioops/contracts/tools'
import { visibleText } from '../../integrations/mcp/client/visible-text.ts'
import { builtInSystems } from '../../integrations/mcp/system-servers.ts'
import { describeProblem, knownCode } from '../../platform/errors/problem.ts'
import { currentContext } from '../../platform/log/log.ts'
import { withoutAbsent } from '../../platform/values/without-absent.ts'
import { requiredOf } from './tools.hints.ts'
import { differencesOf, hashOf, type ToolDefinition, toolDefinition } from './tools.pins.ts'
import type { CacheRow, PinRow, ServerRow } from './tools.store.ts'

export type KnownTool = {
  readonly definition: ToolDefinition
  readonly hash: string
  readonly state: OfferedTool['state']
  /** What was accepted before, of a tool that changed. */
  readonly before?: ToolDefinition | undefined
}

export type KnownServer = {
  readonly id: string
  readonly name: string
  /** The exact command, of a program. */
  readonly command?: string | undefined
  /** Absent of what is built in. */
  readonly row?: ServerRow | undefined
  readonly cached?: CacheRow | undefined
  readonly tools: readonly KnownTool[]
}

type Read = {
  readonly rows: readonly ServerRow[]
  readonly cached: readonly CacheRow[]
  readonly pins: readonly PinRow[]
  readonly commands: Readonly<Record<string, readonly string[]>>
}

/** Puts together what is stored; built-in servers are those whose connection has been tested. */
export function readServers({ rows, cached, pins, commands }: Read): KnownServer[] {
  const cacheOf = (server: string) => cached.find((one) => one.server === server)
  const own = builtInSystems.flatMap((system): KnownServer[] => {
    const row = cacheOf(system)
    if (row === undefined) return []
    const tools = storedOf(row).map((definition) => ({
      definition,
      hash: hashOf(definition),
      // Ours are part of the release, and change with it.
      state: 'on' as const,
    }))
    return [{ id: system, name: systemNames[system], cached: row, tools }]
  })
  const foreign = rows.map((row): KnownServer => {
    const cache = cacheOf(row.id)
    const accepted = pins.filter(({ server }) => server === row.id)
    return {
      id: row.id,
      name: row.name,
      row,
      cached: cache,
      command: row.kind === 'stdio' ? commands[row.address]?.join(' ') : undefined,
      tools: storedOf(cache).map((definition) => compare(definition, accepted)),
    }
  })
  return [...own, ...foreign]
}

function storedOf(row: CacheRow | undefined): ToolDefinition[] {
  const read = toolDefinition.array().safeParse(row?.tools)
  return read.success ? read.data : []
}

function compare(definition: ToolDefinition, accepted: readonly PinRow[]): KnownTool {
  const hash = hashOf(definition)
  const pin = accepted.find(({ tool }) => tool === definition.name)
  if (pin === undefined) return { definition, hash, state: 'new' }
  if (pin.hash === hash) return { definition, hash, state: 'on' }
  const before = toolDefinition.safeParse(pin.definition)
  return { definition, hash, state: 'changed', ...(before.success && { before: before.data }) }
}

const descriptionMax = 2_000

/** What a person sees of a tool of somebody else: text, shortened, with everything visible. */
export function summarise({ name, title, description, annotations }: ToolDefinition) {
  const { readOnlyHint, destructiveHint } = annotations ?? {}
  const writes = destructiveHint === true ? ('destroy' as const) : ('write' as const)
  return {
    name,
    description: visibleText(description, descriptionMax),
    effect:
      readOnlyHint === undefined ? ('unknown' as const) : readOnlyHint ? ('read' as const) : writes,
    ...(title === undefined ? {} : { title: visibleText(title, 200) }),
  }
}

export function presentServer(server: KnownServer, language: Language): ToolServer {
  const { id, name, command, row, cached } = server
  return {
    id,
    name,
    kind: kindOf(row),
    state: stateOf(cached),
    ...withoutAbsent({
      address: command ?? row?.address,
      tokenHint: row?.token_hint,
      tls: row?.kind === 'http' ? tlsOf(row) : undefined,
      fetchedAt: cached?.fetched_at?.toISOString(),
      nextRefreshAt: cached?.next_refresh_at.toISOString(),
      problem: problemOf(cached, language),
    }),
    tools: server.tools.map(presentTool),
  }
}

function tlsOf({ is_verified: isVerified, certificate }: ServerRow): ToolServer['tls'] {
  if (!isVerified) return 'off'
  return certificate === null ? 'usual' : 'own'
}

function kindOf(row: ServerRow | undefined): ToolServer['kind'] {
  if (row === undefined) return 'built-in'
  return row.kind === 'stdio' ? 'stdio' : 'http'
}

function stateOf(cached: CacheRow | undefined): ToolServer['state'] {
  if (cached === undefined || cached.fetched_at === null) return 'never'
  return cached.failure_code === null ? 'fresh' : 'stale'
}

function problemOf(cached: CacheRow | undefined, language: Language) {
  if (cached === undefined || cached.failure_code === null) return undefined
  const code = knownCode(cached.failure_code)
  const correlationId = currentContext()?.correlationId ?? ''
  // What was stored beside the code are facts of the catalogue.
  return describeProblem(code, (cached.failure_facts ?? {}) as Facts, { correlationId, language })
}

function presentTool({ definition, hash, state, before }: KnownTool): OfferedTool {
  return {
    ...summarise(definition),
    requiredArguments: requiredOf(definition),
    state,
    hash,
    ...(before === undefined ? {} : { differences: differencesOf(before, definition) }),
  }
}
