import { inOrderOfKeys, readForeignKeys, type ForeignKey } from '../backup/foreign-keys.ts'
import { setSequence } from '../backup/restore-sequences.ts'
import { readSequences } from '../backup/tables.ts'
import { quoteName } from '../catalog/identifier.ts'
import type { Query } from '../catalog/query.ts'
import { jsonCell } from './json-cell.ts'
import { byContentOf, byKeyOf, type Fallback, type KeptValues } from './kept-values.ts'
import { readRelation, type Relation, type RelationColumn } from './relation.ts'
import type { ImagedTable } from './row-images.ts'

/** Where in the way back the images are applied: the tables are called as after, or as before. */
export type Moment = 'after' | 'before'

/** Rows that are not what the migration left. */
export type RowConflict = {
  readonly table: string
  readonly count: number
  /** The first few, each as its values. */
  readonly keys: readonly string[]
}

/** A column that an image has a value for and the table a place. */
type Mapped = {
  readonly attnum: number
  readonly column: RelationColumn
  /** Its values come from elsewhere, or it has another type than the image. */
  readonly isLeftOut: boolean
}

/** A table as it stands now, with what its images hold. */
export type Target = {
  readonly table: ImagedTable
  readonly relation: Relation
  readonly mapped: readonly Mapped[]
  /** Empty: rows are told apart by all that they hold. */
  readonly key: readonly Mapped[]
}

/** Columns by the table that had them before: `public.a` and the name of the column. */
export type Covered = ReadonlyMap<string, ReadonlySet<string>>

/**
 * Finds the tables of images as they stand now.
 *
 * @param covered columns whose values come back by themselves
 * @returns those that are not there by name, too
 */
export async function targetsOf(
  query: Query,
  tables: readonly ImagedTable[],
  { moment, covered }: { readonly moment: Moment; readonly covered: Covered },
): Promise<{ readonly targets: Target[]; readonly missing: string[] }> {
  const targets: Target[] = []
  const missing: string[] = []
  const oids = new Set(tables.map(({ oid }) => oid))
  for (const table of tables) {
    const name = moment === 'after' ? table.nameAfter : table.nameBefore
    const relation =
      moment === 'after'
        ? await relationAfter(query, table, oids)
        : await readRelation(query, table.nameBefore)
    if (relation === undefined) missing.push(name ?? table.nameBefore)
    else targets.push(targetOf(table, relation, { moment, covered }))
  }
  return { targets, missing }
}

/**
 * A later transaction of the migration may have renamed the table or its columns, which its number
 * shows; a number says nothing in a database that was restored from a dump, where the name does.
 */
async function relationAfter(
  query: Query,
  table: ImagedTable,
  oids: ReadonlySet<string>,
): Promise<Relation | undefined> {
  if (table.nameAfter === undefined) return undefined
  const named = await readRelation(query, table.nameAfter)
  if (named !== undefined && (named.oid === table.oid || !oids.has(named.oid))) return named
  const numbered = await readRelation(query, table.oid)
  return numbered !== undefined && isAlike(table, numbered) ? numbered : named
}

function isAlike({ columns, namesAfter }: ImagedTable, relation: Relation): boolean {
  return relation.columns.every(({ attnum, name, type }) => {
    const image = columns.get(attnum)
    return image === undefined || image.type === type || namesAfter[attnum] === name
  })
}

function targetOf(
  table: ImagedTable,
  relation: Relation,
  { moment, covered }: { readonly moment: Moment; readonly covered: Covered },
): Target {
  const isItself = moment === 'after' && relation.oid === table.oid
  const elsewhere = covered.get(table.nameBefore) ?? new Set<string>()
  const mapped = [...table.columns.values()].flatMap((image): Mapped[] => {
    const name = moment === 'after' ? table.namesAfter[image.attnum] : image.name
    const column = relation.columns.find((one) =>
      isItself ? one.attnum === image.attnum : one.name === name,
    )
    if (column === undefined || column.isGenerated || image.isGenerated) return []
    return [{ attnum: image.attnum, column, isLeftOut: elsewhere.has(image.name) }]
  })
  const key = table.key.flatMap((attnum) => mapped.filter((one) => one.attnum === attnum))
  return { table, relation, mapped, key: key.length === table.key.length ? key : [] }
}

/** The key of a table has to be there, or nobody knows which row is which. */
export function isUsable({ table, key }: Target): boolean {
  return key.length === table.key.length
}

const name = ({ column }: Mapped) => `t.${quoteName(column.name)}`
const value = ({ attnum, column }: Mapped, source: string) =>
  `(${source} ->> '${attnum}')::${column.type}`
const compared = ({ mapped }: Target) => mapped.filter(({ isLeftOut }) => !isLeftOut)
const liveText = (target: Target) => `row(${compared(target).map(name).join(', ')})::text`
const imageText = (target: Target, source: string) =>
  `row(${compared(target)
    .map((one) => value(one, source))
    .join(', ')})::text`

const sameKey = ({ key }: Target, alias = 't') =>
  key
    .map(
      ({ column }, at) => `${alias}.${quoteName(column.name)} = (s.key ->> ${at})::${column.type}`,
    )
    .join(' and ')

const live = ({ relation }: Target) => `only ${relation.name} t`

const keysShown = 5

/** Rows that somebody has changed since; they are marked, so that they can be left alone. */
export async function markConflicts(query: Query, target: Target): Promise<RowConflict[]> {
  const marked = target.key.length > 0 ? conflictSql(target) : undefined
  if (marked === undefined) return contentConflicts(query, target)
  const { rows } = await query(marked, [target.table.oid])
  const [row] = rows
  return conflictOf(target, row)
}

function conflictOf(
  { relation }: Target,
  row: Readonly<Record<string, unknown>> | undefined,
): RowConflict[] {
  const count = Number(row?.['count'] ?? 0)
  if (count === 0) return []
  const keys = jsonCell<readonly unknown[]>(row?.['keys'], [])
  return [{ table: relation.name, count, keys: keys.map((key) => JSON.stringify(key)) }]
}

/** A row that is gone is no loss where the migration had made it. */
function conflictSql(target: Target): string {
  const now = liveText(target)
  // A column that came after the image holds what it holds.
  const imaged = (source: string) =>
    `row(${compared(target)
      .map((one) => valueOr(one, source, name(one)))
      .join(', ')})::text`
  return `
    with clash as (
      select s.ctid, s.key from pg_temp.studioops_slots s
        left join ${live(target)} on ${sameKey(target)}
       where s.tbl = $1::oid and (s.broken or case
         when t.ctid is null then s.final is not null and s.initial is not null
         else (s.initial is null or ${now} is distinct from ${imaged('s.initial')})
           and (s.final is null or ${now} is distinct from ${imaged('s.final')}) end)),
    marked as (update pg_temp.studioops_slots m set conflict = true from clash
       where m.ctid = clash.ctid returning m.key)
    select count(*)::text as count,
      (select pg_catalog.json_agg(k.key) from (select key from marked limit ${keysShown}) k)::text
        as keys from marked`
}

/** Images that differ only in columns that are left out stand for as many rows that look alike. */
async function contentConflicts(query: Query, target: Target): Promise<RowConflict[]> {
  const { rows } = await query(
    `select count(*)::text as count,
        (pg_catalog.json_agg(c.content))::text as keys
       from (select pg_catalog.min(content::text)::json as content,
               ${imageText(target, 'i.content')} as shown, sum(i.added) as added
               from pg_temp.studioops_contents i
              where i.tbl = $1::oid and i.added > 0 group by shown) c
      where c.added > (
        select count(*) from ${live(target)} where ${liveText(target)} = c.shown)`,
    [target.table.oid],
  )
  return conflictOf(target, rows[0]).map((conflict) => ({
    ...conflict,
    keys: conflict.keys.slice(0, keysShown),
  }))
}

/**
 * Puts back what the images say. While foreign keys sleep, rows go before others come, so that no
 * two meet in a unique index; awake, they have to find their parents and not lose their children.
 */
export async function applyImages(
  query: Query,
  targets: readonly Target[],
  { asReplica, kept }: { readonly asReplica: boolean; readonly kept: KeptOf },
): Promise<readonly RowConflict[]> {
  const names = targets.map(({ relation }) => relation.name)
  const keys = await readForeignKeys(query, names)
  const ordered = inOrderOfKeys(names, keys).flatMap((group) =>
    targets.filter(({ relation }) => group.includes(relation.name)),
  )
  const conflicts: RowConflict[] = []
  const childrenFirst = ordered.toReversed()
  for (const target of childrenFirst)
    conflicts.push(...(await markReferenced(query, target, { keys, targets })))
  const remove = async () => {
    for (const target of childrenFirst) await removeRows(query, target)
  }
  if (asReplica) await remove()
  else for (const target of ordered) await bringRows(query, target, kept)
  for (const target of ordered) await changeRows(query, target)
  if (!asReplica) await remove()
  else for (const target of ordered) await bringRows(query, target, kept)
  for (const { relation } of ordered) await raiseSequences(query, relation)
  return conflicts
}

type Around = { readonly keys: readonly ForeignKey[]; readonly targets: readonly Target[] }

/** What was kept of columns of a table that its images may say nothing about. */
export type KeptOf = (target: Target) => readonly KeptValues[]

/** Rows of others that were written since and refer to what would go; a cascade must not take them. */
async function markReferenced(
  query: Query,
  target: Target,
  { keys, targets }: Around,
): Promise<RowConflict[]> {
  if (target.key.length === 0) return []
  const conflicts: RowConflict[] = []
  for (const key of keys.filter(({ parent }) => parent === target.relation.name)) {
    const child = targets.find(({ relation }) => relation.name === key.child)
    // Rows without a key cannot be told from those that change; the end shows what is left over.
    if (child?.key.length === 0) continue
    const { rows } = await query(referencedSql(target, key, child), [target.table.oid])
    conflicts.push(
      ...conflictOf(target, rows[0]).map((conflict) => ({
        ...conflict,
        table: `${conflict.table} (${key.child})`,
      })),
    )
  }
  return conflicts
}

function referencedSql(
  target: Target,
  { child, columns, parentColumns }: ForeignKey,
  changing: Target | undefined,
): string {
  const refers = columns.map(
    (column, at) => `c.${quoteName(column)} = t.${quoteName(parentColumns[at] ?? '')}`,
  )
  const isChangingToo =
    changing === undefined
      ? ''
      : `and not exists (select from pg_temp.studioops_slots s
           where s.tbl = ${changing.table.oid}::oid and not s.conflict and ${sameKey(changing, 'c')})`
  return `
    with held as (
      select s.ctid, s.key from pg_temp.studioops_slots s join ${live(target)} on ${sameKey(target)}
       where s.tbl = $1::oid and s.initial is null and not s.conflict
         and exists (select from ${child} c where ${refers.join(' and ')} ${isChangingToo})),
    marked as (update pg_temp.studioops_slots m set conflict = true from held
       where m.ctid = held.ctid returning m.key)
    select count(*)::text as count,
      (select pg_catalog.json_agg(k.key) from (select key from marked limit ${keysShown}) k)::text
        as keys from marked`
}

async function removeRows(query: Query, target: Target): Promise<void> {
  const text =
    target.key.length > 0
      ? `delete from ${live(target)} using pg_temp.studioops_slots s
          where s.tbl = $1::oid and not s.conflict and s.initial is null and ${sameKey(target)}`
      : `with wanted as (
           select ${imageText(target, 'c.content')} as content, sum(c.added) as added
             from pg_temp.studioops_contents c where c.tbl = $1::oid and c.added > 0 group by 1),
         numbered as (
           select t.ctid as place, ${liveText(target)} as content,
             pg_catalog.row_number() over (partition by ${liveText(target)}) as no
           from ${live(target)} where ${liveText(target)} in (select content from wanted))
         delete from ${live(target)} using numbered n join wanted w using (content)
          where t.ctid = n.place and n.no <= w.added`
  await query(text, [target.table.oid])
}

/** A row keeps its place where it can, so that what refers to it goes on doing so. */
async function changeRows(query: Query, target: Target): Promise<void> {
  const keys = new Set(target.key)
  const written = compared(target).filter((one) => !keys.has(one))
  if (target.key.length === 0 || written.length === 0) return
  const sets = written.map(
    (one) => `${quoteName(one.column.name)} = ${valueOr(one, 's.initial', name(one))}`,
  )
  const text = `update ${live(target)} set ${sets.join(', ')} from pg_temp.studioops_slots s
    where s.tbl = $1::oid and not s.conflict and s.initial is not null and s.final is not null
      and ${sameKey(target)}`
  const names = written.map(({ column }) => column.name)
  await withWritableIdentity(query, { relation: target.relation, names }, () =>
    query(text, [target.table.oid]),
  )
}

async function bringRows(query: Query, target: Target, kept: KeptOf): Promise<void> {
  const { mapped, relation, key } = target
  // A column that is left out here has another type than the image, or gets its values later.
  const written = mapped.filter((one) => !one.isLeftOut || hasSameType(target, one))
  const fallback = fallbackOf(target, kept(target))
  const taken = new Set(written.map(({ column }) => column.name))
  const others = relation.columns.filter(
    ({ name: one, isGenerated }) => !isGenerated && !taken.has(one) && fallback.values.has(one),
  )
  const names = [...taken, ...others.map((one) => one.name)].map(quoteName).join(', ')
  const values = (source: string) =>
    [
      ...written.map((one) => valueOr(one, source, fallback.values.get(one.column.name))),
      ...others.map((one) => fallback.values.get(one.name)),
    ].join(', ')
  const into = `insert into ${relation.name} (${names}) overriding system value`
  const text =
    key.length > 0
      ? `${into} select ${values('s.initial')} from pg_temp.studioops_slots s ${fallback.joins}
          where s.tbl = $1::oid and not s.conflict and s.final is null and s.initial is not null
            and not exists (select from ${live(target)} where ${sameKey(target)})`
      : `${into} select ${values('s.content')} from (
            select c.content, ${fallback.shown ?? 'null'} as shown, pg_catalog.row_number()
              over (partition by ${fallback.shown ?? 'null'}) as no
              from pg_temp.studioops_contents c
             cross join lateral pg_catalog.generate_series(1, -c.added)
             where c.tbl = $1::oid and c.added < 0) s ${fallback.joins}`
  await query(text, [target.table.oid])
}

/** A row that was written when a column had gone already says nothing about it. */
function valueOr(mapped: Mapped, source: string, otherwise: string | undefined): string {
  const said = value(mapped, source)
  if (otherwise === undefined) return said
  return `case when ${source} ? '${mapped.attnum}' then ${said} else ${otherwise} end`
}

function fallbackOf(target: Target, kept: readonly KeptValues[]): Fallback {
  const { key, mapped } = target
  return key.length > 0
    ? byKeyOf(kept, new Map(key.map(({ column }, at) => [column.name, `s.key ->> ${at}`])))
    : byContentOf(kept, new Map(mapped.map((one) => [one.column.name, value(one, 'c.content')])))
}

function hasSameType({ table }: Target, { attnum, column }: Mapped): boolean {
  return table.columns.get(attnum)?.type === column.type
}

/** What is inserted next must not meet what has come back. */
async function raiseSequences(query: Query, { name: table }: Relation): Promise<void> {
  for (const { name: sequence, owner, lastValue } of await readSequences(query, {
    usedBy: [table],
  })) {
    if (owner?.table !== table) continue
    const text = `select pg_catalog.max(${quoteName(owner.column)})::text as highest from only ${table}`
    const { rows } = await query(text)
    const highest = rows[0]?.['highest']
    if (typeof highest !== 'string' || !/^\d+$/.test(highest)) continue
    if (BigInt(highest) >= BigInt(lastValue))
      await setSequence(query, sequence, { lastValue: highest, isCalled: true })
  }
}

/** GENERATED ALWAYS lets nobody update a column; BY DEFAULT does. */
export async function withWritableIdentity(
  query: Query,
  { relation, names }: { readonly relation: Relation; readonly names: readonly string[] },
  work: () => Promise<unknown>,
): Promise<void> {
  const always = relation.columns.filter(
    (column) => column.isAlwaysIdentity && names.includes(column.name),
  )
  const alter = (how: string) =>
    always.map(
      (column) => `alter table ${relation.name} alter column ${quoteName(column.name)} ${how}`,
    )
  for (const text of alter('set generated by default')) await query(text)
  await work()
  for (const text of alter('set generated always')) await query(text)
}
