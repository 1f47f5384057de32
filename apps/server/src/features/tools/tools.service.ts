import { randomUUID } from 'node:crypto'
import { systemNames } from '@studioops/contracts/connections'
import type { Facts } from '@studioops/contracts/errors'
import type { Language } from '@studioops/contracts/installation'
import { limits } from '@studioops/contracts/limits'
import type { ToolServer, ToolServerForm, ToolServers } from '@studioops/contracts/tools'
import { LRUCache } from 'lru-cache'
import type { ToolAnswer } from '../../integrations/mcp/client/tool-answer.ts'
import type { ToolClients, ToolServerAddress } from '../../integrations/mcp/client/tool-clients.ts'
import { ToolServerError } from '../../integrations/mcp/client/tool-server-error.ts'
import {
  type BuiltInSystem,
  builtInSystems,
  type createSystemServers,
} from '../../integrations/mcp/system-servers.ts'
import type { Audit } from '../../platform/audit/audit.ts'
import type { Keyring } from '../../platform/crypto/keyring.ts'
import type { Database, Db } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import { toProblem } from '../../platform/errors/problem.ts'
import type { Attempts } from '../../platform/http/attempts.ts'
import { currentContext } from '../../platform/log/log.ts'
import { readAuthority } from '../../platform/outbound/certificate-authority.ts'
import type { TlsChoice } from '../../platform/outbound/pinned-connection.ts'
import { Secret } from '../../platform/secret/secret.ts'
import type { AccountService } from '../accounts/index.ts'
import type { ConnectionService } from '../connections/index.ts'
import { hintsOf, hintText, type Hint } from './tools.hints.ts'
import { definitionsOf, hashOf, type ToolDefinition } from './tools.pins.ts'
import { type KnownServer, presentServer, readServers, summarise } from './tools.present.ts'
import * as store from './tools.store.ts'

type Dependencies = {
  readonly database: Database
  readonly keyring: Keyring
  readonly attempts: Attempts
  readonly audit: Audit
  readonly accounts: Pick<AccountService, 'dataKey'>
  readonly connections: Pick<ConnectionService, 'open' | 'show'>
  readonly clients: ToolClients
  readonly systemServers: ReturnType<typeof createSystemServers>
  /** Brings the guard of the way out up to date. */
  readonly before: () => Promise<void>
  /** Programs that the operator allows, by name. */
  readonly commands: Readonly<Record<string, readonly string[]>>
  /** How old a list may get. Default: six hours. */
  readonly periodMs?: number
}

type Asked = { readonly userId: string; readonly language: Language }

export type ToolUse = {
  readonly userId: string
  readonly server: string
  readonly tool: string
  readonly arguments: Readonly<Record<string, unknown>>
  /** A person, or a rule that a person made, has approved exactly these arguments. */
  readonly isApproved: boolean
  readonly signal?: AbortSignal
}

const sixHoursMs = 6 * 60 * 60_000
/** A server that is away is asked again sooner than one that answered. */
const againAfterMs = 10 * 60_000
const rememberedMs = 60_000

/** The servers of tools of each person: what they offer, what of it is accepted, and its use. */
export function createToolService(dependencies: Dependencies) {
  const { database, keyring, attempts, audit, accounts, connections, clients } = dependencies
  const { systemServers, before, commands, periodMs = sixHoursMs } = dependencies
  const remembered = new LRUCache<string, readonly KnownServer[]>({ max: 500, ttl: rememberedMs })

  /** Within a tenth of the period, so that those of one evening do not stay together for ever. */
  const nextInMs = () => periodMs * (0.95 + Math.random() * 0.1)
  const keyOf = (userId: string, server: string) => `${userId} ${server}`
  const placeOf = (userId: string, id: string) => ({
    table: 'tool_servers',
    column: 'encrypted_token',
    rowId: id,
    userId,
  })

  async function known(userId: string): Promise<readonly KnownServer[]> {
    const before = remembered.get(userId)
    if (before !== undefined) return before
    const servers = await database.asUser(userId, async (db) =>
      readServers({
        rows: await store.listServers(db),
        cached: await store.listCached(db),
        pins: await store.listPins(db),
        commands,
      }),
    )
    remembered.set(userId, servers)
    return servers
  }

  async function require(userId: string, server: string): Promise<KnownServer> {
    const found = (await known(userId)).find(({ id }) => id === server)
    if (found === undefined) throw new AppError('tools.no-such-server')
    return found
  }

  function commandOf(name: string): readonly string[] {
    const argv = Object.hasOwn(commands, name) ? commands[name] : undefined
    if (argv === undefined) throw new AppError('tools.no-such-command')
    return argv
  }

  function addressOfForm(form: ToolServerForm): ToolServerAddress {
    const { name } = form
    if (form.kind === 'stdio') return { kind: 'stdio', name, argv: commandOf(form.command) }
    const token = form.token === undefined ? undefined : new Secret(form.token)
    return { kind: 'http', name, url: form.url, token, tls: tlsOfForm(form) }
  }

  async function addressOf(userId: string, server: KnownServer): Promise<ToolServerAddress> {
    const { id, name, row } = server
    if (row === undefined) {
      const system = builtInSystems.find((one) => one === id)
      if (system === undefined) throw new AppError('tools.no-such-server')
      const make = () => systemServers(system, () => connections.open({ userId, system }), {})
      return { kind: 'built-in', name, make }
    }
    if (row.kind === 'stdio') return { kind: 'stdio', name, argv: commandOf(row.address) }
    const token =
      row.encrypted_token === null
        ? undefined
        : keyring.decrypt(await accounts.dataKey(userId), placeOf(userId, id), row.encrypted_token)
    return { kind: 'http', name, url: row.address, token, tls: tlsOfRow(row) }
  }

  /** Reads what the server offers and keeps it; the last good list stands where it is away. */
  async function refresh(userId: string, server: string): Promise<'fresh' | 'stale'> {
    const found = await require(userId, server)
    const place = { userId, server }
    try {
      await before()
      const address = await addressOf(userId, found)
      const listed = await clients.listTools(keyOf(userId, server), address)
      const tools = definitionsOf(listed)
      await database.asUser(userId, (db) =>
        store.saveTools(db, place, { tools, nextInMs: nextInMs() }),
      )
      return 'fresh'
    } catch (error) {
      const { code, facts } = failureOf(error)
      const nextMs = Math.min(againAfterMs, nextInMs())
      await database.asUser(userId, (db) =>
        store.saveFailure(db, place, { code, facts, nextInMs: nextMs }),
      )
      return 'stale'
    } finally {
      remembered.delete(userId)
    }
  }

  /** Accounts come with a Jira that nobody tests again; what is ours is read without a network. */
  async function takeUpStanding({ userId, language }: Asked): Promise<void> {
    const [states, servers] = await Promise.all([connections.show(userId, language), known(userId)])
    for (const system of builtInSystems) {
      const isKnown = servers.some(({ id }) => id === system)
      if (!isKnown && states[system].state === 'passed') await connected(userId, system)
    }
  }

  async function connected(userId: string, system: string): Promise<void> {
    const found = builtInSystems.find((one) => one === system)
    if (found === undefined) return
    await clients.forget(keyOf(userId, found))
    await database.asUser(userId, (db) => plan(db, userId, found))
    remembered.delete(userId)
    await refresh(userId, found)
  }

  async function show(asked: Asked): Promise<ToolServers> {
    const { userId, language } = asked
    await takeUpStanding(asked)
    const servers = await known(userId)
    const shown: ToolServer[] = servers.map((server) => presentServer(server, language))
    return {
      servers: shown,
      hints: { text: hintText(hintsFor(servers)), tokensMax: limits.toolHintTokensMax },
      commands: Object.entries(commands).map(([name, argv]) => ({ name, command: argv.join(' ') })),
    }
  }

  function hintsFor(servers: readonly KnownServer[]): Hint[] {
    return hintsOf(
      servers.map(({ name, tools }) => ({
        name,
        tools: tools.filter(({ state }) => state === 'on').map(({ definition }) => definition),
      })),
    )
  }

  async function accept(
    db: Db,
    place: { userId: string; server: string },
    definitions: readonly ToolDefinition[],
  ): Promise<void> {
    for (const definition of definitions)
      await store.savePin(db, place, { definition, hash: hashOf(definition) })
    const { userId, server } = place
    const facts = { tools: definitions.length }
    const entry = {
      actorId: userId,
      action: 'tool.accept',
      target: `tool-server:${server}`,
    } as const
    await audit.record({ ...entry, outcome: 'done', facts }, db)
  }

  return {
    show,
    refreshStored: refresh,

    /** What a model is told of the tools that are on; no word of a server's own (CON-9). */
    async hints(userId: string): Promise<string> {
      return hintText(hintsFor(await known(userId)))
    },

    /** The servers with the tools that were last read, from memory where they are in it. */
    known,

    /** Asks a server, and keeps nothing. @throws AppError `request.too-many`, `tools.no-such-command` */
    async test({ userId, language }: Asked, form: ToolServerForm) {
      attempts.take('connection-test', userId)
      const began = performance.now()
      const address = addressOfForm(form)
      const durationMs = () => Math.round(performance.now() - began)
      try {
        await before()
        const listed = await clients.tryTools(address)
        const tools = definitionsOf(listed).map(summarise)
        return { passed: true, durationMs: durationMs(), tools }
      } catch (error) {
        const correlationId = currentContext()?.correlationId ?? ''
        const problem = toProblem(asRefusal(error), { correlationId, language })
        return { passed: false, durationMs: durationMs(), tools: [], problem }
      }
    },

    /**
     * Keeps a server that answers. What it offers at this moment was shown, and is accepted.
     *
     * @throws AppError `tools.*`, `connection.not-allowed`, `request.too-many`
     */
    async add(asked: Asked, form: ToolServerForm): Promise<ToolServers> {
      const { userId } = asked
      attempts.take('connection-test', userId)
      const address = addressOfForm(form)
      await before()
      const listed = await clients.tryTools(address).catch((error: unknown) => {
        throw asRefusal(error)
      })
      const tools = definitionsOf(listed)
      const id = randomUUID()
      const token = form.kind === 'http' ? form.token : undefined
      const { ca = null, verifyTls = true } = address.kind === 'http' ? (address.tls ?? {}) : {}
      const wrapped = await accounts.dataKey(userId)
      await database.asUser(userId, async (db) => {
        if ((await store.listServers(db)).length >= limits.toolServersMax)
          throw new AppError('tools.too-many-servers', { facts: { limit: limits.toolServersMax } })
        const isNew = await store.insertServer(db, {
          id,
          userId,
          name: form.name,
          kind: form.kind,
          address: form.kind === 'http' ? form.url : form.command,
          encryptedToken:
            token === undefined
              ? null
              : keyring.encrypt(wrapped, placeOf(userId, id), new Secret(token)),
          tokenHint: token?.slice(-4) ?? null,
          isVerified: verifyTls,
          certificate: ca,
        })
        if (!isNew) throw new AppError('tools.name-taken')
        const place = { userId, server: id }
        await store.saveTools(db, place, { tools, nextInMs: nextInMs() })
        const entry = { actorId: userId, action: 'tool-server.add' } as const
        const facts = { kind: form.kind, host: hostOf(form), verify: verifyTls }
        await audit.record({ ...entry, target: `tool-server:${id}`, outcome: 'done', facts }, db)
        await accept(db, place, tools)
      })
      remembered.delete(userId)
      return show(asked)
    },

    /** @throws AppError `tools.no-such-server` */
    async remove(asked: Asked, server: string): Promise<ToolServers> {
      const { userId } = asked
      const { row } = await require(userId, server)
      if (row === undefined) throw new AppError('tools.no-such-server')
      await database.asUser(userId, async (db) => {
        await store.removeServer(db, server)
        const entry = { actorId: userId, action: 'tool-server.remove' } as const
        await audit.record({ ...entry, target: `tool-server:${server}`, outcome: 'done' }, db)
      })
      await clients.forget(keyOf(userId, server))
      remembered.delete(userId)
      return show(asked)
    },

    /** By button: at once, whatever the wait. @throws AppError `tools.no-such-server` */
    async refresh(asked: Asked, server: string): Promise<ToolServers> {
      attempts.take('connection-test', asked.userId)
      await require(asked.userId, server)
      await clients.forget(keyOf(asked.userId, server))
      await refresh(asked.userId, server)
      return show(asked)
    },

    /** @throws AppError `tools.no-such-server`, `tools.changed-again` */
    async accept(
      asked: Asked,
      server: string,
      shown: readonly { readonly name: string; readonly hash: string }[],
    ): Promise<ToolServers> {
      const { userId } = asked
      remembered.delete(userId)
      const { tools } = await require(userId, server)
      const wanted = shown.map(({ name, hash }) => {
        const tool = tools.find((one) => one.definition.name === name && one.hash === hash)
        if (tool === undefined) throw new AppError('tools.changed-again')
        return tool.definition
      })
      await database.asUser(userId, (db) => accept(db, { userId, server }, wanted))
      remembered.delete(userId)
      return show(asked)
    },

    /** A test of a connection has passed: its tools are read at once (CON-7). */
    connected,

    async disconnected(userId: string, system: string): Promise<void> {
      await clients.forget(keyOf(userId, system))
      await database.asUser(userId, (db) => store.forget(db, system))
      remembered.delete(userId)
    },

    /**
     * Calls a tool that is on. What may change something needs an approval of exactly this call;
     * that a foreign tool only reads is its own claim, and is not believed.
     *
     * @throws AppError `tools.*`
     */
    async call(use: ToolUse): Promise<ToolAnswer> {
      const { userId, server, signal } = use
      const found = await require(userId, server)
      const tool = found.tools.find(({ definition }) => definition.name === use.tool)
      if (tool?.state !== 'on')
        throw new AppError('tools.not-accepted', { facts: { tool: use.tool.slice(0, 128) } })
      const isRead = found.row === undefined && tool.definition.annotations?.readOnlyHint === true
      if (!isRead && !use.isApproved)
        throw new AppError('tools.approval-needed', { facts: { tool: use.tool } })
      const call = {
        name: use.tool,
        arguments: use.arguments,
        isRead,
        ...(signal === undefined ? {} : { signal }),
      }
      if (!isRead) {
        const entry = { actorId: userId, action: 'tool.call', outcome: 'done' } as const
        const facts = { tool: use.tool }
        await audit.record({ ...entry, target: `tool-server:${server}`, facts })
      }
      try {
        const address = await addressOf(userId, found)
        return await clients.call(keyOf(userId, server), address, call)
      } catch (error) {
        throw asRefusal(error)
      }
    },
  }

  async function plan(db: Db, userId: string, system: BuiltInSystem): Promise<void> {
    const cached = await store.listCached(db)
    if (cached.some(({ server }) => server === system)) return
    await store.saveFailure(
      db,
      { userId, server: system },
      { code: 'tools.server-away', facts: { name: systemNames[system] }, nextInMs: 0 },
    )
  }
}

export type ToolService = ReturnType<typeof createToolService>

/** @throws AppError `certificate.*` */
function tlsOfForm({ tls }: Extract<ToolServerForm, { kind: 'http' }>): TlsChoice | undefined {
  if (tls === undefined) return undefined
  const { verify: verifyTls, certificate } = tls
  return certificate === undefined
    ? { verifyTls }
    : { verifyTls, ca: readAuthority(certificate).pem }
}

function tlsOfRow({ is_verified: verifyTls, certificate }: store.ServerRow): TlsChoice {
  return certificate === null ? { verifyTls } : { verifyTls, ca: certificate }
}

function hostOf(form: ToolServerForm): string {
  return form.kind === 'http' ? (URL.parse(form.url)?.host ?? '') : form.command
}

function failureOf(error: unknown): { code: string; facts: Facts } {
  const { code, facts } = asRefusal(error)
  return { code, facts }
}

/** Anything that is no refusal is a defect, and stays one. */
function asRefusal(error: unknown): AppError {
  if (error instanceof AppError) return error
  if (!(error instanceof ToolServerError)) throw error
  const { code, facts, retryAfterMs } = error
  const wait =
    retryAfterMs === undefined ? {} : { retryAfterSeconds: Math.ceil(retryAfterMs / 1_000) }
  return new AppError(code, { facts, ...wait, cause: error })
}
