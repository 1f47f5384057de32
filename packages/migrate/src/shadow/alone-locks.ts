import { quoteName } from '../catalog/identifier.ts'
import type { Query } from '../catalog/query.ts'
import type { LockMode } from './lock-modes.ts'
import type { Lock, Relations } from './relations.ts'

/**
 * What a statement that cannot run in a transaction does, from the table of section 6: nobody can
 * look at its locks from inside.
 */
export type AloneEffects = {
  readonly locks: readonly Lock[]
  /** Qualified names of tables that it reads from end to end. */
  readonly scans: readonly string[]
}

/** Relations by the names of the statement, with the strongest lock that each gets. */
type Plan = {
  readonly targets: readonly (readonly [name: string, mode: LockMode])[]
  /** Lock on the table of each target that is an index. */
  readonly onTable?: LockMode
  /** Lock on each index of the targets. */
  readonly onIndexes?: LockMode
  readonly scans?: boolean
}

type Tree = { readonly [name: string]: unknown }

/** Asked before the statement runs, because it may drop what it names. */
export async function effectsAlone(
  text: string,
  { query, relations }: { readonly query: Query; readonly relations: Relations },
): Promise<AloneEffects> {
  const plan = planOf(await parseOne(text))
  const locks = new Map<number, LockMode>()
  for (const [name, mode] of plan.targets) {
    const { rows } = await query(relatedSql, [name])
    for (const row of rows) {
      const lock = { self: mode, table: plan.onTable, index: plan.onIndexes }[String(row['role'])]
      if (lock !== undefined) locks.set(Number(row['oid']), lock)
    }
  }
  const known = [...locks].flatMap(([oid, mode]) => {
    const relation = relations.get(oid)
    return relation === undefined
      ? []
      : [{ relation: relation.name, kind: relation.kind, mode } satisfies Lock]
  })
  const sorted = known.toSorted((a, b) => (a.relation < b.relation ? -1 : 1))
  const scans = sorted.filter(({ kind }) => kind === 'table' || kind === 'materialized view')
  return { locks: sorted, scans: plan.scans ? scans.map(({ relation }) => relation) : [] }
}

const relatedSql = `
  with target as (select to_regclass($1)::oid as oid)
  select 'self' as role, oid::bigint from target where oid is not null
  union all
  select 'table', x.indrelid::bigint from pg_catalog.pg_index x join target on target.oid = x.indexrelid
  union all
  select 'index', x.indexrelid::bigint from pg_catalog.pg_index x join target on target.oid = x.indrelid`

async function parseOne(text: string): Promise<Tree> {
  const { loadModule, parseSync } = await import('libpg-query')
  await loadModule()
  try {
    return (parseSync(text).stmts?.[0]?.stmt ?? {}) as Tree
  } catch {
    return {}
  }
}

const weak = 'share update exclusive'
const strong = 'access exclusive'

function planOf(statement: Tree): Plan {
  const [kind = ''] = Object.keys(statement)
  const node = fieldsOf(statement[kind])
  return plans[kind]?.(node) ?? { targets: [] }
}

const plans: Readonly<Record<string, (node: Tree) => Plan>> = {
  IndexStmt: (node) => ({ targets: [[relationName(node['relation']), weak]], scans: true }),
  DropStmt: (node) => ({
    targets: listOf(node['objects']).map((object) => [
      partsName(listOf(fieldsOf(fieldsOf(object)['List'])['items'])),
      weak,
    ]),
    onTable: weak,
  }),
  ReindexStmt(node) {
    const targets = [[relationName(node['relation']), weak]] as const
    if (hasOption(node['params'], 'concurrently'))
      return { targets, onTable: weak, onIndexes: weak, scans: true }
    const onIndex = node['kind'] === 'REINDEX_OBJECT_INDEX'
    return {
      targets: [[targets[0][0], onIndex ? strong : 'share']],
      onTable: 'share',
      onIndexes: strong,
      scans: true,
    }
  },
  AlterTableStmt(node) {
    const commands = listOf(node['cmds']).map((command) =>
      fieldsOf(fieldsOf(fieldsOf(fieldsOf(command)['AlterTableCmd'])['def'])['PartitionCmd']),
    )
    return {
      targets: [
        [relationName(node['relation']), weak],
        ...commands.map(({ name }) => [relationName(name), strong] as const),
      ],
    }
  },
  VacuumStmt(node) {
    const mode = hasOption(node['options'], 'full') ? strong : weak
    const names = listOf(node['rels']).map((rel) =>
      relationName(fieldsOf(fieldsOf(rel)['VacuumRelation'])['relation']),
    )
    const targets = names.map((name) => [name, mode] as const)
    return mode === strong ? { targets, onIndexes: strong, scans: true } : { targets }
  },
}

function hasOption(options: unknown, name: string): boolean {
  return listOf(options).some((option) => fieldsOf(fieldsOf(option)['DefElem'])['defname'] === name)
}

function relationName(node: unknown): string {
  const { schemaname, relname } = fieldsOf(node)
  return [schemaname, relname]
    .filter((part) => typeof part === 'string')
    .map(quoteName)
    .join('.')
}

function partsName(parts: readonly unknown[]): string {
  return parts
    .map((part) => fieldsOf(fieldsOf(part)['String'])['sval'])
    .filter((part) => typeof part === 'string')
    .map(quoteName)
    .join('.')
}

function fieldsOf(node: unknown): Tree {
  return typeof node === 'object' && node !== null && !Array.isArray(node) ? (node as Tree) : {}
}

function listOf(node: unknown): readonly unknown[] {
  return Array.isArray(node) ? node : []
}
