import type { Query } from '../ledger/query.ts'
import type { AloneWork, ObjectName } from './alone-work.ts'
import {
  chooseIndexName,
  elaborateIndex,
  findRelation,
  type IndexState,
  readIndex,
  readReindexLeftovers,
  type Relation,
} from './index-state.ts'
import { joinedName, quoted } from './pg-name.ts'

/** One statement towards a goal; each is sent by itself. */
export type AloneStep = {
  readonly text: string
  /**
   * Whether it waits for others without making anybody wait for it, so that no timeout is needed;
   * `lock_timeout` would fail CREATE INDEX CONCURRENTLY in a harmless wait and leave a broken index.
   */
  readonly isPatient: boolean
}

/** What the catalog says about the goal of a statement. */
export type Remaining =
  | { readonly kind: 'done' }
  | { readonly kind: 'todo'; readonly steps: readonly AloneStep[] }
  /** Something else stands in its place. */
  | { readonly kind: 'conflict'; readonly because: string; readonly remedy: string }

/** What is known about a statement beside the catalog. */
export type AloneContext = {
  /** As the file has it. */
  readonly text: string
  /** `begun`: an earlier run has sent it and did not see its end. `ran`: we have just seen it end. */
  readonly stage: 'fresh' | 'begun' | 'ran'
  /** The name chosen for an index that the file does not name. */
  readonly index: string | undefined
}

/** Chooses the name that the server would give to an index without one; undefined for all others. */
export async function nameFor(query: Query, work: AloneWork): Promise<string | undefined> {
  if (work.kind !== 'create-index' || work.index !== undefined) return undefined
  const table = await findRelation(query, work.table)
  return table === undefined ? undefined : chooseIndexName(query, table, work)
}

/**
 * Compares the goal of a statement of class `alone` with the catalog. Asked before the statement and
 * after it; `done` is its post-condition.
 */
export async function remainingOf(
  query: Query,
  work: AloneWork,
  context: AloneContext,
): Promise<Remaining> {
  switch (work.kind) {
    case 'create-index':
      return remainingIndex(query, work, context)
    case 'drop-index':
      return remainingDrop(query, work, context)
    case 'reindex':
      return remainingReindex(query, work, context)
    case 'detach':
      return remainingDetach(query, work, context)
    case 'repeatable':
    case 'other':
      if (context.stage === 'ran') return { kind: 'done' }
      return { kind: 'todo', steps: [{ text: context.text, isPatient: work.kind === 'other' }] }
  }
}

/** What a failed statement has left behind and nobody wants; each is sent by itself. */
export async function cleanUpOf(
  query: Query,
  work: AloneWork,
  { index }: AloneContext,
): Promise<AloneStep[]> {
  if (work.kind === 'reindex') return dropAll(await leftoversOf(query, work))
  const name = work.kind === 'create-index' ? (work.index ?? index) : undefined
  if (work.kind !== 'create-index' || name === undefined) return []
  const table = await findRelation(query, work.table)
  if (table === undefined || table.kind === 'p') return []
  const state = await readIndex(query, table, name)
  if (state === undefined || !isBroken(state)) return []
  return dropAll([quoted({ schema: table.schema, name })])
}

function dropAll(indexes: readonly string[]): AloneStep[] {
  return indexes.map((name) => ({
    text: `drop index concurrently if exists ${name}`,
    isPatient: true,
  }))
}

async function remainingDrop(
  query: Query,
  { index, ifExists }: Extract<AloneWork, { kind: 'drop-index' }>,
  { text, stage }: AloneContext,
): Promise<Remaining> {
  const isGone = (await findRelation(query, index)) === undefined
  if (isGone && (stage !== 'fresh' || ifExists)) return { kind: 'done' }
  return { kind: 'todo', steps: [{ text, isPatient: true }] }
}

type CreateIndex = Extract<AloneWork, { kind: 'create-index' }>

async function remainingIndex(
  query: Query,
  work: CreateIndex,
  context: AloneContext,
): Promise<Remaining> {
  const table = await findRelation(query, work.table)
  const index = work.index ?? context.index
  // Without the table the statement itself says best what is wrong.
  if (table === undefined || index === undefined)
    return { kind: 'todo', steps: [{ text: context.text, isPatient: true }] }
  const goal = { table, work, index, stage: context.stage }
  return table.kind === 'p' ? remainingPartitioned(query, goal) : remainingPlain(query, goal)
}

type Goal = {
  readonly table: Relation
  readonly work: CreateIndex
  readonly index: string
  readonly stage: AloneContext['stage']
}

async function remainingPlain(query: Query, goal: Goal): Promise<Remaining> {
  const name = quoted({ schema: goal.table.schema, name: goal.index })
  const build = [{ text: createText(goal, 'concurrently'), isPatient: true }]
  switch (await verdictOn(query, goal, await readIndex(query, goal.table, goal.index))) {
    case 'done':
      return { kind: 'done' }
    case 'build':
      return { kind: 'todo', steps: build }
    case 'rebuild':
      return { kind: 'todo', steps: [...dropAll([name]), ...build] }
    case 'conflict':
      return conflictWith(name)
  }
}

async function verdictOn(query: Query, goal: Goal, state: IndexState | undefined) {
  const { table, work, stage } = goal
  const expected = state?.isWhole === true ? await definitionOf(query, table, work) : undefined
  const isOurs = stage !== 'fresh'
  return judgeIndex(state, { expected, isOurs, isWelcome: isOurs || work.ifNotExists })
}

function conflictWith(name: string): Remaining {
  return {
    kind: 'conflict',
    because: `${name} exists already and is something else than this statement makes`,
    remedy: `Compare it with the file, then drop or rename it: drop index concurrently ${name}`,
  }
}

/** What to do about an index that already has the name; a table, because every cell matters. */
export function judgeIndex(
  state: IndexState | undefined,
  {
    expected,
    isOurs,
    isWelcome,
  }: {
    /** Undefined where it cannot be told. */
    readonly expected: string | undefined
    /** Whether we have begun to make an index of this name. */
    readonly isOurs: boolean
    /** Whether a whole and equal index counts as the goal. */
    readonly isWelcome: boolean
  },
): 'done' | 'build' | 'rebuild' | 'conflict' {
  if (state === undefined) return 'build'
  if (!state.onTable || state.backsConstraint) return 'conflict'
  if (isBroken(state)) return 'rebuild'
  if (expected === undefined || state.definition === expected)
    return isWelcome ? 'done' : 'conflict'
  return isOurs ? 'rebuild' : 'conflict'
}

function isBroken({ onTable, isWhole, backsConstraint }: IndexState): boolean {
  return onTable && !isWhole && !backsConstraint
}

async function definitionOf(query: Query, table: Relation, work: CreateIndex) {
  const made = await elaborateIndex(query, { table, work, taken: [] }).catch(() => undefined)
  return made?.definition
}

/** Without `if not exists`: with it, a second run would be content with a broken index. */
function createText({ table, work, index }: Goal, mode: 'concurrently' | 'only'): string {
  const unique = work.unique ? 'unique ' : ''
  const name = quoted({ schema: undefined, name: index })
  const [how, on] = mode === 'only' ? ['', 'only '] : ['concurrently ', '']
  return `create ${unique}index ${how}${name} on ${on}${quoted(table)} ${work.rest}`
}

/** Partitioned tables take no CONCURRENTLY: an empty index above, one each below, then joined. */
async function remainingPartitioned(query: Query, goal: Goal): Promise<Remaining> {
  const { table, index } = goal
  const name = quoted({ schema: table.schema, name: index })
  const state = await readIndex(query, table, index)
  const verdict = await verdictOn(query, goal, state)
  if (verdict === 'done') return { kind: 'done' }
  // Not whole means that some partition is still missing; what is there stays.
  if (verdict === 'conflict' || (state !== undefined && state.isWhole)) return conflictWith(name)
  const steps = state === undefined ? [{ text: createText(goal, 'only'), isPatient: false }] : []
  for (const partition of await readPartitions(query, goal)) {
    const below = { ...goal, table: partition, index: joinedName(partition.name, index) }
    const remaining = await remainingBelow(query, { ...below, stage: 'begun' })
    if (remaining.kind === 'conflict') return remaining
    if (remaining.kind === 'todo') steps.push(...remaining.steps)
    const part = quoted({ schema: partition.schema, name: below.index })
    steps.push({ text: `alter index ${name} attach partition ${part}`, isPatient: false })
  }
  return { kind: 'todo', steps }
}

function remainingBelow(query: Query, goal: Goal): Promise<Remaining> {
  return goal.table.kind === 'p' ? remainingPartitioned(query, goal) : remainingPlain(query, goal)
}

/** Partitions whose index is not yet part of the index above. */
async function readPartitions(query: Query, { table, index }: Goal): Promise<Relation[]> {
  return query<Relation>(
    `select c.oid::text, n.nspname as schema, c.relname as name, c.relkind::text as kind
       from pg_catalog.pg_inherits h
       join pg_catalog.pg_class c on c.oid = h.inhrelid
       join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where h.inhparent = $1::oid and c.relkind in ('r', 'p') and not exists (
        select from pg_catalog.pg_index i
          join pg_catalog.pg_inherits a on a.inhrelid = i.indexrelid
          join pg_catalog.pg_class above on above.oid = a.inhparent
         where i.indrelid = c.oid and above.relname = $2
           and above.relnamespace = (select relnamespace from pg_catalog.pg_class where oid = $1::oid))
      order by n.nspname, c.relname`,
    [table.oid, index],
  )
}

type Reindex = Extract<AloneWork, { kind: 'reindex' }>

/** What an interrupted rebuild has left is in the way of nobody but costs every insert. */
async function remainingReindex(
  query: Query,
  work: Reindex,
  { text, stage }: AloneContext,
): Promise<Remaining> {
  const leftovers = dropAll(await leftoversOf(query, work))
  if (stage === 'ran' && leftovers.length === 0) return { kind: 'done' }
  return { kind: 'todo', steps: [...leftovers, { text, isPatient: true }] }
}

async function leftoversOf(query: Query, { of }: Reindex): Promise<string[]> {
  if (of === undefined) return []
  const relation = await findRelation(query, of.name)
  if (relation === undefined) return []
  const table = of.what === 'table' ? relation.oid : await tableOf(query, relation)
  return readReindexLeftovers(query, table)
}

async function tableOf(query: Query, index: Relation): Promise<string> {
  const [row] = await query<{ oid: string }>(
    'select indrelid::text as oid from pg_catalog.pg_index where indexrelid = $1::oid',
    [index.oid],
  )
  return row?.oid ?? index.oid
}

type Detach = Extract<AloneWork, { kind: 'detach' }>

async function remainingDetach(
  query: Query,
  { parent, partition }: Detach,
  { text, stage }: AloneContext,
): Promise<Remaining> {
  const state = await readInheritance(query, parent, partition)
  if (state === 'pending')
    return {
      kind: 'todo',
      steps: [
        {
          text: `alter table ${quoted(parent)} detach partition ${quoted(partition)} finalize`,
          isPatient: false,
        },
      ],
    }
  if (state === 'none' && stage !== 'fresh') return { kind: 'done' }
  return { kind: 'todo', steps: [{ text, isPatient: true }] }
}

async function readInheritance(query: Query, parent: ObjectName, partition: ObjectName) {
  const [row] = await query<{ pending: boolean }>(
    `select inhdetachpending as pending from pg_catalog.pg_inherits
      where inhparent = to_regclass($1) and inhrelid = to_regclass($2)`,
    [quoted(parent), quoted(partition)],
  )
  if (row === undefined) return 'none'
  return row.pending ? 'pending' : 'attached'
}
