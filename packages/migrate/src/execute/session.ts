import type { ClientBase } from 'pg'
import type { Query as CatalogQuery } from '../catalog/query.ts'
import type { ServerError } from '../ledger/error-detail.ts'
import { type Backend, ownBackendSql } from '../ledger/lease.ts'
import type { Query } from '../ledger/query.ts'

/** How the engine reaches the database. */
export type Target = {
  /**
   * Opens a connection that nobody else uses, straight to the server, as a role that owns what the
   * migrations change. Called once for the executor, once for its watcher, and again after a loss.
   */
  readonly open: () => Promise<ClientBase>
  /** Default: `client.end()`; a pool's client is released here. */
  readonly close?: (client: ClientBase) => Promise<void>
}

/** How a message of several statements ended. */
export type Sent =
  | { readonly kind: 'done' }
  | {
      readonly kind: 'failed'
      /** Of the statement in the message, from 0. */
      readonly index: number
      /** 1-based place of the error in that statement, in characters; undefined where none is told. */
      readonly position: number | undefined
      readonly error: ServerError
    }

type SendOptions = {
  /** After each statement, with its index. */
  readonly onDone?: (index: number) => void
  /** Notices of the server, with the index of the statement that caused them. */
  readonly onNotice?: (index: number, notice: ServerError) => void
}

type Notice = Omit<ServerError, 'message'> & { readonly message?: string | undefined }

/** One connection that belongs to us alone. */
export type Session = {
  /** One statement. Rejects with the driver's error. */
  readonly query: Query
  /** The same for the parts of the engine that read catalogs. */
  readonly rows: CatalogQuery
  /** Several statements in one message; after the first failure none of the others runs. */
  send(texts: readonly string[], options?: SendOptions): Promise<Sent>
  /** What the greeting called the session; undefined in PGlite, which does not greet. */
  readonly greetedPid: number | undefined
  /** Asked of the server once. */
  facts(): Promise<SessionFacts>
  close(): Promise<void>
}

export type SessionFacts = {
  readonly backend: Backend
  /** `server_version_num`, such as 180004. */
  readonly version: number
  /** PGlite: nobody else can connect, so there are no lock waits, and a mutex excludes others. */
  readonly isSingle: boolean
  /** Whether something between us and the server shares sessions among clients. */
  readonly isPooled: boolean
  readonly isReadOnly: boolean
}

/**
 * Opens a session.
 *
 * @throws the driver's error when the server cannot be reached
 */
export async function openSession({ open, close }: Target): Promise<Session> {
  const client = await open()
  // Between queries a lost connection has no query to fail; the next one fails instead.
  const ignore = () => undefined
  client.on('error', ignore)
  const query: Query = async <Row extends Record<string, unknown>>(
    text: string,
    values: readonly unknown[] = [],
  ) => (await client.query<Row>(text, [...values])).rows
  const greeted = 'processID' in client ? client.processID : undefined
  const greetedPid = typeof greeted === 'number' ? greeted : undefined
  let facts: Promise<SessionFacts> | undefined
  return {
    query,
    rows: async (text, values) => ({ rows: await query(text, values) }),
    greetedPid,
    send: (texts, options = {}) => sendTogether(client, texts, options),
    facts: () => (facts ??= readFacts(query, greetedPid)),
    async close() {
      await (close ?? endOf)(client).catch(ignore)
      client.off('error', ignore)
    },
  }
}

async function endOf(client: ClientBase): Promise<void> {
  if ('end' in client && typeof client.end === 'function') await client.end()
}

async function readFacts(query: Query, greetedPid: number | undefined): Promise<SessionFacts> {
  type Row = Backend & { version: number; is_single: boolean; is_read_only: boolean }
  const [row] = await query<Row>(
    `select ${ownBackendSql},
        current_setting('server_version_num')::integer as version,
        version() like '%PGlite%' as is_single,
        pg_is_in_recovery() or current_setting('transaction_read_only') = 'on' as is_read_only`,
  )
  if (row === undefined) throw new Error('the server did not say what it is')
  // The pid of the greeting is the pooler's, where there is one; two reads of the backend's pid, or
  // a look for our own lock, would show nothing.
  return {
    backend: { pid: row.pid, start: row.start },
    version: row.version,
    isSingle: row.is_single,
    isReadOnly: row.is_read_only,
    isPooled: greetedPid !== undefined && greetedPid !== row.pid,
  }
}

/** What the parts of a message are joined with; a line of its own ends a comment. */
const separator = '\n;\n'

/**
 * The simple protocol tells of each statement that it is complete, so one round trip is enough to
 * know which of them failed. `pg` hides that, hence a query object of our own.
 */
function sendTogether(
  client: ClientBase,
  texts: readonly string[],
  { onDone, onNotice }: SendOptions,
): Promise<Sent> {
  return new Promise((resolve, reject) => {
    let done = 0
    const notice = (sent: Notice) => onNotice?.(done, { ...sent, message: sent.message ?? '' })
    const finish = (settle: () => void) => {
      client.off('notice', notice)
      settle()
    }
    client.on('notice', notice)
    client.query({
      submit(connection: { query(text: string): void }) {
        connection.query(texts.join(separator))
      },
      handleCommandComplete() {
        onDone?.(done)
        done += 1
      },
      handleEmptyQuery() {},
      handleRowDescription() {},
      handleDataRow() {},
      handlePortalSuspended() {},
      handleCopyInResponse(connection: { sendCopyFail(reason: string): void }) {
        connection.sendCopyFail('a migration cannot read from its client')
      },
      handleCopyData() {},
      handleReadyForQuery() {
        finish(() => resolve({ kind: 'done' }))
      },
      handleError(error: Error & ServerError) {
        if (isLost(error)) return finish(() => reject(error))
        finish(() => resolve({ kind: 'failed', ...placeIn(texts, { done, error }), error }))
      },
    })
  })
}

/** A place in the joined text as a place in one of its parts. */
function placeIn(
  texts: readonly string[],
  { done, error }: { readonly done: number; readonly error: ServerError },
): { readonly index: number; readonly position: number | undefined } {
  const index = Math.min(done, texts.length - 1)
  if (error.position === undefined) return { index, position: undefined }
  let position = Number(error.position)
  for (const [at, text] of texts.entries()) {
    const length = characters(text)
    if (position <= length || at === texts.length - 1) return { index: at, position }
    position -= length + separator.length
  }
  return { index, position }
}

/** As PostgreSQL counts them. */
function characters(text: string): number {
  let count = 0
  for (const _ of text) count += 1
  return count
}

/** Whether the error means that the connection is gone rather than that a statement failed. */
export function isLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { severity, code } = error as ServerError
  if (severity === undefined) return true
  return severity === 'FATAL' || severity === 'PANIC' || /^(08|57P0|25P0[34])/.test(code ?? '')
}

/** The SQLSTATE of an error of the server, five characters; undefined for any other error. */
export function sqlstateOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code) ? error.code : undefined
}
