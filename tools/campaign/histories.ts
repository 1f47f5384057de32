import { readDirectory } from '../../packages/migrate/src/adapters/read-directory.ts'
import type { MigrationAnalysis } from '../../packages/migrate/src/analyse/analysis.ts'
import { compareFacts } from '../../packages/migrate/src/catalog/compare-facts.ts'
import type { Facts } from '../../packages/migrate/src/catalog/fact.ts'
import { readFacts } from '../../packages/migrate/src/catalog/read-facts.ts'
import { statementsFor } from '../../packages/migrate/src/engine/prepare-migration.ts'
import { execute } from '../../packages/migrate/src/execute/execute.ts'
import { describeObjection, type Objection } from '../../packages/migrate/src/objection.ts'
import { judgeOrder } from '../../packages/migrate/src/order/verdict.ts'
import { extensionsIn } from '../../packages/migrate/src/plan/open-shadow.ts'
import { objectToRefusal } from '../../packages/migrate/src/plan/refusal.ts'
import { shadowStatements } from '../../packages/migrate/src/plan/shadow-statements.ts'
import { hasExtension } from '../../packages/migrate/src/shadow/pglite-extensions.ts'
import { openShadow } from '../../packages/migrate/src/shadow/shadow.ts'
import { startServer } from '../../packages/migrate/src/testing/server.ts'
import {
  createDatabaseOn,
  type TestDatabase,
} from '../../packages/migrate/src/testing/server-database.ts'
import { loadParser, type Parser } from '../../packages/migrate/src/text/parser.ts'
import { checksumOf } from '../../packages/migrate/src/text/checksum.ts'
import type { MigrationSource } from '../../packages/migrate/src/text/source.ts'

export type HistoriesOptions = {
  /** Directories of migrations, each a history of its own. */
  readonly directories: readonly string[]
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

/**
 * Puts histories of other people before the engine: what the texts say, what the shadow holds at the
 * end, and what a server holds after the engine has run them there.
 */
export async function runHistories(options: HistoriesOptions): Promise<'passed' | 'failed'> {
  const { directories, signal, say } = options
  const parser = await loadParser()
  const server = await startServer()
  let isAsExpected = true
  try {
    for (const directory of directories) {
      if (signal.aborted) break
      await using database = await createDatabaseOn(server.connection)
      const { sources, objections } = await readDirectory(directory, { tool: 'auto' })
      const found = await tryHistory({ sources, parser, database })
      isAsExpected &&= found.isAsExpected
      const count = found.analyses.reduce((sum, one) => sum + one.statements.length, 0)
      say(`${directory}: ${sources.length} files, ${count} statements: ${found.verdict}`)
      for (const line of [...objections.map(placed), ...found.details].slice(0, 12))
        say(`    ${line}`)
    }
  } finally {
    await server.stop()
  }
  return isAsExpected ? 'passed' : 'failed'
}

type Trying = {
  readonly sources: readonly MigrationSource[]
  readonly parser: Parser
  readonly database: TestDatabase
}
type Found = {
  readonly analyses: readonly MigrationAnalysis[]
  readonly verdict: string
  readonly details: readonly string[]
  readonly isAsExpected: boolean
}

const placed = (objection: Objection) => describeObjection(objection).split('\n')[0] ?? ''

async function tryHistory({ sources, parser, database }: Trying): Promise<Found> {
  const { analyses, objections, kind } = judgeOrder(sources, { parser })
  const shadow = await tryInShadow(sources, analyses)
  const server = await runOnServer({ sources, parser, database }, analyses)
  const texts = kind === 'refused' ? `texts object ${objections.length} times` : 'texts agree'
  const isRefused = kind === 'refused'
  if (shadow.kind === 'needs-server')
    return {
      analyses,
      verdict: `${texts}; needs a server for ${shadow.because}; server ${server.kind}`,
      details: [...objections.map(placed), ...server.details],
      isAsExpected: isRefused === (server.kind === 'failed'),
    }
  if (shadow.kind === 'failed' || server.kind === 'failed')
    return {
      analyses,
      verdict: `${texts}; shadow ${shadow.kind}, server ${server.kind}`,
      details: [...objections.map(placed), ...shadow.details, ...server.details],
      isAsExpected: shadow.kind === server.kind,
    }
  const { differences } = await compareFacts(shadow.facts, server.facts)
  const material = differences.filter((one) => one.kind !== 'cosmetic')
  return {
    analyses,
    verdict: `${texts}; shadow and server ${material.length === 0 ? 'hold the same' : `differ in ${material.length} facts`} (${server.facts.rows.length} facts)`,
    details: [
      ...objections.map(placed),
      ...material.map((one) => `${one.kind} ${one.key}: ${JSON.stringify(one).slice(0, 400)}`),
    ],
    isAsExpected: material.length === 0 && !isRefused,
  }
}

type Failed = { readonly kind: 'failed'; readonly details: readonly string[] }
type Done = { readonly kind: 'done'; readonly facts: Facts; readonly details: readonly string[] }

async function tryInShadow(
  sources: readonly MigrationSource[],
  analyses: readonly MigrationAnalysis[],
): Promise<Failed | Done | { readonly kind: 'needs-server'; readonly because: string }> {
  const extensions = extensionsIn(sources.map(({ text }) => text)).filter(
    (one) => one !== 'plpgsql',
  )
  const foreign = extensions.filter((name) => !hasExtension(name))
  if (foreign.length > 0) return { kind: 'needs-server', because: foreign.join(', ') }
  const shadow = await openShadow({ extensions })
  try {
    for (const analysis of analyses) {
      const replay = await shadow.replay(shadowStatements(analysis), { observe: false })
      if (replay.kind !== 'failed') continue
      const refusal = objectToRefusal(analysis, { ...replay, facts: await shadow.facts() })
      return { kind: 'failed', details: [`shadow: ${placed(refusal)}`] }
    }
    return { kind: 'done', facts: await shadow.facts(), details: [] }
  } finally {
    await shadow.close()
  }
}

async function runOnServer(
  { sources, parser, database }: Trying,
  analyses: readonly MigrationAnalysis[],
): Promise<Failed | Done> {
  const byId = new Map(sources.map((source) => [source.id, source]))
  // Some have a table of this name themselves.
  const isTaken = sources.some(({ text }) => /\bschema_migrations\b/.test(text))
  const ledgerSchema = isTaken ? 'migration_ledger' : 'public'
  const result = await execute({
    ledgerSchema,
    target: { open: () => database.connect() },
    appVersion: 'campaign',
    migrations: analyses.flatMap((analysis) => {
      const source = byId.get(analysis.id)
      if (source === undefined) return []
      const checksum = checksumOf(source, parser)
      const prepared = {
        type: source.header.type,
        statements: statementsFor(analysis),
        checksum,
        file: source.file,
      } as const
      return [{ name: source.id, checksum, prepare: async () => prepared }]
    }),
  })
  if (result.kind === 'done' || result.kind === 'nothing-to-do') {
    const client = await database.connect()
    const facts = await readFacts((text, values) => client.query(text, values && [...values]), {
      ledgerSchema,
    })
    return { kind: 'done', facts, details: [] }
  }
  if (result.kind === 'refused')
    return { kind: 'failed', details: result.objections.map((one) => `server: ${placed(one)}`) }
  if (result.kind !== 'failed') return { kind: 'failed', details: [`server: ${result.kind}`] }
  const { file, line, column, error } = result
  return {
    kind: 'failed',
    details: [`server: ${file}:${line}:${column}: ${error.sqlstate} ${error.message}`],
  }
}
