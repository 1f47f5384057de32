import type { AlterTableCmd, AlterTableStmt, ColumnDef, Node, RangeVar } from 'libpg-query'
import { type CatalogObject, forgetColumns, type Relation } from './catalog.ts'
import { addConstraint } from './constraints.ts'
import { type Context, create, drop, miss, read, write } from './effects.ts'
import {
  columnKey,
  dotted,
  type Key,
  nameOfKey,
  partKey,
  type RelationName,
  valuesKey,
} from './keys.ts'
import { scopeOf } from './scope.ts'
import { visit } from './query.ts'
import {
  type FoundRelation,
  type FoundType,
  findRelation,
  readColumn,
  readColumns,
  readRelation,
  readRole,
  readType,
  strings,
} from './resolve.ts'
import {
  addColumnConstraints,
  heirsOf,
  makeColumn,
  makeSequence,
  setDefault,
  setGeneration,
  skip,
} from './tables.ts'

type Command = { readonly relation: Relation; readonly cmd: AlterTableCmd; readonly only: boolean }
type Handler = (context: Context, command: Command) => void

/** ALTER TABLE, INDEX, VIEW, SEQUENCE, MATERIALIZED VIEW, FOREIGN TABLE and composite TYPE. */
export function alterTable(context: Context, stmt: AlterTableStmt): void {
  const range = stmt.relation ?? {}
  if (stmt.missing_ok === true && findRelation(context, range).kind === 'missing') return
  const found = readRelation(context, range)
  const cmds = (stmt.cmds ?? []).flatMap((node) =>
    'AlterTableCmd' in node ? [node.AlterTableCmd] : [],
  )
  for (const cmd of cmds.toSorted((a, b) => passOf(a) - passOf(b)))
    alter(context, found, { cmd, only: range.inh !== true })
}

/** The server takes the parts of one statement in passes of its own, whatever their order is. */
const passes = ['drop', 'retype', 'add', 'rules', 'references', 'rest'] as const

const passOfSubtype: Readonly<Record<string, (typeof passes)[number]>> = {
  AT_DropColumn: 'drop',
  AT_DropConstraint: 'drop',
  AT_DropNotNull: 'drop',
  AT_DropExpression: 'drop',
  AT_DropIdentity: 'drop',
  AT_AlterColumnType: 'retype',
  AT_AddColumn: 'add',
  AT_SetNotNull: 'rules',
  AT_SetExpression: 'rules',
  AT_AddConstraint: 'rules',
  AT_ColumnDefault: 'references',
  AT_AddIdentity: 'references',
  AT_SetIdentity: 'references',
}

function passOf({ subtype, def }: AlterTableCmd): number {
  const isForeignKey =
    def !== undefined && 'Constraint' in def && def.Constraint.contype === 'CONSTR_FOREIGN'
  const isDefaultGone = subtype === 'AT_ColumnDefault' && def === undefined
  const pass = passOfSubtype[subtype ?? ''] ?? 'rest'
  return passes.indexOf(isForeignKey ? 'references' : isDefaultGone ? 'drop' : pass)
}

type Subcommand = Omit<Command, 'relation'>

function alter(context: Context, found: FoundRelation, { cmd, only }: Subcommand): void {
  if (found.kind === 'builtin') return
  if (found.kind === 'missing') return alterMissing(context, found.name, cmd)
  const handler = handlers[cmd.subtype ?? ''] ?? setAspect
  handler(context, { relation: found.relation, cmd, only })
}

/** What can be told of a change to a table that does not exist: the names in it. */
function alterMissing(context: Context, name: RelationName, cmd: AlterTableCmd): void {
  const { def, subtype } = cmd
  if (def !== undefined && 'ColumnDef' in def && def.ColumnDef.colname !== undefined) {
    create(context, columnKey(name, def.ColumnDef.colname))
    readType(context, def.ColumnDef.typeName)
  } else if (subtype === 'AT_DropColumn' && cmd.name !== undefined)
    write(context, columnKey(name, cmd.name))
  else if (cmd.name !== undefined && /Column|NotNull/.test(subtype ?? ''))
    read(context, columnKey(name, cmd.name))
}

const handlers: Readonly<Record<string, Handler>> = {
  AT_AddColumn: addColumnCommand,
  AT_DropColumn: dropColumn,
  AT_AddConstraint: (context, { relation, cmd }) => {
    if (cmd.def !== undefined && 'Constraint' in cmd.def)
      addConstraint(context, { relation, constraint: cmd.def.Constraint, fresh: false })
  },
  AT_DropConstraint: dropConstraint,
  AT_ValidateConstraint: (context, command) => {
    const key = readConstraint(context, command)
    write(context, `${key}#valid`)
    for (const dep of context.catalog.get(key)?.deps ?? [])
      if (dep.startsWith('c:')) context.effects.dataReads.add(`d:${dep.slice(2)}`)
  },
  AT_AlterConstraint: (context, command) =>
    write(context, `${readConstraint(context, command)}#options`),
  AT_ColumnDefault: (context, { relation, cmd }) => {
    readNamedColumn(context, relation, cmd)
    const isPlain = cmd.def === undefined || 'A_Const' in cmd.def
    if (!isPlain || !isInteger(relation.columns.get(cmd.name ?? '')?.builtinType))
      read(context, `${columnKey(relation.name, cmd.name ?? '')}#type`)
    setDefault(context, relation, { column: cmd.name ?? '', expression: cmd.def })
  },
  AT_SetNotNull: (context, { relation, cmd }) => {
    readNamedColumn(context, relation, cmd)
    write(context, `${columnKey(relation.name, cmd.name ?? '')}#notnull`)
    context.effects.dataReads.add(valuesKey(relation.name, cmd.name ?? ''))
  },
  AT_DropNotNull: columnAspect('notnull'),
  AT_SetExpression: (context, { relation, cmd }) => {
    readNamedColumn(context, relation, cmd)
    write(context, `${columnKey(relation.name, cmd.name ?? '')}#generated`)
    setGeneration(context, relation, { column: cmd.name ?? '', expression: cmd.def })
  },
  AT_DropExpression: columnAspect('generated'),
  AT_SetStatistics: columnAspect('statistics'),
  AT_SetOptions: columnAspect('options'),
  AT_ResetOptions: columnAspect('options'),
  AT_SetStorage: columnAspect('storage'),
  AT_SetCompression: columnAspect('compression'),
  AT_AddIdentity: (context, { relation, cmd }) => {
    readNamedColumn(context, relation, cmd)
    write(context, `${columnKey(relation.name, cmd.name ?? '')}#default`)
    makeSequence(context, relation, cmd.name ?? '')
  },
  AT_SetIdentity: columnAspect('default'),
  AT_DropIdentity: columnAspect('default'),
  AT_AlterColumnType: alterType,
  AT_ChangeOwner: (context, { relation, cmd }) => {
    readRole(context, cmd.newowner)
    write(context, `${relation.key}#owner`)
  },
  AT_ClusterOn: (context, { relation, cmd }) => {
    readRelation(context, { schemaname: relation.name.schema, relname: cmd.name ?? '' })
    write(context, `${relation.key}#cluster`)
  },
  AT_AddInherit: addInherit,
  AT_DropInherit: dropInherit,
  AT_AttachPartition: attachPartition,
  AT_DetachPartition: detachPartition,
  AT_DetachPartitionFinalize: detachPartition,
  AT_ReplicaIdentity: (context, { relation, cmd }) => {
    if (
      cmd.def !== undefined &&
      'ReplicaIdentityStmt' in cmd.def &&
      cmd.def.ReplicaIdentityStmt.name !== undefined
    )
      readRelation(context, {
        schemaname: relation.name.schema,
        relname: cmd.def.ReplicaIdentityStmt.name,
      })
    write(context, `${relation.key}#replica`)
  },
  ...Object.fromEntries(
    ['AT_EnableTrig', 'AT_EnableAlwaysTrig', 'AT_EnableReplicaTrig', 'AT_DisableTrig'].map(
      (subtype) => [subtype, switchTrigger],
    ),
  ),
}

function columnAspect(aspect: string): Handler {
  return (context, { relation, cmd }) => {
    readNamedColumn(context, relation, cmd)
    write(context, `${columnKey(relation.name, cmd.name ?? '')}#${aspect}`)
  }
}

function readNamedColumn(context: Context, relation: Relation, { name }: AlterTableCmd): void {
  if (name !== undefined) readColumn(context, relation, { column: name })
}

/** Everything else changes one setting of the table. */
function setAspect(context: Context, { relation, cmd }: Command): void {
  const aspect = (cmd.subtype ?? '').replace(
    /^AT_(?:Set|Reset|Replace|Enable|Disable|NoForce|Force|Drop|Add)*/,
    '',
  )
  write(context, `${relation.key}#${aspect.toLowerCase()}`)
}

function switchTrigger(context: Context, { relation, cmd }: Command): void {
  const key = partKey('tg', relation.name, cmd.name ?? '')
  read(context, key)
  write(context, `${key}#enabled`)
}

function addColumnCommand(context: Context, { relation, cmd, only }: Command): void {
  const def = columnDefOf(cmd)
  const column = def.colname ?? ''
  const key = columnKey(relation.name, column)
  const isThere = relation.columns.has(column) && context.catalog.get(key)?.maybe !== true
  if (cmd.missing_ok === true && isThere) return skip(context, key)
  makeColumn(context, relation, { def, fresh: false })
  addColumnConstraints(context, relation, { def, fresh: false })
  if (demandsValue(def)) context.effects.dataReads.add(valuesKey(relation.name, column))
  if (!only) for (const heir of heirsOf(context, relation)) inheritColumn(context, heir, def)
}

const columnDefOf = ({ def }: AlterTableCmd): ColumnDef =>
  def !== undefined && 'ColumnDef' in def ? def.ColumnDef : {}

function inheritColumn(context: Context, heir: Relation, def: ColumnDef): void {
  if (!heir.columns.has(def.colname ?? ''))
    makeColumn(context, heir, { def: { ...def, constraints: [] }, fresh: false })
  for (const below of heirsOf(context, heir)) inheritColumn(context, below, def)
}

/** NOT NULL without a default fails as soon as there is a row. */
function demandsValue({ constraints, typeName }: ColumnDef): boolean {
  const kinds = (constraints ?? []).map((node) =>
    'Constraint' in node ? node.Constraint.contype : '',
  )
  const isSerial = /serial/.test(strings(typeName?.names).at(-1) ?? '')
  const given = ['CONSTR_DEFAULT', 'CONSTR_IDENTITY', 'CONSTR_GENERATED'].some((kind) =>
    kinds.includes(kind as never),
  )
  const demanding = ['CONSTR_NOTNULL', 'CONSTR_PRIMARY'].some((kind) =>
    kinds.includes(kind as never),
  )
  return demanding && !given && !isSerial
}

function dropColumn(context: Context, { relation, cmd }: Command): void {
  const column = cmd.name ?? ''
  const key = columnKey(relation.name, column)
  if (!relation.columns.has(column)) {
    if (cmd.missing_ok === true) return write(context, key)
    readColumn(context, relation, { column })
    return write(context, key)
  }
  read(context, key)
  removeColumn(context, relation, { column, cascade: cmd.behavior === 'DROP_CASCADE' })
}

function removeColumn(
  context: Context,
  relation: Relation,
  { column, cascade }: { column: string; cascade: boolean },
): void {
  const key = columnKey(relation.name, column)
  if (context.maybe) return doubt(context, key)
  const fallen = context.catalog.remove(key, cascade)
  if (!cascade) noteBlockers(context, fallen)
  drop(context, fallen)
  forgetColumns(context.catalog, fallen)
  for (const heir of heirsOf(context, relation))
    if (heir.columns.has(column)) removeColumn(context, heir, { column, cascade })
}

/** Something that a condition may or may not have dropped. */
export function doubt(context: Context, key: Key): void {
  write(context, key)
  const object = context.catalog.get(key)
  if (object !== undefined && !context.catalog.frozen) object.maybe = true
}

/** What would have stopped a drop without CASCADE: it must have gone before. */
export function noteBlockers(context: Context, fallen: readonly CatalogObject[]): void {
  for (const { key } of fallen)
    for (const other of context.catalog.dependents(key))
      context.effects.blockers.set(other.key, key)
}

/** Reads a constraint by name. Its name may be one that the server made, so nobody is sure. */
function readConstraint(context: Context, { relation, cmd }: Command): Key {
  const def = cmd.def
  const inDef = def !== undefined && 'Constraint' in def ? def.Constraint.conname : undefined
  const alter =
    def !== undefined && 'ATAlterConstraint' in def
      ? (def.ATAlterConstraint as { conname?: string }).conname
      : undefined
  const name = cmd.name ?? inDef ?? alter ?? ''
  const key = partKey('k', relation.name, name)
  if (context.catalog.has(key)) read(context, key)
  else
    miss(context, {
      kind: 'constraint',
      name: nameOfKey(key),
      keys: [key],
      word: name,
      byte: undefined,
      nearest: undefined,
    })
  return key
}

function dropConstraint(context: Context, command: Command): void {
  const { relation, cmd } = command
  const key = partKey('k', relation.name, cmd.name ?? '')
  if (!context.catalog.has(key)) {
    if (cmd.missing_ok !== true) readConstraint(context, command)
    return write(context, key)
  }
  read(context, key)
  if (context.maybe) return doubt(context, key)
  const cascade = cmd.behavior === 'DROP_CASCADE'
  const fallen = context.catalog.remove(key, cascade)
  if (!cascade) noteBlockers(context, fallen)
  drop(context, fallen)
}

function alterType(context: Context, { relation, cmd }: Command): void {
  const column = cmd.name ?? ''
  const key = columnKey(relation.name, column)
  readNamedColumn(context, relation, cmd)
  const def = columnDefOf(cmd)
  const type = readType(context, def.typeName)
  visit({ context, use: 'define' }, def.raw_default, scopeOf(relation))
  write(context, `${key}#type`)
  if (!isInteger(relation.columns.get(column)?.builtinType) || !isInteger(type.builtin))
    write(context, `${key}#default`)
  if (def.raw_default !== undefined) context.effects.dataReads.add(valuesKey(relation.name, column))
  retype(context, relation, { column, type })
  for (const heir of heirsOf(context, relation))
    write(context, `${columnKey(heir.name, column)}#type`)
}

/** A number stays the same default in all of these. */
const isInteger = (type: string | undefined) => /^int[248]$/.test(type ?? '')

type Retyped = { readonly column: string; readonly type: FoundType }

function retype(context: Context, relation: Relation, { column, type }: Retyped): void {
  const facts = relation.columns.get(column)
  const object = context.catalog.get(columnKey(relation.name, column))
  if (facts === undefined || object === undefined || context.catalog.frozen) return
  // The old type may have another name by now than when the column was made.
  const old = [...object.deps].filter((dep) => dep.startsWith('ty:'))
  for (const dep of old) context.effects.releases.add(dep)
  const rest = [...object.deps].filter((dep) => !old.includes(dep))
  context.catalog.setDeps(object, type.key === undefined ? rest : [...rest, type.key])
  relation.columns.set(column, { ...facts, type: type.key, builtinType: type.builtin })
}

function rangeOf(node: Node | undefined): RangeVar | undefined {
  if (node === undefined) return undefined
  if ('RangeVar' in node) return node.RangeVar
  return 'PartitionCmd' in node ? node.PartitionCmd.name : undefined
}

function addInherit(context: Context, { relation, cmd }: Command): void {
  const found = readRelation(context, rangeOf(cmd.def) ?? {})
  if (found.kind !== 'found') return
  write(context, `${relation.key}#inherits`)
  if (context.catalog.frozen) return
  relation.inherits.add(found.relation.key)
  context.catalog.setDeps(relation, [...relation.deps, found.relation.key])
}

function dropInherit(context: Context, { relation, cmd }: Command): void {
  const found = readRelation(context, rangeOf(cmd.def) ?? {})
  if (found.kind !== 'found') return
  write(context, `${relation.key}#inherits`)
  context.effects.releases.add(found.relation.key)
  if (!context.catalog.frozen) relation.inherits.delete(found.relation.key)
}

function attachPartition(context: Context, { relation, cmd }: Command): void {
  const found = readRelation(context, rangeOf(cmd.def) ?? {})
  if (found.kind !== 'found') return
  if (found.relation.relationKind === 'index')
    return write(context, `${found.relation.key}#partition`)
  readColumns(context, found, [...relation.columns.keys()])
  for (const column of relation.columns.keys()) read(context, columnKey(relation.name, column))
  write(context, `${found.relation.key}#partition`)
  context.effects.dataReads.add(`d:${dotted(found.relation.name.schema, found.relation.name.name)}`)
  if (context.catalog.frozen) return
  found.relation.inherits.add(relation.key)
  context.catalog.setParent(found.relation, relation.key)
}

function detachPartition(context: Context, { relation, cmd }: Command): void {
  const found = readRelation(context, rangeOf(cmd.def) ?? {})
  if (found.kind !== 'found') return
  write(context, `${found.relation.key}#partition`)
  context.effects.releases.add(relation.key)
  if (context.catalog.frozen) return
  found.relation.inherits.delete(relation.key)
  context.catalog.setParent(found.relation, undefined)
}
