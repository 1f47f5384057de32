import type { Node, PlpgsqlNode } from '../text/parser.ts'
import type { ParsedStatement } from '../text/statements.ts'

/**
 * Where a statement can run. `tx`: in a transaction with others. `alone`: never in a transaction
 * block, one per message (25001). `own`: in a file that begins and ends its own transactions.
 * `opaque`: it may commit by itself, and its text does not say whether it does.
 */
export type TxClass = 'tx' | 'alone' | 'own' | 'opaque'

/** A statement of the file that begins or ends a transaction; the engine sends its own instead. */
export type TransactionControl = 'begin' | 'commit' | 'rollback'

export type Classified = {
  readonly txClass: TxClass
  /** 1-based; rises where the file begins or ends a transaction. Always 1 in a file without. */
  readonly segment: number
  readonly control: TransactionControl | undefined
}

/** Whether a procedure, by its dotted name, is known to commit; undefined: nobody knows. */
export type Commits = (procedure: string) => boolean | undefined

type Tests = { readonly [tag: string]: (content: never) => boolean }

const isConcurrent = ({ concurrent }: { concurrent?: boolean }) => concurrent === true
const always = () => true

/** PostgreSQL calls PreventInTransactionBlock for these (postgres 18, src/backend/tcop/utility.c). */
const aloneTests: Tests = {
  IndexStmt: isConcurrent,
  DropStmt: isConcurrent,
  ReindexStmt: ({ kind, params }: { kind?: string; params?: Node[] }) =>
    ['REINDEX_OBJECT_SCHEMA', 'REINDEX_OBJECT_DATABASE', 'REINDEX_OBJECT_SYSTEM'].includes(
      kind ?? '',
    ) || hasOption(params, 'concurrently'),
  AlterTableStmt: ({ cmds }: { cmds?: Node[] }) => (cmds ?? []).some(detachesConcurrently),
  VacuumStmt: ({ is_vacuumcmd }: { is_vacuumcmd?: boolean }) => is_vacuumcmd === true,
  ClusterStmt: ({ relation }: { relation?: unknown }) => relation === undefined,
  AlterSystemStmt: always,
  CreatedbStmt: always,
  DropdbStmt: always,
  CreateTableSpaceStmt: always,
  DropTableSpaceStmt: always,
  CreateSubscriptionStmt: ({ options }: { options?: Node[] }) =>
    !isFalse(optionOf(options, 'create_slot')) && !isFalse(optionOf(options, 'connect')),
  DropSubscriptionStmt: always,
}

/** What an application's migration has no business with; the server or its disk would change. */
const foreignTests: Tests = {
  AlterSystemStmt: always,
  CreatedbStmt: always,
  DropdbStmt: always,
  AlterDatabaseStmt: always,
  CreateTableSpaceStmt: always,
  DropTableSpaceStmt: always,
  CreateSubscriptionStmt: always,
  AlterSubscriptionStmt: always,
  DropSubscriptionStmt: always,
  CopyStmt: ({ is_program, filename }: { is_program?: boolean; filename?: string }) =>
    is_program === true || (filename ?? '') !== '',
  TransactionStmt: ({ kind }: { kind?: string }) => /PREPARED|PREPARE$/.test(kind ?? ''),
}

const detachesConcurrently = (node: Node) =>
  'AlterTableCmd' in node &&
  node.AlterTableCmd.def !== undefined &&
  'PartitionCmd' in node.AlterTableCmd.def &&
  node.AlterTableCmd.def.PartitionCmd.concurrent === true

function optionOf(options: Node[] | undefined, name: string): Node | true | undefined {
  for (const node of options ?? [])
    if ('DefElem' in node && node.DefElem.defname === name) return node.DefElem.arg ?? true
  return undefined
}

const isFalse = (value: Node | true | undefined) =>
  value !== undefined &&
  value !== true &&
  /"(?:sval|boolval)":"?(?:false|off|0)/.test(JSON.stringify(value))
const hasOption = (options: Node[] | undefined, name: string) => {
  const value = optionOf(options, name)
  return value !== undefined && !isFalse(value)
}

function holds(tests: Tests, node: Node): boolean {
  const [tag = '', content] = Object.entries(node)[0] ?? []
  const test = tests[tag] as ((content: unknown) => boolean) | undefined
  return Object.hasOwn(tests, tag) && test !== undefined && test(content)
}

/** Whether a statement can only run outside of every transaction block. */
export function isAlone(node: Node): boolean {
  return holds(aloneTests, node)
}

/** Whether a statement is refused in migrations: it concerns the server, not the schema. */
export function isForeign(node: Node): boolean {
  return holds(foreignTests, node)
}

/** Whether a parsed PL/pgSQL body commits or rolls back by itself. */
export function commitsItself(body: PlpgsqlNode): boolean {
  return /"PLpgSQL_stmt_(?:commit|rollback)"/.test(JSON.stringify(body))
}

/** What a statement says about transactions; undefined for all but BEGIN, COMMIT and ROLLBACK. */
export function controlOf(node: Node): TransactionControl | undefined {
  if (!('TransactionStmt' in node)) return undefined
  switch (node.TransactionStmt.kind) {
    case 'TRANS_STMT_BEGIN':
    case 'TRANS_STMT_START':
      return 'begin'
    case 'TRANS_STMT_COMMIT':
      return 'commit'
    case 'TRANS_STMT_ROLLBACK':
      return 'rollback'
    default:
      return undefined
  }
}

/**
 * Takes away a single `BEGIN … COMMIT` around the whole file, and numbers what is left from 1. Any
 * other use of transactions stays.
 */
export function stripWrapper(statements: readonly ParsedStatement[]): readonly ParsedStatement[] {
  const controls = statements.map(({ node }) => controlOf(node)).filter((one) => one !== undefined)
  const [first] = statements
  const last = statements.at(-1)
  const wrapped =
    controls.join() === 'begin,commit' &&
    first !== undefined &&
    last !== undefined &&
    controlOf(first.node) === 'begin' &&
    controlOf(last.node) === 'commit' &&
    !JSON.stringify([first.node, last.node]).includes('"chain":true')
  if (!wrapped) return statements
  return statements.slice(1, -1).map((statement, index) => ({ ...statement, no: index + 1 }))
}

/**
 * The transaction class of every statement of a file, after `stripWrapper`.
 *
 * @param selfCommitting of DO blocks and CALLs: whether it commits; undefined where nobody knows
 */
export function classifyStatements(
  statements: readonly Pick<ParsedStatement, 'node'>[],
  selfCommitting: (node: Node) => boolean | undefined,
): readonly Classified[] {
  const own = statements.some(({ node }) => controlOf(node) !== undefined)
  let segment = 1
  return statements.map(({ node }) => {
    const control = controlOf(node)
    if (control === 'begin') segment += 1
    const classified = { txClass: classOf(node, { own, selfCommitting }), segment, control }
    if (control === 'commit' || control === 'rollback') segment += 1
    return classified
  })
}

type Surroundings = { readonly own: boolean; selfCommitting(node: Node): boolean | undefined }

function classOf(node: Node, { own, selfCommitting }: Surroundings): TxClass {
  if (isAlone(node)) return 'alone'
  if ('CallStmt' in node || 'DoStmt' in node) {
    const commits = selfCommitting(node)
    if (commits === undefined) return 'opaque'
    if (commits) return 'own'
  }
  return own ? 'own' : 'tx'
}
