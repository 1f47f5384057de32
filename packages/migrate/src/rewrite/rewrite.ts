import type { AnalysedStatement } from '../analyse/analysis.ts'
import type { Statement } from '../execute/migration.ts'
import { scenesOf, type LintedMigration, type Scene } from '../lint/scene.ts'
import { loadParser, type Parser } from '../text/parser.ts'
import { addColumn } from './add-column.ts'
import { addRules } from './constraints.ts'
import { createIndex, dropIndex } from './indexes.ts'
import { newPartition } from './partitions.ts'
import type { Rewritable, Step } from './rewritable.ts'
import { updateRows } from './update.ts'

/** What stands in the file, and what runs instead. */
export type RewrittenStatement = {
  /** 1-based, in the file. */
  readonly statementNo: number
  readonly from: string
  /** In order; what stands between two of them may be a COMMIT. */
  readonly to: readonly string[]
}

/** A migration as it runs with `online: yes`. */
export type SafeRewrite = {
  /** For the executor, numbered anew from 1. */
  readonly statements: readonly Statement[]
  /** Number in the file of each of them, in their order. */
  readonly origins: readonly number[]
  /** For the plan; empty where nothing has to be done otherwise. */
  readonly rewritten: readonly RewrittenStatement[]
}

export type RewriteOptions = {
  /** Of the target, such as 18. */
  readonly major: number
  /**
   * Whether the rows that a file changes are kept for the way back, which happens in one transaction
   * per statement: an UPDATE of the file then stays whole. Default false.
   */
  readonly keepsRows?: boolean
}

/**
 * Rewrites the statements of pending migrations so that they stop an application for moments only,
 * however large its tables are: rules are added unchecked and checked afterwards, indexes are built
 * beside the traffic, many rows are changed in pieces. The schema in the end is the same.
 *
 * The texts come from what the shadow made of the plain statements, so names are those that the
 * server would have chosen. Files with transactions of their own, locks, or roles stay as they are.
 *
 * @param migrations all pending ones, because tables that they make themselves need no care
 * @returns one for each migration that the shadow has tried, by id
 */
export async function rewriteSafely(
  migrations: readonly LintedMigration[],
  options: RewriteOptions,
): Promise<ReadonlyMap<string, SafeRewrite>> {
  const parser = await loadParser()
  const steps = new Map<string, readonly Step[]>()
  for (const scene of scenesOf(migrations, parser)) {
    const found = stepsOf(scene, { ...options, parser })
    if (found !== undefined) steps.set(stepKey(scene.migration, scene.statement), found)
  }
  return new Map(
    migrations
      .filter(({ observations }) => observations !== undefined)
      .map((migration) => [migration.source.id, assembled(migration, steps)]),
  )
}

const stepKey = ({ source }: LintedMigration, { no }: AnalysedStatement) => `${source.id} ${no}`

type Context = RewriteOptions & { readonly parser: Parser }

function stepsOf(
  scene: Scene,
  { major, keepsRows = false, parser }: Context,
): readonly Step[] | undefined {
  const { observation, facts, statement, migration } = scene
  if (observation === undefined || facts === undefined || observation.isNoOp) return undefined
  if (statement.txClass !== 'tx' || !isDivisible(migration.analysis.statements)) return undefined
  const rewritable: Rewritable = { scene, statement, observation, facts, major }
  for (const rewrite of keepsRows ? ofSchema : [...ofSchema, updateRows]) {
    const steps = rewrite(rewritable, parser)
    if (steps !== undefined) return steps
  }
  return undefined
}

/** The first that knows the statement says what runs instead. */
const ofSchema: readonly ((
  rewritable: Rewritable,
  parser: Parser,
) => readonly Step[] | undefined)[] = [createIndex, dropIndex, addColumn, newPartition, addRules]

/** Statements that mean something else when the transaction around them ends earlier. */
const bound: ReadonlySet<string> = new Set(['LockStmt', 'TransactionStmt', 'ConstraintsSetStmt'])

function isDivisible(statements: readonly AnalysedStatement[]): boolean {
  return !statements.some(
    ({ kind, text, txClass }) =>
      bound.has(kind) ||
      txClass === 'own' ||
      txClass === 'opaque' ||
      /^\s*set\s+(local|role|session|constraints)\b|\bset_config\s*\(|\bon\s+commit\s+(drop|delete)\b/i.test(
        text,
      ),
  )
}

function assembled(
  migration: LintedMigration,
  steps: ReadonlyMap<string, readonly Step[]>,
): SafeRewrite {
  const rewritten: RewrittenStatement[] = []
  const statements: Statement[] = []
  const origins: number[] = []
  for (const statement of migration.analysis.statements) {
    const found = steps.get(stepKey(migration, statement))
    if (found !== undefined && isOtherwise(found, statement))
      rewritten.push({
        statementNo: statement.no,
        from: statement.text,
        to: found.map(({ text }) => text),
      })
    const { line, column, boundary } = statement
    const own = [{ ...plain(statement), ...(boundary?.usedBy === undefined ? {} : ends) }]
    for (const step of found ?? own) {
      statements.push({ ...step, no: statements.length + 1, line, column })
      origins.push(statement.no)
    }
  }
  return { statements, origins, rewritten }
}

const ends = { boundary: true } as const
const plain = ({ text, txClass }: AnalysedStatement) => ({ text, txClass })

const isOtherwise = (steps: readonly Step[], { text }: AnalysedStatement) =>
  steps.length > 1 || steps[0]?.text !== text || steps[0].batch !== undefined
