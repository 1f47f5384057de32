import type { Chooser } from './choices.ts'
import { join, type Part, type Parts, quoted, sql, textOf, unchecked } from './sql-parts.ts'
import {
  addThing,
  blockersOf,
  type Column,
  columnsOf,
  type ColumnType,
  endThing,
  type EnumType,
  freshName,
  living,
  nameOf,
  pathTo,
  type Table,
  tablesOf,
  type Thing,
  type View,
  viewsOf,
  type World,
} from './world.ts'

/** One generated statement and what it truly depends on; ids of things, with aspects after `#`. */
export type Operation = {
  readonly kind: string
  readonly parts: Parts
  readonly reads: ReadonlySet<string>
  readonly writes: ReadonlySet<string>
}

export type Setting = { readonly world: World; readonly choose: Chooser }
type Maker = (setting: Setting) => Operation | undefined

const id = (thing: Thing, aspect = '') => `${thing.id}${aspect}`
/** What naming a thing reads: that it is there, and that it has this name. */
const named = (thing: Thing) => [id(thing), id(thing, '#name')]
/** What a definition that depends on a column reads of it. */
const typed = (column: Column) => [...named(column), id(column, '#type')]
/** The place that a name takes; a second thing of that name must wait until the first has gone. */
function slot(thing: Thing): string {
  const inRelations = ['view', 'index', 'sequence'].includes(thing.kind)
  const owner = thing.parent === undefined || thing.kind === 'index' ? '' : `${thing.parent.name}.`
  // What the server names itself takes nobody's place.
  const name = thing.name === '' ? `#${thing.id}` : thing.name
  return `slot:${inRelations ? 'table' : thing.kind}:${thing.schema}.${owner}${name}`
}
const made = (thing: Thing) => [...named(thing), slot(thing)]
const rows = (table: Thing) => id(table, '#rows')
/** The values of a column, which a new constraint checks. */
const valuesOf = (column: Column) => id(column, '#values')

type Effects = { readonly reads?: readonly string[]; readonly writes: readonly string[] }

function operation(kind: string, parts: Parts, { reads = [], writes }: Effects): Operation {
  return { kind, parts, reads: new Set(reads), writes: new Set(writes) }
}

const use = ({ world, choose }: Setting, thing: Thing) => pathTo(world, thing, { choose })
const make = ({ world, choose }: Setting, thing: Thing) =>
  pathTo(world, thing, { choose, role: 'make' })
const bare = ({ choose }: Setting, thing: Thing) => nameOf(thing, choose)
const newBare = ({ choose }: Setting, thing: Thing) => nameOf(thing, choose, { role: 'make' })
const list = (setting: Setting, columns: readonly Column[]) =>
  join(columns.map((column) => [bare(setting, column)]))

/** SQL keywords in lower or upper case. */
const keyword = ({ choose }: Setting, text: string) =>
  choose.chance(20) ? text.toUpperCase() : text

/** A value that can stand in as many rows as you like, and differs each time in unique columns. */
function valueFor(world: World, column: Column): string {
  if (!column.unique) return column.type.value
  world.nextId += 1
  return isText(column) ? `'value ${world.nextId}'` : String(1000 + world.nextId)
}

const bigint: ColumnType = { sql: 'bigint', of: undefined, value: '7' }
const text: ColumnType = { sql: 'text', of: undefined, value: `'x'` }
const builtIn: readonly ColumnType[] = [
  text,
  { sql: 'integer', of: undefined, value: '7' },
  { sql: 'int', of: undefined, value: '7' },
  bigint,
  { sql: 'uuid', of: undefined, value: 'null' },
  { sql: 'timestamptz', of: undefined, value: 'now()' },
  { sql: 'boolean', of: undefined, value: 'true' },
  { sql: 'jsonb', of: undefined, value: `'{}'` },
  { sql: 'numeric(12, 2)', of: undefined, value: '1.5' },
  { sql: 'text[]', of: undefined, value: `'{a}'` },
  { sql: 'varchar(80)', of: undefined, value: `'x'` },
]

function someType({ world, choose }: Setting): ColumnType {
  const own = choose.chance(25) ? choose.pick(living(world, 'type')) : undefined
  if (own === undefined) return choose.pick(builtIn) ?? text
  const label = (own as EnumType).labels[0]
  return { sql: '', of: own, value: label === undefined ? `'x'` : `'${label}'` }
}

const typeParts = (setting: Setting, type: ColumnType): Parts =>
  type.of === undefined ? [type.sql] : use(setting, type.of)
const typeReads = (type: ColumnType) => (type.of === undefined ? [] : named(type.of))

const isText = (column: Column) => /^(text|varchar\(80\))$/.test(column.type.sql)
const isNumber = (column: Column) => /^(int|integer|bigint)$/.test(column.type.sql)

const schemaNames = (world: World) => living(world, 'schema').map((schema) => schema.name)
const schemaThing = (world: World, name: string) =>
  living(world, 'schema').filter((schema) => schema.name === name)

type NewColumn = Partial<Pick<Column, 'notNull' | 'hasDefault' | 'generated' | 'primary'>> & {
  readonly name: string
  readonly type: ColumnType
}

function addColumn(world: World, table: Table | View, column: NewColumn): Column {
  const { name, type, notNull = false, hasDefault = false } = column
  const deps = type.of === undefined ? [] : [type.of]
  const thing = addThing(world, { kind: 'column', name, schema: table.schema, parent: table, deps })
  const made = Object.assign(thing, {
    type,
    notNull,
    hasDefault,
    generated: column.generated ?? false,
    primary: column.primary ?? false,
    unique: column.primary ?? false,
  }) as Column
  table.columns.push(made)
  return made
}

function addTable(world: World, place: { schema: string; name: string }): Table {
  const thing = addThing(world, { kind: 'table', ...place, deps: schemaThing(world, place.schema) })
  return Object.assign(thing, {
    columns: [],
    hasRows: false,
    partitioned: false,
    partition: false,
  }) as never
}

const place = ({ world, choose }: Setting, prefix = '') => ({
  schema: choose.chance(30) ? (choose.pick(schemaNames(world)) ?? 'public') : 'public',
  name: freshName(world, choose, { prefix }),
})

const createSchema: Maker = ({ world, choose }) => {
  if (schemaNames(world).length > 3) return undefined
  const thing = addThing(world, {
    kind: 'schema',
    name: freshName(world, choose, { prefix: 's_' }),
    schema: '',
  })
  return operation('create schema', sql`create schema ${nameOf(thing, choose, { role: 'make' })}`, {
    writes: made(thing),
  })
}

/** A table whose key another may point at, with what such a reference reads. */
function target(setting: Setting, type: (column: Column) => boolean) {
  const { world, choose } = setting
  const columns = tablesOf(world)
    .filter((table) => !table.partition)
    .flatMap(columnsOf)
    .filter((column) => column.unique && type(column))
  return choose.pick(columns)
}

function referenceParts(setting: Setting, column: Column): Part[] {
  const cascade =
    setting.choose.pick(['', ' on delete cascade', ' on delete set null'] as const) ?? ''
  const whole = column.primary && setting.choose.chance(40)
  const columns = whole ? [] : sql` (${bare(setting, column)})`
  return sql`${keyword(setting, 'references')} ${use(setting, column.parent)}${columns}${cascade}`
}
const referenceReads = (column: Column) => [
  ...named(column.parent),
  ...typed(column),
  id(column, '#unique'),
]

function createTable(setting: Setting): Operation {
  const { world, choose } = setting
  const table = addTable(world, place(setting))
  const reads: string[] = schemaThing(world, table.schema).flatMap(named)
  const elements: Parts[] = []
  const key = addColumn(world, table, {
    name: 'id',
    type: bigint,
    notNull: true,
    hasDefault: true,
    primary: true,
  })
  const keyForms = [
    'bigint generated always as identity primary key',
    'bigserial primary key',
  ] as const
  elements.push(sql`${newBare(setting, key)} ${choose.pick(keyForms) ?? keyForms[0]}`)
  for (let count = 1 + choose.below(4); count > 0; count -= 1) {
    const { parts, reads: more } = newColumn(setting, table)
    elements.push(parts)
    reads.push(...more)
  }
  const separator = choose.chance(30) ? ',\n  ' : ', '
  const maybe = choose.chance(15) ? ' if not exists' : ''
  return operation(
    'create table',
    sql`${keyword(setting, 'create table')}${maybe} ${make(setting, table)} (${join(elements, separator)})`,
    {
      reads,
      writes: [
        ...made(table),
        ...columnsOf(table).flatMap(made),
        ...columnsOf(table)
          .filter(({ unique }) => unique)
          .map((column) => id(column, '#unique')),
      ],
    },
  )
}

type AddedColumn = { readonly parts: Parts; readonly reads: string[]; readonly column: Column }

/** A column definition with chance constraints; the column exists afterwards. */
function newColumn(setting: Setting, table: Table): AddedColumn {
  const goal = setting.choose.chance(25) ? target(setting, isNumber) : undefined
  return goal === undefined ? plainColumn(setting, table) : referringColumn(setting, table, goal)
}

function plainColumn(setting: Setting, table: Table): AddedColumn {
  const { world, choose } = setting
  const type = someType(setting)
  const hasDefault = type.value !== 'null' && choose.chance(30)
  const notNull = hasDefault && choose.chance(50)
  const name = freshName(world, choose, { columnOf: table })
  const column = addColumn(world, table, { name, type, notNull, hasDefault })
  const extra: Part[] = []
  if (hasDefault) extra.push(...sql` default ${type.value}`)
  if (notNull) extra.push(' not null')
  if (isNumber(column) && choose.chance(15))
    extra.push(...sql` check (${bare(setting, column)} > 0)`)
  const parts = sql`${newBare(setting, column)} ${typeParts(setting, type)}${extra}`
  return { parts, reads: typeReads(type), column }
}

function referringColumn(setting: Setting, table: Table, goal: Column): AddedColumn {
  const { world, choose } = setting
  const name = freshName(world, choose, { columnOf: table })
  const column = addColumn(world, table, { name, type: bigint })
  linkConstraint(world, table, [column, goal])
  return {
    parts: sql`${newBare(setting, column)} bigint ${referenceParts(setting, goal)}`,
    reads: referenceReads(goal),
    column,
  }
}

/** A constraint without a name of ours: it only keeps things from being dropped. */
function linkConstraint(world: World, table: Table, columns: readonly Column[]): void {
  const deps = columns.flatMap((column) =>
    column.parent === table ? [column] : [column, column.parent],
  )
  foreignKeys.add(
    addThing(world, { kind: 'constraint', name: '', schema: table.schema, parent: table, deps }),
  )
}

const foreignKeys = new WeakSet<Thing>()

/** `alter table … add column`, several at a time now and then. */
const alterAddColumn: Maker = (setting) => {
  const { world, choose } = setting
  const table = choose.pick(tablesOf(world).filter((one) => !one.partition))
  if (table === undefined) return undefined
  const added = Array.from({ length: 1 + (choose.chance(20) ? 1 : 0) }, () =>
    newColumn(setting, table),
  )
  const word = choose.pick(['add column ', 'add ', 'add column if not exists '] as const) ?? ''
  const only = choose.chance(10) && !table.partitioned ? 'only ' : ''
  return operation(
    'add column',
    sql`alter table ${only}${use(setting, table)} ${join(added.map(({ parts }) => [word, ...parts]))}`,
    {
      reads: [...named(table), ...added.flatMap(({ reads }) => reads)],
      writes: added.flatMap(({ column }) => made(column)),
    },
  )
}

/** Columns that may go: nothing but indexes and constraints of their own table hang on them. */
function looseColumns(world: World): Column[] {
  return tablesOf(world)
    .filter((table) => !table.partition && !table.partitioned)
    .flatMap((table) => (columnsOf(table).length < 3 ? [] : columnsOf(table)))
    .filter((column) => !column.primary)
    .filter((column) =>
      blockersOf(world, column).every(
        (other) =>
          (other.kind === 'index' || other.kind === 'constraint') && other.parent === column.parent,
      ),
    )
}

const dropColumn: Maker = (setting) => {
  const { world, choose } = setting
  const column = choose.pick(looseColumns(world))
  if (column === undefined) return undefined
  const fallen = endThing(world, column)
  const word = choose.pick(['drop column ', 'drop ', 'drop column if exists '] as const) ?? ''
  return operation(
    'drop column',
    sql`alter table ${use(setting, column.parent)} ${word}${bare(setting, column)}`,
    {
      reads: [...named(column.parent), ...released(fallen)],
      writes: fallen.flatMap((thing) => [
        ...made(thing),
        id(thing, '#type'),
        id(thing, '#default'),
      ]),
    },
  )
}

/** What fallen things depended on: it may only go after them. */
const released = (fallen: readonly Thing[]) =>
  fallen.flatMap((thing) =>
    [...thing.deps].flatMap((dep) =>
      thing.kind === 'index' || thing.kind === 'constraint'
        ? [id(dep)]
        : [id(dep), id(dep, '#type')],
    ),
  )

const renameColumn: Maker = (setting) => {
  const { world, choose } = setting
  const free = tablesOf(world).filter((table) => !table.partition && !table.partitioned)
  const column = choose.pick(free.flatMap(columnsOf).filter(({ primary }) => !primary))
  if (column === undefined) return undefined
  const old = bare(setting, column)
  const before = slot(column)
  column.formerNames.push(column.name)
  column.name = freshName(world, choose, { columnOf: column.parent })
  const word = choose.chance(30) ? 'rename ' : 'rename column '
  return operation(
    'rename column',
    sql`alter table ${use(setting, column.parent)} ${word}${old} to ${newBare(setting, column)}`,
    {
      reads: [...named(column.parent), id(column)],
      writes: [id(column, '#name'), before, slot(column)],
    },
  )
}

const renameTable: Maker = (setting) => {
  const { world, choose } = setting
  const table = choose.pick(tablesOf(world))
  if (table === undefined) return undefined
  const old = use(setting, table)
  const before = slot(table)
  table.formerNames.push(table.name)
  table.name = freshName(world, choose)
  return operation('rename table', sql`alter table ${old} rename to ${newBare(setting, table)}`, {
    reads: [id(table)],
    writes: [id(table, '#name'), before, slot(table)],
  })
}

const dropTable: Maker = (setting) => {
  const { world, choose } = setting
  const free = tablesOf(world).filter(
    (table) =>
      !table.partitioned &&
      blockersOf(world, table).length === 0 &&
      columnsOf(table).every((column) =>
        blockersOf(world, column).every((other) => other.parent === table),
      ),
  )
  const table = choose.pick(free)
  if (table === undefined || tablesOf(world).length < 3) return undefined
  const name = use(setting, table)
  const fallen = endThing(world, table)
  const maybe = choose.chance(20) ? 'if exists ' : ''
  return operation('drop table', sql`drop table ${maybe}${name}`, {
    reads: released(fallen),
    writes: [
      ...fallen.flatMap((thing) => [...made(thing), id(thing, '#type'), id(thing, '#unique')]),
      rows(table),
    ],
  })
}

const createIndex: Maker = (setting) => {
  const { world, choose } = setting
  const table = choose.pick(tablesOf(world))
  const columns = table === undefined ? [] : columnsOf(table).filter(isIndexable)
  const first = choose.pick(columns)
  if (table === undefined || first === undefined) return undefined
  const { keys, tail, used, reads } = indexBody(setting, columns, first)
  const index = addThing(world, {
    kind: 'index',
    name: freshName(world, choose, { prefix: 'ix_' }),
    schema: table.schema,
    parent: table,
    deps: used,
  })
  const maybe = choose.chance(15) ? 'if not exists ' : ''
  return operation(
    'create index',
    sql`${keyword(setting, 'create index')} ${maybe}${newBare(setting, index)} on ${use(setting, table)} (${join(keys)})${tail}`,
    { reads: [...named(table), ...reads], writes: made(index) },
  )
}

const isIndexable = (column: Column) => !column.type.sql.includes('jsonb')

function indexBody(setting: Setting, columns: readonly Column[], first: Column) {
  const { choose } = setting
  const others = columns.filter((column) => column !== first)
  const second = choose.chance(30) ? choose.pick(others) : undefined
  const included = choose.chance(10) ? others.find((column) => column !== second) : undefined
  const text = choose.chance(25) ? columns.find(isText) : undefined
  const partial = choose.chance(20) ? choose.pick(columns) : undefined
  const present = (...list: (Column | undefined)[]) => list.filter((one) => one !== undefined)
  const keys: Parts[] = [
    ...present(first, second).map((column) => [bare(setting, column)]),
    ...present(text).map((column) => sql`lower(${bare(setting, column)})`),
  ]
  const tail = [
    ...present(included).flatMap((column) => sql` include (${bare(setting, column)})`),
    ...present(partial).flatMap((column) => sql` where ${bare(setting, column)} is not null`),
  ]
  const used = new Set(present(first, second, included, text, partial))
  const reads = [...[...used].flatMap(named), ...present(text, partial).flatMap(typed)]
  return { keys, tail, used, reads }
}

const dropNamed =
  (kind: 'index' | 'function' | 'type' | 'sequence' | 'view'): Maker =>
  (setting) => {
    const { world, choose } = setting
    const free = living(world, kind).filter(
      (thing) =>
        blockersOf(world, thing).length === 0 &&
        (kind !== 'view' ||
          columnsOf(thing as View).every((column) => blockersOf(world, column).length === 0)),
    )
    const thing = choose.pick(free)
    if (thing === undefined) return undefined
    const name = use(setting, thing)
    const fallen = endThing(world, thing)
    const maybe = choose.chance(20) ? 'if exists ' : ''
    return operation(`drop ${kind}`, sql`drop ${dropWord(thing)} ${maybe}${name}`, {
      reads: released(fallen),
      writes: fallen.flatMap((one) => [...made(one), id(one, '#body'), id(one, '#type')]),
    })
  }

function dropWord(thing: Thing): string {
  if (thing.kind === 'view' && (thing as View).materialized) return 'materialized view'
  return thing.kind
}

const addForeignKey: Maker = (setting) => {
  const { world, choose } = setting
  const goal = target(setting, isNumber)
  const sources = tablesOf(world)
    .filter((table) => !table.hasRows && !table.partition && !table.partitioned)
    .flatMap(columnsOf)
    .filter((column) => isNumber(column) && !column.primary && !column.generated)
  const column = choose.pick(sources)
  if (goal === undefined || column === undefined) return undefined
  return addConstraint(setting, column.parent, {
    prefix: 'fk_',
    body: sql`foreign key (${bare(setting, column)}) ${referenceParts(setting, goal)}`,
    columns: [column, goal],
    reads: [...typed(column), ...referenceReads(goal)],
  })
}

const addCheck: Maker = (setting) => {
  const { choose } = setting
  const column = choose.pick(
    tablesOf(setting.world).flatMap((table) => (table.partition ? [] : columnsOf(table))),
  )
  if (column === undefined) return undefined
  return addConstraint(setting, column.parent, {
    prefix: 'ck_',
    body: sql`check (${bare(setting, column)} is not null or ${bare(setting, column)} is null)`,
    columns: [column],
    reads: typed(column),
  })
}

const addUnique: Maker = (setting) => {
  const { world, choose } = setting
  const columns = tablesOf(world)
    .filter((table) => !table.hasRows && !table.partition && !table.partitioned)
    .flatMap(columnsOf)
    .filter(
      (column) => (isNumber(column) || isText(column)) && !column.unique && !column.hasDefault,
    )
  const column = choose.pick(columns)
  if (column === undefined) return undefined
  column.unique = true
  return addConstraint(setting, column.parent, {
    prefix: 'uq_',
    body: sql`unique (${bare(setting, column)})`,
    columns: [column],
    reads: named(column),
    writes: [id(column, '#unique')],
  })
}

type NewConstraint = {
  readonly prefix: string
  readonly body: Parts
  readonly columns: readonly Column[]
  readonly reads: readonly string[]
  readonly writes?: readonly string[]
}

function addConstraint(setting: Setting, table: Table, added: NewConstraint): Operation {
  const { world, choose } = setting
  const constraint = addThing(world, {
    kind: 'constraint',
    name: freshName(world, choose, { prefix: added.prefix }),
    schema: table.schema,
    parent: table,
    deps: added.columns.flatMap((column) =>
      column.parent === table ? [column] : [column, column.parent],
    ),
  })
  if (added.prefix === 'fk_') foreignKeys.add(constraint)
  return operation(
    'add constraint',
    sql`alter table ${use(setting, table)} add constraint ${newBare(setting, constraint)} ${added.body}`,
    {
      reads: [...named(table), ...added.reads, ...added.columns.map(valuesOf)],
      writes: [...made(constraint), ...(added.writes ?? [])],
    },
  )
}

const dropConstraint: Maker = (setting) => {
  const { world, choose } = setting
  const free = living(world, 'constraint').filter(
    (thing) =>
      thing.name !== '' && !thing.name.startsWith('uq_') && blockersOf(world, thing).length === 0,
  )
  const thing = choose.pick(free)
  if (thing?.parent === undefined) return undefined
  endThing(world, thing)
  return operation(
    'drop constraint',
    sql`alter table ${use(setting, thing.parent)} drop constraint ${bare(setting, thing)}`,
    { reads: [...named(thing.parent), ...released([thing])], writes: made(thing) },
  )
}

const createEnum: Maker = (setting) => {
  const { world } = setting
  const labels = ['new', 'open', 'סגור'].slice(0, 1 + setting.choose.below(3))
  const thing = addThing(world, {
    kind: 'type',
    ...place(setting, 'kind_of_'),
  })
  const type = Object.assign(thing, { labels }) as EnumType
  for (const schema of schemaThing(world, type.schema)) type.deps.add(schema)
  return operation(
    'create type',
    sql`create type ${make(setting, type)} as enum (${labels.map((label) => `'${label}'`).join(', ')})`,
    { reads: schemaThing(world, type.schema).flatMap(named), writes: made(type) },
  )
}

const addLabel: Maker = (setting) => {
  const { world, choose } = setting
  if (world.options.derivable) return undefined
  const type = choose.pick(
    (living(world, 'type') as EnumType[]).filter((one) => one.labels.length > 0),
  )
  if (type === undefined) return undefined
  const label = `label ${type.labels.length}`
  type.labels.push(label)
  const maybe = choose.chance(20) ? 'if not exists ' : ''
  return operation(
    'add value',
    sql`alter type ${use(setting, type)} add value ${maybe}'${label}'`,
    {
      reads: named(type),
      writes: [id(type, '#labels')],
    },
  )
}

const createDomain: Maker = (setting) => {
  const { world } = setting
  const thing = addThing(world, { kind: 'type', ...place(setting, 'domain_of_') })
  const domain = Object.assign(thing, { labels: [] }) as EnumType
  for (const schema of schemaThing(world, domain.schema)) domain.deps.add(schema)
  return operation(
    'create domain',
    sql`create domain ${make(setting, domain)} as text check (length(value) < 1000)`,
    { reads: schemaThing(world, domain.schema).flatMap(named), writes: made(domain) },
  )
}

const createView: Maker = (setting) => {
  const { world, choose } = setting
  const sources = [...tablesOf(world), ...viewsOf(world)].filter((one) => columnsOf(one).length > 0)
  const first = choose.pick(sources)
  if (first === undefined) return undefined
  const second = choose.chance(40) ? choose.pick(sources) : undefined
  const name = place(setting, 'v_')
  const thing = addThing(world, { kind: 'view', ...name })
  for (const schema of schemaThing(world, name.schema)) thing.deps.add(schema)
  const view = Object.assign(thing, {
    columns: [],
    materialized: choose.chance(20),
  }) as unknown as View
  const [parts, used] =
    second === undefined
      ? selectOne(setting, first, view)
      : selectTwo(setting, [first, second], view)
  for (const column of used) view.deps.add(column).add(column.parent)
  const word = view.materialized ? 'materialized view' : 'view'
  return operation(`create ${word}`, sql`create ${word} ${make(setting, view)} as ${parts}`, {
    reads: [
      ...schemaThing(world, view.schema).flatMap(named),
      ...used.flatMap((column) => [...named(column.parent), ...typed(column)]),
      ...(view.materialized ? used.flatMap((column) => rowsBehind(column.parent)) : []),
    ],
    writes: [...made(view), ...columnsOf(view).flatMap(made)],
  })
}

/** Rows of a table, or of all tables that a view stands on. */
function rowsBehind(relation: Thing): string[] {
  if (relation.kind === 'table') return [rows(relation)]
  const below = [...relation.deps].filter(({ kind }) => kind === 'table' || kind === 'view')
  return [rows(relation), ...below.flatMap(rowsBehind)]
}

/** Some columns of a relation, each as a column of the view under a name of its own. */
function viewColumns(setting: Setting, from: Table | View, view: View): Column[] {
  const used = columnsOf(from).filter((_, index) => index === 0 || setting.choose.chance(50))
  for (const column of used)
    addColumn(setting.world, view, {
      name: freshName(setting.world, setting.choose, { columnOf: view }),
      type: column.type,
    })
  return used
}

function selectOne(setting: Setting, from: Table | View, view: View): [Parts, Column[]] {
  const used = viewColumns(setting, from, view)
  const names = view.columns
  const { choose } = setting
  const items = used.map(
    (column, index) => sql`${bare(setting, column)} as ${quoted(names[index]?.name ?? 'x')}`,
  )
  const filter = choose.chance(40) ? choose.pick(columnsOf(from)) : undefined
  if (filter !== undefined) used.push(filter)
  const where = filter === undefined ? [] : sql` where ${bare(setting, filter)} is not null`
  const body = sql`select ${join(items)} from ${use(setting, from)}${where}`
  if (!choose.chance(20)) return [body, used]
  const outer = join(names.map((column) => [quoted(column.name)]))
  return [sql`with picked as (${body}) select ${outer} from picked`, used]
}

function selectTwo(
  setting: Setting,
  pair: readonly [Table | View, Table | View],
  view: View,
): [Parts, Column[]] {
  const [left, right] = pair
  const fromLeft = viewColumns(setting, left, view)
  const fromRight = viewColumns(setting, right, view)
  const items = [
    ...fromLeft.map((column) => sql`l.${bare(setting, column)}`),
    ...fromRight.map((column) => sql`r.${bare(setting, column)}`),
  ].map((item, index) => sql`${item} as ${quoted(view.columns[index]?.name ?? 'x')}`)
  const on = setting.choose.pick(columnsOf(right))
  const condition = on === undefined ? ['true'] : sql`r.${bare(setting, on)} is not null`
  const used = [...fromLeft, ...fromRight, ...(on === undefined ? [] : [on])]
  return [
    sql`select ${join(items)} from ${use(setting, left)} l left join ${use(setting, right)} as r on ${condition}`,
    used,
  ]
}

const createSqlFunction: Maker = (setting) => {
  const { world, choose } = setting
  const from = choose.pick([...tablesOf(world), ...viewsOf(world)])
  const column = from === undefined ? undefined : choose.pick(columnsOf(from))
  if (from === undefined || column === undefined) return undefined
  const [fn, name] = newFunction(setting)
  const body = sql`select count(*) from ${use(setting, from)} where ${bare(setting, column)} is not null`
  const atomic = choose.chance(20)
  if (atomic) fn.deps.add(column).add(from)
  const reads = [...named(from), ...(atomic ? typed(column) : named(column))]
  return operation(
    'create function',
    atomic
      ? sql`create function ${name}() returns bigint language sql begin atomic ${body}; end`
      : sql`create or replace function ${name}() returns bigint language sql as $$ ${body} $$`,
    { reads: [...reads, ...schemaThing(world, fn.schema).flatMap(named)], writes: made(fn) },
  )
}

function newFunction(setting: Setting): [Thing, Part[]] {
  const fn = addThing(setting.world, { kind: 'function', ...place(setting, 'f_') })
  for (const schema of schemaThing(setting.world, fn.schema)) fn.deps.add(schema)
  return [fn, make(setting, fn)]
}

const createLateFunction: Maker = (setting) => {
  const { world, choose } = setting
  const table = choose.pick(tablesOf(world))
  const column = table === undefined ? undefined : choose.pick(columnsOf(table))
  if (table === undefined || column === undefined) return undefined
  const [fn, name] = newFunction(setting)
  const body = unchecked(sql`perform ${bare(setting, column)} from ${use(setting, table)};`)
  return operation(
    'create plpgsql function',
    sql`create function ${name}() returns void language plpgsql as $body$ begin ${body} end $body$`,
    { reads: schemaThing(world, fn.schema).flatMap(named), writes: made(fn) },
  )
}

const triggerFunctions = new WeakSet<Thing>()

const createTriggerFunction: Maker = (setting) => {
  const [fn, name] = newFunction(setting)
  triggerFunctions.add(fn)
  return operation(
    'create trigger function',
    sql`create function ${name}() returns trigger as 'begin return new; end' language plpgsql`,
    { reads: schemaThing(setting.world, fn.schema).flatMap(named), writes: made(fn) },
  )
}

const createTrigger: Maker = (setting) => {
  const { world, choose } = setting
  const fn = choose.pick(living(world, 'function').filter((one) => triggerFunctions.has(one)))
  const table = choose.pick(tablesOf(world).filter((one) => !one.partition && !one.partitioned))
  if (fn === undefined || table === undefined) return undefined
  const column = choose.chance(50) ? choose.pick(columnsOf(table)) : undefined
  const trigger = addThing(world, {
    kind: 'trigger',
    name: freshName(world, choose, { prefix: 'tg_' }),
    schema: table.schema,
    parent: table,
    deps: [fn, ...(column === undefined ? [] : [column])],
  })
  const of = column === undefined ? [] : sql` of ${bare(setting, column)}`
  return operation(
    'create trigger',
    sql`create trigger ${newBare(setting, trigger)} before update${of} on ${use(setting, table)} for each row execute ${choose.chance(50) ? 'procedure' : 'function'} ${use(setting, fn)}()`,
    {
      reads: [...named(table), ...named(fn), ...(column === undefined ? [] : typed(column))],
      writes: made(trigger),
    },
  )
}

const createPolicy: Maker = (setting) => {
  const { world, choose } = setting
  const table = choose.pick(tablesOf(world).filter((one) => !one.partition))
  const column = table === undefined ? undefined : choose.pick(columnsOf(table))
  if (table === undefined || column === undefined) return undefined
  const policy = addThing(world, {
    kind: 'policy',
    name: freshName(world, choose, { prefix: 'p_' }),
    schema: table.schema,
    parent: table,
    deps: [column],
  })
  return operation(
    'create policy',
    sql`create policy ${newBare(setting, policy)} on ${use(setting, table)} using (${bare(setting, column)} is not null)`,
    { reads: [...named(table), ...typed(column)], writes: made(policy) },
  )
}

const dropAttached =
  (kind: 'trigger' | 'policy'): Maker =>
  (setting) => {
    const thing = setting.choose.pick(living(setting.world, kind))
    if (thing?.parent === undefined) return undefined
    endThing(setting.world, thing)
    return operation(
      `drop ${kind}`,
      sql`drop ${kind} ${bare(setting, thing)} on ${use(setting, thing.parent)}`,
      { reads: [...named(thing.parent), ...released([thing])], writes: made(thing) },
    )
  }

const createSequence: Maker = (setting) => {
  const sequence = addThing(setting.world, { kind: 'sequence', ...place(setting, 'seq_') })
  const schemas = schemaThing(setting.world, sequence.schema)
  for (const schema of schemas) sequence.deps.add(schema)
  return operation('create sequence', sql`create sequence ${make(setting, sequence)}`, {
    reads: schemas.flatMap(named),
    writes: made(sequence),
  })
}

const setDefault: Maker = (setting) => {
  const { world, choose } = setting
  const columns = tablesOf(world)
    .filter((table) => !table.partition)
    .flatMap(columnsOf)
    .filter((column) => isNumber(column) && !column.generated && !column.primary && !column.unique)
  const column = choose.pick(columns)
  if (column === undefined) return undefined
  const sequence = choose.chance(40) ? choose.pick(living(world, 'sequence')) : undefined
  if (sequence !== undefined) column.deps.add(sequence)
  column.hasDefault = true
  const value =
    sequence === undefined
      ? [String(1 + choose.below(9))]
      : sql`nextval('${textOf(use({ world: { ...world, path: [] }, choose }, sequence)).replaceAll(`'`, `''`)}')`
  return operation(
    'set default',
    sql`alter table ${use(setting, column.parent)} alter column ${bare(setting, column)} set default ${value}`,
    {
      reads: [
        ...named(column.parent),
        ...named(column),
        ...(sequence === undefined ? [] : [id(column, '#type'), ...named(sequence)]),
        ...(isLinked(world, column.parent) ? [rows(column.parent)] : []),
      ],
      writes: [id(column, '#default')],
    },
  )
}

/** A row that is added after a default was set may then refer to what is not there. */
const isLinked = (world: World, table: Thing) =>
  living(world, 'constraint').some((one) => one.parent === table && foreignKeys.has(one))

const setType: Maker = (setting) => {
  const { world, choose } = setting
  if (world.options.derivable) return undefined
  const columns = tablesOf(world)
    .filter((table) => !table.partition && !table.partitioned)
    .flatMap(columnsOf)
    .filter(
      (column) =>
        /^(int|integer|varchar\(80\))$/.test(column.type.sql) &&
        !column.generated &&
        blockersOf(world, column).every(
          (other) =>
            other.kind === 'index' ||
            (other.kind === 'constraint' && other.parent === column.parent),
        ),
    )
  const column = choose.pick(columns)
  if (column === undefined) return undefined
  const sqlType = isText(column) ? 'text' : 'bigint'
  column.type = { ...column.type, sql: sqlType }
  const word = choose.chance(40) ? 'set data type' : 'type'
  return operation(
    'set type',
    sql`alter table ${use(setting, column.parent)} alter ${bare(setting, column)} ${word} ${sqlType}`,
    { reads: [...named(column.parent), ...named(column)], writes: [id(column, '#type')] },
  )
}

const commentOn: Maker = (setting) => {
  const { world, choose } = setting
  const table = choose.pick(tablesOf(world))
  if (table === undefined) return undefined
  const column = choose.chance(50) ? choose.pick(columnsOf(table)) : undefined
  const text = `'comment ${choose.below(1000)}'`
  if (column === undefined)
    return operation('comment', sql`comment on table ${use(setting, table)} is ${text}`, {
      reads: named(table),
      writes: [id(table, '#comment')],
    })
  return operation(
    'comment',
    sql`comment on column ${use(setting, table)}.${bare(setting, column)} is ${text}`,
    { reads: [...named(table), ...named(column)], writes: [id(column, '#comment')] },
  )
}

const insertRows: Maker = (setting) => {
  const { world, choose } = setting
  if (!world.options.rows) return undefined
  const table = choose.pick(tablesOf(world).filter((one) => !one.partition && !one.partitioned))
  if (table === undefined) return undefined
  if (isLinked(world, table)) return undefined
  const columns = columnsOf(table).filter(
    (column) => !column.primary && !column.generated && (column.notNull || choose.chance(60)),
  )
  if (columns.length === 0) return undefined
  table.hasRows = true
  const values = columns.map((column) => [valueFor(world, column)])
  return operation(
    'insert',
    sql`insert into ${use(setting, table)} (${list(setting, columns)}) values (${join(values)})`,
    {
      reads: [
        ...named(table),
        ...columns.flatMap(typed),
        ...columnsOf(table).map((column) => id(column, '#default')),
      ],
      writes: [rows(table), ...columnsOf(table).map(valuesOf)],
    },
  )
}

const updateRows: Maker = (setting) => {
  const { world, choose } = setting
  if (!world.options.rows) return undefined
  const columns = tablesOf(world)
    .filter((table) => !table.partition)
    .flatMap(columnsOf)
    .filter((column) => isText(column) && !column.unique && !column.generated)
  const column = choose.pick(columns)
  if (column === undefined) return undefined
  const filter = choose.pick(columnsOf(column.parent)) ?? column
  return operation(
    'update',
    sql`update ${use(setting, column.parent)} set ${bare(setting, column)} = ${bare(setting, column)} || 'x' where ${bare(setting, filter)} is not null`,
    {
      reads: [...named(column.parent), ...typed(column), ...typed(filter)],
      writes: [rows(column.parent), valuesOf(column)],
    },
  )
}

const addGenerated: Maker = (setting) => {
  const { world, choose } = setting
  const columns = tablesOf(world)
    .filter((table) => !table.partition && !table.partitioned)
    .flatMap(columnsOf)
    .filter((column) => isText(column) && !column.generated)
  const source = choose.pick(columns)
  if (source === undefined) return undefined
  const table = source.parent
  const column = addColumn(world, table, {
    name: freshName(world, choose, { columnOf: table }),
    type: { sql: 'text generated', of: undefined, value: 'null' },
    generated: true,
  })
  column.deps.add(source)
  return operation(
    'add generated column',
    sql`alter table ${use(setting, table)} add column ${newBare(setting, column)} text generated always as (upper(${bare(setting, source)})) stored`,
    { reads: [...named(table), ...typed(source)], writes: made(column) },
  )
}

/** A static ALTER inside a DO block, with the check that people write around it, or without. */
const addColumnInDo: Maker = (setting) => {
  const { world, choose } = setting
  const table = choose.pick(tablesOf(world).filter((one) => !one.partition))
  if (table === undefined) return undefined
  const { parts, reads, column } = newColumn(setting, table)
  const alter = sql`alter table ${use(setting, table)} add column ${parts};`
  const text = column.name.replaceAll(`'`, `''`)
  const body = choose.chance(50)
    ? unchecked(
        sql`if not exists (select 1 from information_schema.columns where column_name = '${text}' and table_name = '${table.name}') then ${alter} end if;`,
      )
    : alter
  return operation('do', sql`do $$ begin ${body} end $$`, {
    reads: [...named(table), ...reads],
    writes: made(column),
  })
}

/** The same name again for another thing: nobody can derive the order of such files. */
const recreateView: Maker = (setting) => {
  const { world, choose } = setting
  if (world.options.derivable) return undefined
  const free = viewsOf(world).filter(
    (view) =>
      blockersOf(world, view).length === 0 &&
      columnsOf(view).every((column) => blockersOf(world, column).length === 0),
  )
  const view = choose.pick(free)
  const table = choose.pick(tablesOf(world))
  if (view === undefined || table === undefined) return undefined
  const column = columnsOf(table)[0]
  if (column === undefined) return undefined
  const drop = sql`drop ${dropWord(view)} ${use(setting, view)};\n`
  const fallen = endThing(world, view)
  const again = addThing(world, { kind: 'view', name: view.name, schema: view.schema })
  const next = Object.assign(again, { columns: [], materialized: false }) as unknown as View
  for (const dep of [table, column, ...schemaThing(world, view.schema)]) next.deps.add(dep)
  addColumn(world, next, { name: column.name, type: column.type })
  return operation(
    'recreate view',
    sql`${drop}create view ${make(setting, next)} as select ${bare(setting, column)} from ${use(setting, table)}`,
    {
      reads: [...released(fallen), ...named(table), ...typed(column)],
      writes: [...fallen.flatMap(made), ...made(next), ...columnsOf(next).flatMap(made)],
    },
  )
}

const replaceFunction: Maker = (setting) => {
  const { world, choose } = setting
  if (world.options.derivable) return undefined
  const fn = choose.pick(living(world, 'function').filter((one) => triggerFunctions.has(one)))
  if (fn === undefined) return undefined
  return operation(
    'replace function',
    sql`create or replace function ${unchecked(use(setting, fn))}() returns trigger as 'begin /* ${choose.below(100)} */ return new; end' language plpgsql`,
    { reads: named(fn), writes: [id(fn, '#body')] },
  )
}

const createPartitioned: Maker = (setting) => {
  const { world, choose } = setting
  const table = Object.assign(addTable(world, place(setting)), { partitioned: true })
  const key = addColumn(world, table, {
    name: 'day',
    type: { sql: 'date', of: undefined, value: `'2026-01-01'` },
    notNull: true,
  })
  const other = addColumn(world, table, {
    name: freshName(world, choose, { columnOf: table }),
    type: text,
  })
  return operation(
    'create partitioned table',
    sql`create table ${make(setting, table)} (${newBare(setting, key)} date not null, ${newBare(setting, other)} text) partition by range (${bare(setting, key)})`,
    {
      reads: schemaThing(world, table.schema).flatMap(named),
      writes: [...made(table), ...made(key), ...made(other)],
    },
  )
}

const createPartition: Maker = (setting) => {
  const { world, choose } = setting
  const parent = choose.pick(tablesOf(world).filter((table) => table.partitioned))
  if (parent === undefined) return undefined
  const name = { schema: parent.schema, name: freshName(world, choose, { prefix: 'part_' }) }
  const partition = Object.assign(addTable(world, name), { partition: true })
  partition.deps.add(parent)
  const year = 2000 + world.things.length
  return operation(
    'create partition',
    sql`create table ${make(setting, partition)} partition of ${use(setting, parent)} for values from ('${year}-01-01') to ('${year + 1}-01-01')`,
    {
      reads: [...named(parent), id(parent, '#shape'), ...columnsOf(parent).flatMap(named)],
      writes: made(partition),
    },
  )
}

/** Every operation with its weight. */
const makers: readonly (readonly [number, Maker])[] = [
  [10, createTable],
  [9, alterAddColumn],
  [8, createIndex],
  [6, createView],
  [4, addForeignKey],
  [3, addCheck],
  [3, addUnique],
  [4, createEnum],
  [2, addLabel],
  [2, createDomain],
  [3, createSqlFunction],
  [2, createLateFunction],
  [2, createTriggerFunction],
  [3, createTrigger],
  [2, createPolicy],
  [2, createSequence],
  [3, setDefault],
  [2, setType],
  [2, addGenerated],
  [2, addColumnInDo],
  [2, createPartitioned],
  [2, createPartition],
  [2, createSchema],
  [3, renameColumn],
  [2, renameTable],
  [3, dropColumn],
  [2, dropTable],
  [2, dropNamed('index')],
  [1, dropNamed('function')],
  [1, dropNamed('type')],
  [1, dropNamed('sequence')],
  [2, dropNamed('view')],
  [1, dropAttached('trigger')],
  [1, dropAttached('policy')],
  [2, dropConstraint],
  [3, commentOn],
  [4, insertRows],
  [3, updateRows],
  [2, recreateView],
  [2, replaceFunction],
]
const total = makers.reduce((sum, [weight]) => sum + weight, 0)

/** The next statement of a history; a new table where the chosen operation has nothing to work on. */
export function nextOperation(setting: Setting): Operation {
  let at = setting.choose.below(total)
  for (const [weight, maker] of makers) {
    if (at < weight) return maker(setting) ?? createTable(setting)
    at -= weight
  }
  return createTable(setting)
}
