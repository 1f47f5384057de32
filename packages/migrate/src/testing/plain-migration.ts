import { createHash } from 'node:crypto'
import type { MigrationEvent } from '../execute/events.ts'
import { execute, type ExecuteOptions, type ExecuteResult } from '../execute/execute.ts'
import type { Migration, PreparedMigration, Statement } from '../execute/migration.ts'
import { controlOf, headOf } from '../execute/sql-head.ts'
import { loadParser } from '../text/parser.ts'
import { splitStatements } from '../text/statements.ts'
import type { TestDatabase } from './server-database.ts'

/** A migration from its text, with a classifier that is good enough for what tests write. */
export function plainMigration(
  name: string,
  text: string,
  details: Partial<PreparedMigration> = {},
): Migration & { readonly checksum: string } {
  const checksum = createHash('sha256').update(text).digest('hex')
  return {
    name,
    checksum,
    async prepare() {
      return {
        type: 'schema_change',
        checksum,
        statements: await plainStatements(text),
        ...details,
      }
    },
  }
}

/** The statements of a text. @throws Error where it does not parse */
export async function plainStatements(text: string): Promise<Statement[]> {
  const split = splitStatements({ id: 'test', file: 'test.sql', text }, await loadParser())
  if (split.kind === 'refused') throw new Error(split.objections[0]?.because)
  return split.statements.map((statement) => ({
    no: statement.no,
    text: statement.text,
    line: statement.line,
    column: statement.column,
    txClass: classOf(statement.text),
  }))
}

function classOf(text: string): Statement['txClass'] {
  if (/\bconcurrently\b/i.test(text) && !/^refresh/i.test(headOf(text))) return 'alone'
  if (/^(vacuum|alter system|reindex (schema|database))\b/.test(headOf(text))) return 'alone'
  if (controlOf(text) !== undefined || /^call\b/.test(headOf(text))) return 'own'
  return 'tx'
}

type Events = { readonly events: readonly MigrationEvent[] }

/** Runs migrations on a test database and gives the result together with what was told meanwhile. */
export async function executeOn(
  database: Pick<TestDatabase, 'connect'>,
  migrations: readonly Migration[],
  options: Partial<ExecuteOptions> = {},
): Promise<ExecuteResult & Events> {
  const events: MigrationEvent[] = []
  const result = await execute({
    target: { open: () => database.connect() },
    migrations,
    appVersion: 'test',
    ...options,
    onEvent(event) {
      events.push(event)
      options.onEvent?.(event)
    },
  })
  return { ...result, events }
}
