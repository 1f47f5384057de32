import { AsyncLocalStorage } from 'node:async_hooks'
import { Writable } from 'node:stream'
import {
  AbortedTransactionError,
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type Dialect,
  type QueryResult,
} from 'kysely'
import type { Pool, PoolClient, QueryConfig, QueryResult as Answer } from 'pg'
import { type DatabaseWatch, watched } from './database-watch.ts'
import { type Asker, askerSettings, SingleQuery } from './single-query.ts'

/** What a transaction starts with: the user of the row policies, and the role where one login serves all. */
export type Actor = {
  readonly userId?: string
  readonly role?: string
  /** Every statement is a transaction of its own; one that only reads must not write. */
  readonly single?: 'read' | 'write'
  /** Of a transaction; over once that has ended. */
  readonly held?: { isOver: boolean }
}

const actor = new AsyncLocalStorage<Actor>()

export function runAs<T>(who: Actor, work: () => Promise<T>): Promise<T> {
  return actor.run(who, work)
}

/** Whether whoever asks is inside a transaction, and so holds a connection. */
export function isInTransaction(): boolean {
  return actor.getStore()?.held?.isOver === false
}

/** Work besides the transaction of whoever asks, which does not wait for it. */
export function apart<T>(work: () => T): T {
  return actor.exit(work)
}

/**
 * Kysely's PostgreSQL dialect with two differences that its own driver has no room for: BEGIN and
 * the user of the row policies travel with the first statement (the connection is a pipeline), and
 * statements are named, so that PostgreSQL plans each of them once per connection.
 */
export function createTransactionDialect(pool: Pool, watch?: DatabaseWatch): Dialect {
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => createDriver(pool, watch),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  }
}

/** The line broke between COMMIT and its answer: what the transaction wrote is there, or is not. */
export class CommitUnclearError extends Error {
  constructor(cause: unknown) {
    super('PostgreSQL did not say whether the transaction was committed', { cause })
  }
}

/** PostgreSQL refused by itself; what ends its session (57P0x) leaves open what came before. */
function isClear(error: unknown): boolean {
  if (!(error instanceof Error) || !('severity' in error)) return false
  const code = 'code' in error ? String(error.code) : ''
  return !/^(08|57P0)/.test(code)
}

function createDriver(pool: Pool, watch: DatabaseWatch | undefined): Driver {
  const connections = new WeakMap<PoolClient, PooledConnection>()
  const mine = (connection: DatabaseConnection) => connection as PooledConnection
  return {
    async init() {},
    async acquireConnection() {
      const client = await connect(pool, watch)
      const connection = connections.get(client) ?? createConnection(client, watch)
      connections.set(client, connection)
      return connection
    },
    async beginTransaction(connection, { isolationLevel, accessMode }) {
      const who = actor.getStore()
      const modes = [isolationLevel && `isolation level ${isolationLevel}`, accessMode]
      mine(connection).begin(`begin ${modes.filter(Boolean).join(' ')}; ${settingsOf(who)}`)
    },
    async commitTransaction(connection) {
      const tag = await mine(connection)
        .end('commit')
        .catch((error: unknown) => {
          throw isClear(error) ? error : new CommitUnclearError(error)
        })
      // PostgreSQL answers COMMIT with ROLLBACK when a statement of the transaction had failed.
      if (tag === 'ROLLBACK') throw new AbortedTransactionError()
    },
    async rollbackTransaction(connection) {
      await mine(connection).end('rollback')
    },
    async releaseConnection(connection) {
      mine(connection).release()
    },
    async destroy() {
      await pool.end()
    },
  }
}

async function connect(pool: Pool, watch: DatabaseWatch | undefined): Promise<PoolClient> {
  if (watch === undefined) return pool.connect()
  const began = performance.now()
  try {
    const client = await pool.connect()
    watch.connected(performance.now() - began)
    return client
  } catch (error) {
    watch.notConnected(error)
    throw error
  }
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Both values stand in the text of the statement, so both are checked to be harmless. */
function settingsOf(who: Actor = {}): string {
  const { userId = '', role } = who
  if (userId !== '' && !uuid.test(userId)) throw new TypeError('the user id is not a uuid')
  if (role !== undefined && !/^[a-z_]+$/.test(role)) throw new TypeError('the role is not a name')
  const setRole = role === undefined ? '' : `set local role ${role}; `
  return `${setRole}set local app.user_id = '${userId}'`
}

type PooledConnection = DatabaseConnection & {
  begin(text: string): void
  end(text: 'commit' | 'rollback'): Promise<string>
  release(): void
}

const statementNames = new Map<string, string>()

/** Lists of varying length would make a new name each time; beyond this many they go unnamed. */
const namedStatementsMax = 500

function nameOf(text: string): string | undefined {
  const known = statementNames.get(text)
  if (known !== undefined || statementNames.size >= namedStatementsMax) return known
  const name = `s${statementNames.size}`
  statementNames.set(text, name)
  return name
}

const countsRows = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE'])

/** Neither the type nor the manual of `pg` knows it. */
type WithSocket = { readonly connection?: { readonly stream?: unknown } }

/** The evaluation database has none. */
function socketOf(client: PoolClient): Writable | undefined {
  const { stream } = (client as WithSocket).connection ?? {}
  return stream instanceof Writable ? stream : undefined
}

/** What is sent to the server from now until the end of this turn leaves in one piece. */
function sendTogether(client: PoolClient): void {
  const stream = socketOf(client)
  if (stream === undefined) return
  stream.cork()
  process.nextTick(() => stream.uncork())
}

function createConnection(client: PoolClient, watch?: DatabaseWatch): PooledConnection {
  let begun: Promise<unknown> = Promise.resolve()
  const knownAskers = new Set<string>()
  let broken: Error | undefined
  const noteIfBroken = (error: unknown) => {
    // Without an SQLSTATE it was not PostgreSQL that refused: the connection is not to be trusted.
    if (error instanceof Error && !('severity' in error)) broken = error
    throw error
  }

  // The pool listens to idle connections only; without a listener the end of one ends the process.
  client.on('error', (error) => {
    broken = error
  })

  async function sendEnd(text: 'commit' | 'rollback'): Promise<string> {
    const { command } = await client.query(text).catch(noteIfBroken)
    return command
  }

  function begin(text: string): void {
    sendTogether(client)
    begun = client.query(text).catch(noteIfBroken)
    // Its failure surfaces at the next statement or at the end; here it must only not go unheard.
    begun.catch(() => undefined)
  }

  async function ask(query: QueryConfig): Promise<Answer> {
    const [answer] = await Promise.all([client.query(query).catch(noteIfBroken), begun])
    return answer
  }

  async function askAlone(query: QueryConfig, who: Actor): Promise<Answer> {
    const { userId = '', role, single } = who
    const mayWrite = single === 'write'
    if (socketOf(client) === undefined) {
      begin(`begin ${mayWrite ? 'read write' : 'read only'}; ${settingsOf(who)}`)
      return askAndEnd(query)
    }
    // Without settings it is a transaction by itself.
    if (mayWrite && userId === '' && role === undefined)
      return client.query(query).catch(noteIfBroken)
    const asker: Asker = { userId, role, mayWrite }
    const settings = askerSettings(asker)
    if (!knownAskers.has(settings.name)) await client.query(settings).catch(noteIfBroken)
    knownAskers.add(settings.name)
    return client.query(new SingleQuery(query, asker)).answer.catch(noteIfBroken)
  }

  async function askAndEnd(query: QueryConfig): Promise<Answer> {
    try {
      const answer = await ask(query)
      await sendEnd('commit')
      return answer
    } catch (error) {
      await sendEnd('rollback')
      throw error
    }
  }

  return {
    begin,
    async end(text) {
      // Nobody would answer; it is closed at its release, and the server rolls back by itself.
      if (text === 'rollback' && broken !== undefined) return 'ROLLBACK'
      await begun.catch((error: unknown) => {
        if (text === 'commit') throw error
      })
      return sendEnd(text)
    },
    async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
      const name = nameOf(sql)
      const query = { text: sql, values: [...parameters], ...(name === undefined ? {} : { name }) }
      const who = actor.getStore()
      const asking = who?.single === undefined ? ask(query) : askAlone(query, who)
      const result = await (watch === undefined ? asking : watched(asking, sql, watch))
      return {
        rows: result.rows as R[],
        ...(countsRows.has(result.command)
          ? { numAffectedRows: BigInt(result.rowCount ?? 0) }
          : {}),
      }
    },
    streamQuery() {
      throw new Error('streaming is not used')
    },
    release() {
      client.release(broken)
      broken = undefined
    },
  }
}
