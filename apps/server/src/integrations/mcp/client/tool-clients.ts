import {
  Client,
  type CallToolResult,
  InMemoryTransport,
  StreamableHTTPClientTransport,
  type Tool as ListedTool,
  type Transport,
} from '@modelcontextprotocol/client'
import type { McpServer } from '@modelcontextprotocol/server'
import type { Log } from '../../../platform/log/log.ts'
import type { Outbound } from '../../../platform/outbound/outbound.ts'
import type { TlsChoice } from '../../../platform/outbound/pinned-connection.ts'
import type { Secret } from '../../../platform/secret/secret.ts'
import { type ChildTransport, createChildTransport } from './child-transport.ts'
import { endOrphans } from './child-records.ts'
import { createOutboundFetch } from './outbound-fetch.ts'
import { capped, type ToolAnswer } from './tool-answer.ts'
import {
  isAnswered,
  isClosed,
  isReset,
  ToolServerError,
  toToolServerError,
} from './tool-server-error.ts'

export type { ListedTool }

/** Where a server of tools is. */
export type ToolServerAddress = { readonly name: string } & (
  | { readonly kind: 'built-in'; readonly make: () => McpServer }
  | {
      readonly kind: 'http'
      readonly url: string
      readonly token?: Secret | undefined
      readonly tls?: TlsChoice | undefined
    }
  | { readonly kind: 'stdio'; readonly argv: readonly string[] }
)

export type ToolCall = {
  readonly name: string
  readonly arguments: Readonly<Record<string, unknown>>
  /** True: it changes nothing, so it may be repeated on a new connection. */
  readonly isRead: boolean
  readonly signal?: AbortSignal
}

type Dependencies = {
  readonly outbound: Outbound
  readonly log?: Log
  readonly now?: () => number
  /** Milliseconds; tests make them short. */
  readonly times?: Partial<typeof usualTimes>
}

type Entry = {
  client?: Promise<Client> | undefined
  failures: number
  retryAt: number
  idle?: NodeJS.Timeout | undefined
}

const usualTimes = {
  /** Opening of the protocol. */
  connect: 10_000,
  list: 15_000,
  call: 30_000,
  /** A call that reports progress gets as much again, once. */
  callAtMost: 60_000,
  idle: 5 * 60_000,
  firstBackoff: 1_000,
  longestBackoff: 60_000,
}
const toolsMax = 2_000
const pagesMax = 50

/**
 * Connections to servers of tools: opened when they are needed, closed when they are not, tried
 * again after a wait that doubles. Every method throws ToolServerError only.
 *
 * Of both eras of the protocol over HTTP; programs are spoken to in the older one, which every
 * program knows, because asking for the newer starts a hidden second copy.
 */
export function createToolClients({ outbound, log, now = Date.now, ...given }: Dependencies) {
  const times = { ...usualTimes, ...given.times }
  const entries = new Map<string, Entry>()
  // Programs of a StudioOps that was killed serve nobody any more.
  const ended = process.platform === 'win32' ? 0 : endOrphans()
  if (ended > 0) log?.warn({ programs: ended }, 'orphaned tool servers ended')

  function entryOf(key: string): Entry {
    const known = entries.get(key) ?? { failures: 0, retryAt: 0 }
    entries.set(key, known)
    return known
  }

  /** Opening changes nothing, so it is repeated where a waiting connection turned out to be gone. */
  async function connect(key: string, address: ToolServerAddress): Promise<Client> {
    try {
      return await connectOnce(key, address)
    } catch (error) {
      if (!isReset(error)) throw error
      return connectOnce(key, address)
    }
  }

  async function connectOnce(key: string, address: ToolServerAddress): Promise<Client> {
    const mode = address.kind === 'stdio' ? 'legacy' : 'auto'
    const client = new Client(
      { name: 'studioops', version: '0.1.0' },
      { versionNegotiation: { mode }, capabilities: {} },
    )
    const { transport, words } = await open(key, address)
    client.onerror = (error) => log?.debug({ err: error }, 'tools server')
    client.onclose = () => forgetClient(key, client)
    try {
      await client.connect(transport, { timeout: times.connect })
      return client
    } catch (error) {
      const detail = words?.() ?? ''
      await client.close().catch(() => undefined)
      if (words === undefined || !isClosed(error)) throw error
      const facts = { name: address.name, detail }
      throw new ToolServerError('tools.command-ended', { facts, cause: error })
    }
  }

  async function open(
    key: string,
    address: ToolServerAddress,
  ): Promise<{ transport: Transport; words?: ChildTransport['lastWords'] }> {
    if (address.kind === 'stdio') {
      const transport = createChildTransport(address)
      return { transport, words: transport.lastWords }
    }
    if (address.kind === 'built-in') {
      const [clientSide, serverSide] = InMemoryTransport.createLinkedPair()
      await address.make().connect(serverSide)
      return { transport: clientSide }
    }
    const { url, token, tls } = address
    const fetch = createOutboundFetch(outbound, { token, tls, credentialKey: key })
    return { transport: new StreamableHTTPClientTransport(new URL(url), { fetch }) }
  }

  const current = new WeakMap<Client, Entry>()

  function forgetClient(key: string, client: Client): void {
    const entry = entries.get(key)
    if (entry !== undefined && current.get(client) === entry) entry.client = undefined
  }

  async function clientOf(key: string, address: ToolServerAddress): Promise<Client> {
    const entry = entryOf(key)
    if (entry.client !== undefined) return entry.client
    const waitMs = entry.retryAt - now()
    if (waitMs > 0)
      throw new ToolServerError('tools.server-away', {
        facts: { name: address.name },
        retryAfterMs: waitMs,
      })
    const opening = connect(key, address)
    entry.client = opening
    try {
      const client = await opening
      current.set(client, entry)
      entry.failures = 0
      return client
    } catch (error) {
      entry.client = undefined
      entry.failures += 1
      entry.retryAt =
        now() + Math.min(times.firstBackoff * 2 ** (entry.failures - 1), times.longestBackoff)
      throw toToolServerError(error, address.name, false)
    }
  }

  function keepAlive(key: string): void {
    const entry = entryOf(key)
    if (entry.idle === undefined)
      entry.idle = setTimeout(() => void forget(key), times.idle).unref()
    else entry.idle.refresh()
  }

  /** Runs on a connection; on a new one once more where the first was gone and nothing is at stake. */
  async function withClient<T>(
    { key, address, mayRepeat }: { key: string; address: ToolServerAddress; mayRepeat: boolean },
    work: (client: Client) => Promise<T>,
  ): Promise<T> {
    for (let attempt = 0; ; attempt += 1) {
      const client = await clientOf(key, address)
      keepAlive(key)
      try {
        return await work(client)
      } catch (error) {
        if (!isAnswered(error) && isClosed(error)) await forget(key)
        if (isClosed(error) && mayRepeat && attempt === 0) continue
        throw afterSending(error, address.name)
      }
    }
  }

  async function forget(key: string): Promise<void> {
    const entry = entries.get(key)
    entries.delete(key)
    clearTimeout(entry?.idle)
    await entry?.client?.then((client) => client.close()).catch(() => undefined)
  }

  async function readPages(client: Client): Promise<ListedTool[]> {
    const tools: ListedTool[] = []
    let cursor: string | undefined
    for (let page = 0; page < pagesMax && tools.length < toolsMax; page += 1) {
      const list = await client.listTools(cursor === undefined ? {} : { cursor }, {
        timeout: times.list,
        cacheMode: 'refresh',
      })
      tools.push(...list.tools)
      cursor = list.nextCursor
      if (cursor === undefined) break
    }
    return tools.slice(0, toolsMax)
  }

  return {
    /**
     * What the server offers at this moment.
     *
     * @param key of the person and the server: connections and waits are kept by it
     */
    listTools: (key: string, address: ToolServerAddress): Promise<ListedTool[]> =>
      withClient({ key, address, mayRepeat: true }, readPages),

    /** @throws ToolServerError `tools.outcome-unknown` where a write may have happened */
    async call(key: string, address: ToolServerAddress, call: ToolCall): Promise<ToolAnswer> {
      const { name, isRead, signal } = call
      const result = await withClient({ key, address, mayRepeat: isRead }, (client) =>
        client
          .callTool(
            { name, arguments: { ...call.arguments } },
            {
              timeout: times.call,
              maxTotalTimeout: times.callAtMost,
              resetTimeoutOnProgress: true,
              ...(signal === undefined ? {} : { signal }),
            },
          )
          .catch((error: unknown) => {
            if (isRead || isAnswered(error)) throw error
            throw unknownOutcome(error, address.name)
          }),
      )
      return capped(result as CallToolResult)
    },

    /** Tries at once, whatever the wait; nothing of it is kept. */
    async tryTools(address: ToolServerAddress): Promise<ListedTool[]> {
      try {
        const client = await connect(`try ${crypto.randomUUID()}`, address)
        try {
          return await readPages(client)
        } finally {
          await client.close()
        }
      } catch (error) {
        throw toToolServerError(error, address.name, false)
      }
    },

    /** Closes the connection, and lets the next call try at once. */
    forget,

    async [Symbol.asyncDispose]() {
      await Promise.all([...entries.keys()].map(forget))
    },
  }
}

export type ToolClients = ReturnType<typeof createToolClients>

/** A write whose connection broke may have happened; one that never left did not. */
function unknownOutcome(error: unknown, name: string): ToolServerError {
  const failure = toToolServerError(error, name, true)
  if (!failure.sent) return failure
  return new ToolServerError('tools.outcome-unknown', { facts: { name }, sent: true, cause: error })
}

function afterSending(error: unknown, name: string): ToolServerError {
  return toToolServerError(error, name, true)
}
