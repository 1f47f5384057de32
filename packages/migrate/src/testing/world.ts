import type { Chooser } from './choices.ts'
import { isPlain, type NamePart, type Part, quoted } from './sql-parts.ts'

export type ThingKind =
  | 'schema'
  | 'table'
  | 'column'
  | 'index'
  | 'constraint'
  | 'view'
  | 'type'
  | 'function'
  | 'trigger'
  | 'policy'
  | 'sequence'

/** An object of the generated database. Its id stays the same when it is renamed. */
export type Thing = {
  readonly id: number
  readonly kind: ThingKind
  name: string
  /** Name of the schema; `''` for schemas themselves. */
  readonly schema: string
  alive: boolean
  /** Names that it had before. */
  readonly formerNames: string[]
  /** The table of a column, an index, a constraint, a trigger, a policy. */
  readonly parent: Thing | undefined
  /** What PostgreSQL would not let go while this stands. */
  readonly deps: Set<Thing>
}

export type Column = Thing & {
  readonly kind: 'column'
  readonly parent: Table
  type: ColumnType
  notNull: boolean
  hasDefault: boolean
  readonly generated: boolean
  readonly primary: boolean
  unique: boolean
}
/** `of`: the enum or domain where the type is one of ours. */
export type ColumnType = {
  readonly sql: string
  readonly of: Thing | undefined
  readonly value: string
}

export type Table = Thing & {
  readonly kind: 'table'
  readonly columns: Column[]
  hasRows: boolean
  readonly partitioned: boolean
  readonly partition: boolean
}
export type View = Thing & {
  readonly kind: 'view'
  readonly columns: Column[]
  materialized: boolean
}
export type EnumType = Thing & { readonly labels: string[] }

/** Everything that exists, and how names are written in the current file. */
export type World = {
  readonly things: Thing[]
  /** `search_path` of the current file. */
  path: readonly string[]
  readonly options: { readonly rows: boolean; readonly derivable: boolean }
  nextId: number
}

export function createWorld(options: World['options']): World {
  const world: World = { things: [], path: ['public'], options, nextId: 1 }
  addThing(world, { kind: 'schema', name: 'public', schema: '' })
  return world
}

type NewThing = Pick<Thing, 'kind' | 'name' | 'schema'> & {
  readonly parent?: Thing
  readonly deps?: Iterable<Thing>
}

export function addThing(world: World, { kind, name, schema, parent, deps = [] }: NewThing): Thing {
  const thing: Thing = {
    id: world.nextId,
    kind,
    name,
    schema,
    alive: true,
    formerNames: [],
    parent,
    deps: new Set(deps),
  }
  world.nextId += 1
  world.things.push(thing)
  return thing
}

export function living(world: World, kind: ThingKind): Thing[] {
  return world.things.filter((thing) => thing.alive && thing.kind === kind)
}

export const tablesOf = (world: World) => living(world, 'table') as Table[]
export const viewsOf = (world: World) => living(world, 'view') as View[]

/** Living columns of a table or a view. */
export const columnsOf = (relation: Table | View): Column[] =>
  relation.columns.filter((column) => column.alive)

/** Living things that would stop a DROP of this one. */
export function blockersOf(world: World, thing: Thing): Thing[] {
  return world.things.filter(
    (other) => other.alive && other.deps.has(thing) && other.parent !== thing && other !== thing,
  )
}

/** Ends a thing and what falls with it without CASCADE. @returns all that ended */
export function endThing(world: World, thing: Thing): Thing[] {
  const fallen = world.things.filter(
    (other) =>
      other.alive && (other === thing || other.parent === thing || fallsWith(other, thing)),
  )
  for (const other of fallen) other.alive = false
  return fallen
}

/** Indexes and constraints of a table go with the column they are on. */
function fallsWith(other: Thing, thing: Thing): boolean {
  const attached = other.kind === 'index' || other.kind === 'constraint'
  return (
    attached && thing.kind === 'column' && other.deps.has(thing) && other.parent === thing.parent
  )
}

const words = [
  'project',
  'document',
  'member',
  'chat_session',
  'invoice',
  'tag',
  'audit_entry',
  'order',
  'user',
  'Account',
  'ProjectKind',
  'פרויקט',
  'משתמש',
  'sprint goal',
  'a.b',
]
const columnWords = [
  'name',
  'title',
  'project_id',
  'status',
  'size_bytes',
  'created_at',
  'owner',
  'ProjectId',
  'כותרת',
  'default',
  'position',
  'note text',
]

/** A name that nothing in its place has or had, so that only a deliberate re-use makes a clash. */
export function freshName(
  world: World,
  choose: Chooser,
  place: { readonly prefix?: string; readonly columnOf?: Thing | readonly string[] } = {},
): string {
  const { prefix = '', columnOf } = place
  const base = prefix + (choose.pick(columnOf === undefined ? words : columnWords) ?? 'x')
  const taken = takenNames(world, columnOf)
  const long = choose.chance(3) ? longName(base) : base
  if (!taken.has(long)) return long
  for (let number = 2; ; number += 1) {
    const name = `${base}_${number}`
    if (!taken.has(name)) return name
  }
}

function takenNames(world: World, columnOf: Thing | readonly string[] | undefined): Set<string> {
  if (columnOf !== undefined && !('kind' in columnOf)) return new Set(columnOf)
  const here = world.things.filter((thing) =>
    columnOf === undefined ? thing.kind !== 'column' : thing.parent === columnOf,
  )
  return new Set(here.flatMap((thing) => [thing.name, ...thing.formerNames]))
}

/** Exactly the 63 bytes that PostgreSQL keeps of a name. */
function longName(base: string): string {
  const bytes = Buffer.byteLength(base)
  return base + 'n'.repeat(63 - bytes)
}

type Writing = { readonly role?: NamePart['role']; readonly hard?: boolean }

/** The bare name of a thing, in quotes where it must or where chance says so. */
export function nameOf(thing: Thing, choose: Chooser, writing: Writing = {}): NamePart {
  const inQuotes = !isPlain(thing.name) || choose.chance(15)
  return {
    thing,
    role: writing.role ?? 'use',
    hard: writing.hard ?? true,
    text: inQuotes ? quoted(thing.name) : thing.name,
  }
}

/** The name with its schema, or without where the search path finds the right one. */
export function pathTo(
  world: World,
  thing: Thing,
  { choose, ...writing }: Writing & Spelled,
): Part[] {
  const bare = nameOf(thing, choose, writing)
  const short = reachedByName(world, thing, writing.role === 'make') && !choose.chance(25)
  if (short) return [bare]
  return [isPlain(thing.schema) ? thing.schema : quoted(thing.schema), '.', bare]
}
type Spelled = { readonly choose: Chooser }

function reachedByName(world: World, thing: Thing, making: boolean): boolean {
  if (making) return world.path[0] === thing.schema
  const rank = (schema: string) => world.path.indexOf(schema)
  if (rank(thing.schema) < 0) return false
  return world.things.every(
    (other) =>
      !other.alive ||
      other === thing ||
      other.name !== thing.name ||
      other.parent !== undefined ||
      rank(other.schema) < 0 ||
      rank(other.schema) > rank(thing.schema),
  )
}
