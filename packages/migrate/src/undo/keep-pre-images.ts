import type { OpenedBackup } from '../backup/open-backup.ts'
import type { BackupColumn } from '../backup/manifest.ts'
import { readSequences } from '../backup/tables.ts'
import { quoteName } from '../catalog/identifier.ts'
import type { Query } from '../catalog/query.ts'
import type { Objection } from '../objection.ts'
import type { Kept } from './kept.ts'
import type { Due } from './plans-of-group.ts'
import { readRelation, type Relation } from './relation.ts'
import { withoutForce } from './without-force.ts'

/** A plan whose table is there, and the table. */
export type Placed = Due & { readonly relation: Relation }

/** Finds the tables of plans; what is not there cannot be destroyed. */
export async function placePlans(query: Query, due: readonly Due[]): Promise<Placed[]> {
  const placed: Placed[] = []
  for (const one of due) {
    if (one.plan.kind === 'sequence') continue
    const relation = await readRelation(query, one.name)
    if (relation !== undefined) placed.push({ ...one, relation })
  }
  return placed
}

/** What was kept, and what has to be looked at again when the statements have run. */
export type KeptPart = {
  readonly kept: Kept
  /** Of the table and of columns whose values are converted, to find them under new names. */
  readonly watched?: Watched
}

type Watched = {
  readonly oid: string
  /** Numbers by the names that they have before the migration. */
  readonly columns: readonly { readonly name: string; readonly attnum: number }[]
}

/** The tables are locked; everything is copied, compressed, hashed, counted and read back. */
export async function addPreImages(
  query: Query,
  backup: OpenedBackup,
  { placed, sequences }: { readonly placed: readonly Placed[]; readonly sequences: readonly Due[] },
): Promise<KeptPart[] | { readonly objection: Objection }> {
  const parts: KeptPart[] = []
  for (const one of placed) {
    const part = partOf(one, parts.length)
    if (part === undefined) continue
    const objection = await backup.add(part.part)
    if (objection !== undefined) return { objection }
    parts.push(part)
  }
  const names = placed.flatMap(({ plan, relation }) =>
    plan.kind === 'rows' ? [] : [relation.name],
  )
  const owned = names.length === 0 ? [] : await readSequences(query, { usedBy: names })
  backup.addSequences(owned)
  for (const { plan, name } of sequences) {
    if (plan.kind !== 'sequence') continue
    if (!owned.some((one) => one.name === name)) {
      const objection = await backup.add({ kind: 'sequence', sequence: name })
      if (objection !== undefined) return { objection }
    }
    parts.push({ kept: { kind: 'sequence', plan } })
  }
  return parts
}

type Part = KeptPart & { readonly part: Parameters<OpenedBackup['add']>[0] }

function partOf(placed: Placed, index: number): Part | undefined {
  const { plan, relation, oldNames } = placed
  const stored = underOldNames(storedColumns(relation), oldNames)
  if (plan.kind === 'table') return tablePart(placed, { plan, stored, index })
  return plan.kind === 'columns' ? columnsPart(placed, { plan, stored, index }) : undefined
}

type Parting<K extends Due['plan']['kind']> = {
  readonly plan: Extract<Due['plan'], { kind: K }>
  readonly stored: readonly Stored[]
  readonly index: number
}

const numbersOf = (stored: readonly Stored[]) =>
  Object.fromEntries(stored.map(({ name, attnum }) => [name, attnum]))

function tablePart(
  { relation, oldNames }: Placed,
  { plan, stored, index }: Parting<'table'>,
): Part {
  // Rows of partitions are kept with the partitions, each of which goes by itself.
  const isPart = relation.isPartition || relation.isPartitioned
  const isPlain = !isPart && oldNames.size === 0
  const entry = isPlain ? relation.name : `${relation.name} #${index}`
  const part = isPlain
    ? ({ kind: 'table', table: relation.name } as const)
    : rowsPart(entry, relation, stored)
  const kept = { kind: 'table', plan, entry, oid: relation.oid } as const
  return { part, kept: isPart ? kept : { ...kept, numbers: numbersOf(stored) } }
}

function columnsPart(
  { relation, oldNames }: Placed,
  { plan, stored, index }: Parting<'columns'>,
): Part {
  const { oid, name } = relation
  const entry = `${name} ${plan.columns.join(', ')} #${index}`
  const primary = relation.key.map((one) => oldNames.get(one) ?? one)
  const isKeyed = plan.key.every((one) => stored.some((column) => column.name === one))
  const key = isKeyed ? plan.key : primary.filter((one) => !plan.columns.includes(one))
  const wanted = new Set([...key, ...plan.columns])
  const columns = key.length === 0 ? stored : stored.filter((one) => wanted.has(one.name))
  return {
    part: rowsPart(entry, relation, columns),
    kept: {
      kind: 'columns',
      plan,
      entry,
      oid,
      numbers: numbersOf(stored),
      ...(isKeyed ? {} : { key }),
    },
    watched: { oid, columns: columns.map((one) => ({ name: one.name, attnum: one.attnum })) },
  }
}

/** A column under the name that it had before the migration, and its name at this moment. */
type Stored = Relation['columns'][number] & { readonly now: string }

function underOldNames(columns: Relation['columns'], oldNames: Due['oldNames']): Stored[] {
  return columns.map((one) => ({ ...one, now: one.name, name: oldNames.get(one.name) ?? one.name }))
}

function storedColumns({ columns }: Relation) {
  return columns.filter(({ isGenerated }) => !isGenerated)
}

function rowsPart(name: string, relation: Relation, columns: readonly Stored[]) {
  const list = columns.map((one) => `${quoteName(one.now)} as ${quoteName(one.name)}`).join(', ')
  const key = columns.flatMap((one) => (relation.key.includes(one.now) ? [one.name] : []))
  return {
    kind: 'rows',
    name,
    sql: `select ${list} from only ${relation.name}`,
    columns: columns.map((column) => ({ name: column.name, type: column.type })),
    key: key.length === relation.key.length ? key : [],
  } as const
}

/** What converted columns hold when the migration has run, under the names that they had before. */
export async function addAfterImages(
  query: Query,
  backup: OpenedBackup,
  parts: readonly KeptPart[],
): Promise<Kept[] | { readonly objection: Objection }> {
  const kept: Kept[] = []
  for (const { kept: one, watched } of parts) {
    const source =
      one.kind === 'columns' && watched !== undefined
        ? await sourceAfter(query, [...keyOf(one), ...one.plan.columns], watched)
        : undefined
    if (one.kind !== 'columns' || source === undefined) {
      kept.push(one)
      continue
    }
    const name = `${one.entry} after`
    const key = keyOf(one)
    const { sql, columns, table, names, oid, numbers } = source
    const objection = await withoutForce(query, [table], () =>
      backup.add({ kind: 'rows', name, sql, columns, key }),
    )
    if (objection !== undefined) return { objection }
    kept.push({ ...one, after: { entry: name, table, names, oid, numbers } })
  }
  return kept
}

const keyOf = ({ plan, key = plan.key }: Extract<Kept, { kind: 'columns' }>) => key

type Source = {
  readonly sql: string
  readonly columns: readonly BackupColumn[]
  readonly table: string
  readonly names: Readonly<Record<string, string>>
  readonly oid: string
  readonly numbers: Readonly<Record<string, number>>
}

/** @returns undefined where the columns are gone, or what told their rows apart */
async function sourceAfter(
  query: Query,
  wanted: readonly string[],
  { oid, columns }: Watched,
): Promise<Source | undefined> {
  const { rows } = await query('select $1::oid::pg_catalog.regclass::text as name', [oid])
  const relation = await readRelation(query, String(rows[0]?.['name']))
  if (relation === undefined) return undefined
  const now = new Map(relation.columns.map((column) => [column.attnum, column]))
  const found = columns.flatMap(({ name, attnum }) => {
    const column = now.get(attnum)
    return column === undefined ? [] : [{ name, column }]
  })
  if (!wanted.every((name) => found.some((one) => one.name === name))) return undefined
  const list = found.map(({ name, column }) => `${quoteName(column.name)} as ${quoteName(name)}`)
  return {
    sql: `select ${list.join(', ')} from only ${relation.name}`,
    columns: found.map(({ name, column }) => ({ name, type: column.type })),
    table: relation.name,
    names: Object.fromEntries(found.map(({ name, column }) => [name, column.name])),
    oid,
    numbers: Object.fromEntries(found.map(({ name, column }) => [name, column.attnum])),
  }
}
