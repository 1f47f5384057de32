import type { Constraint } from 'libpg-query'
import type { LockMode } from '../shadow/lock-modes.ts'
import { lockModes, strongestMode } from '../shadow/lock-modes.ts'
import type { Work } from './blocks.ts'
import type { Check, Draft } from './draft.ts'
import type { LintRuleId } from './lint-rules.ts'
import { stopsWrites, type Scene } from './scene.ts'
import { fillsEachRow } from './guess.ts'
import { columnDefOf, commandsNamed, commandsOf, constraintsOf } from './tree.ts'
import { quoteName } from '../catalog/identifier.ts'

/** The strongest lock that the statement takes on a table, ACCESS SHARE where none is known. */
function modeOn({ locks }: Scene, table: string): LockMode {
  const modes = locks.filter(({ relation }) => relation === table).map(({ mode }) => mode)
  return strongestMode(modes) ?? 'access share'
}

type Held = { readonly rule: LintRuleId; readonly work: Work; readonly over: readonly string[] }

/** A draft about all that the statement locks while it works through some tables. */
function heldWhile(scene: Scene, { rule, work, over }: Held, more: Partial<Draft> = {}): Draft {
  const strong = scene.locks.filter(({ mode }) => stopsWrites(mode))
  const modes = strong.map(({ mode }) => mode)
  const mode = strongestMode(modes) ?? modeOn(scene, over[0] ?? '')
  const tables = strong.map(({ relation }) => relation)
  const [table = scene.table] = over
  return {
    rule,
    object: table,
    ...more,
    facts: { table, ...more.facts },
    effort: { mode, tables: tables.length === 0 ? [...over] : tables, work, over: [...over] },
  }
}

const scanned = ({ scans, table }: Scene) => scans.includes(table)
const rewritten = ({ rewrites, table }: Scene) =>
  rewrites.some(({ relation, cause }) => relation === table && cause === 'rewrite')

const rewriteChecks: Check = (scene) => {
  if (!rewritten(scene)) return otherRewrites(scene)
  const { table, node } = scene
  const added = commandsNamed(node, 'AT_AddColumn').flatMap((command): Draft[] => {
    const cause = fillsEachRow(command) ?? domainOf(scene, columnDefOf(command)?.colname)
    if (cause === undefined) return []
    const object = `${table}.${quoteName(columnDefOf(command)?.colname ?? '')}`
    const held = { rule: 'volatile-default', work: 'rewrite', over: [table] } as const
    return [heldWhile(scene, held, { object, facts: { cause } })]
  })
  const retyped = commandsNamed(node, 'AT_AlterColumnType').map(({ name = '' }): Draft => {
    const object = `${table}.${quoteName(name)}`
    const { from, to } = typesOf(scene, name)
    const held = { rule: 'type-change-rewrite', work: 'rewrite', over: [table] } as const
    return heldWhile(scene, held, { object, facts: { from, to } })
  })
  const known = [...added, ...retyped]
  if (known.length > 0) return known
  return [heldWhile(scene, { rule: 'table-rewrite', work: 'rewrite', over: [table] })]
}

/** A column whose type the shadow shows to be a domain with rules of its own. */
function domainOf({ observation, table }: Scene, column = ''): string | undefined {
  const key = `column ${table}.${quoteName(column)}`
  const fact = observation?.changes.added.find((one) => one.key === key)
  const type = fact?.values['type']
  return typeof type === 'string' ? type : undefined
}

function typesOf({ observation, table }: Scene, column: string) {
  const key = `column ${table}.${quoteName(column)}`
  const change = observation?.changes.changed.find(({ before }) => before.key === key)
  const typeOf = (value: unknown) => (typeof value === 'string' ? value : '…')
  return {
    from: typeOf(change?.before.values['type']),
    to: typeOf(change?.after.values['type']),
  }
}

function otherRewrites(scene: Scene): readonly Draft[] {
  const others = scene.rewrites.filter(({ cause }) => cause === 'rewrite')
  const over = others.map(({ relation }) => relation)
  return over.length === 0
    ? []
    : [heldWhile(scene, { rule: 'table-rewrite', work: 'rewrite', over })]
}

const indexChecks: Check = (scene) => {
  const { node, table } = scene
  if ('IndexStmt' in node && node.IndexStmt.concurrent !== true && scene.existedTable(table)) {
    const over = scene.scans.length === 0 ? [] : scene.scans
    return over.length === 0
      ? []
      : [heldWhile(scene, { rule: 'index-not-concurrent', work: 'index', over }, { object: table })]
  }
  const [locked] = scene.locks.filter(({ mode }) => stopsWrites(mode))
  if (locked === undefined) return []
  const over = [locked.relation]
  if ('DropStmt' in node && node.DropStmt.removeType === 'OBJECT_INDEX')
    return [heldWhile(scene, { rule: 'drop-index-not-concurrent', work: 'moment', over })]
  if ('ReindexStmt' in node)
    return [heldWhile(scene, { rule: 'reindex-not-concurrent', work: 'index', over })]
  return []
}

type Kind = { readonly rule: LintRuleId; readonly work: Work; readonly unless: keyof Constraint }

const constraintKinds: Readonly<Record<string, Kind>> = {
  CONSTR_FOREIGN: { rule: 'foreign-key-validates', work: 'scan', unless: 'skip_validation' },
  CONSTR_CHECK: { rule: 'check-validates', work: 'scan', unless: 'skip_validation' },
  CONSTR_NOTNULL: { rule: 'not-null-scans', work: 'scan', unless: 'skip_validation' },
  CONSTR_UNIQUE: { rule: 'unique-builds-index', work: 'index', unless: 'indexname' },
  CONSTR_PRIMARY: { rule: 'unique-builds-index', work: 'index', unless: 'indexname' },
  CONSTR_EXCLUSION: { rule: 'exclusion-builds-index', work: 'index', unless: 'indexname' },
}

/** NOT NULL of a new column is checked by what fills the column, not by a scan. */
const ofNewColumns: ReadonlySet<string> = new Set([
  'CONSTR_CHECK',
  'CONSTR_UNIQUE',
  'CONSTR_PRIMARY',
])

const constraintChecks: Check = (scene) => {
  // A rewrite reads all rows anyway, and has a finding of its own.
  if (!scanned(scene) || rewritten(scene)) return []
  const { node, table } = scene
  const added = commandsNamed(node, 'AT_AddConstraint', 'AT_AddColumn').flatMap((command) =>
    constraintsOf(command).flatMap((constraint): Draft[] => {
      const { contype = '', conname } = constraint
      const kind = constraintKinds[contype]
      if (kind === undefined || isSet(constraint[kind.unless])) return []
      if (command.subtype === 'AT_AddColumn' && !ofNewColumns.has(contype)) return []
      const column = columnOf(constraint) ?? command.name ?? ''
      const object = conname === undefined ? table : `${table}.${quoteName(conname)}`
      const over = contype === 'CONSTR_FOREIGN' ? scene.scans : [table]
      return [heldWhile(scene, { ...kind, over }, { object, facts: { table, column } })]
    }),
  )
  const required = commandsNamed(node, 'AT_SetNotNull').map(({ name = '' }) =>
    heldWhile(
      scene,
      { rule: 'not-null-scans', work: 'scan', over: [table] },
      { object: `${table}.${quoteName(name)}`, facts: { column: quoteName(name) } },
    ),
  )
  return [...added, ...required]
}

const isSet = (value: unknown) => value !== undefined && value !== false && value !== ''

function columnOf({ keys = [] }: Constraint): string | undefined {
  const [key] = keys
  return key !== undefined && 'String' in key ? quoteName(key.String.sval ?? '') : undefined
}

const partitionChecks: Check = (scene) => {
  const { node, table, scans } = scene
  if ('CreateStmt' in node && node.CreateStmt.partbound !== undefined) return newPartition(scene)
  const [command] = commandsOf(node)
  if (command?.subtype === 'AT_AttachPartition' && scans.length > 0)
    return [heldWhile(scene, { rule: 'attach-scans', work: 'scan', over: scans })]
  const isDetached =
    command?.subtype === 'AT_DetachPartition' && modeOn(scene, table) === 'access exclusive'
  if (!isDetached) return []
  return [heldWhile(scene, { rule: 'detach-not-concurrent', work: 'moment', over: [table] })]
}

function newPartition(scene: Scene): readonly Draft[] {
  const [locked] = scene.locks.filter(({ mode }) => mode === 'access exclusive')
  if (locked === undefined) return []
  const over = scene.scans.length > 0 ? scene.scans : [locked.relation]
  const work = scene.scans.length > 0 ? 'scan' : 'moment'
  const table = parentOf(scene) ?? locked.relation
  const held = { rule: 'partition-of', work, over } as const
  return [heldWhile(scene, held, { object: table, facts: { table } })]
}

function parentOf({ node, locks }: Scene): string | undefined {
  if (!('CreateStmt' in node)) return undefined
  const [parent] = node.CreateStmt.inhRelations ?? []
  const name = parent !== undefined && 'RangeVar' in parent ? parent.RangeVar.relname : undefined
  return locks.find(({ relation }) => relation.endsWith(`.${quoteName(name ?? '')}`))?.relation
}

const otherLocks: Check = (scene) => {
  const { node, scans } = scene
  const refreshed = scene.rewrites.filter(({ cause }) => cause === 'refresh')
  const over = refreshed.map(({ relation }) => relation)
  if (over.length > 0)
    return [heldWhile(scene, { rule: 'refresh-not-concurrent', work: 'rewrite', over })]
  if ('AlterDomainStmt' in node && scans.length > 0)
    return [heldWhile(scene, { rule: 'domain-check-scans', work: 'scan', over: scans })]
  return []
}

/** Full scans that nothing else explains. */
function unexplained(scene: Scene, found: readonly Draft[]): Draft[] {
  const explained = new Set(found.flatMap(({ effort }) => effort?.over ?? []))
  const over = scene.scans.filter(
    (table) => stopsWrites(modeOn(scene, table)) && !explained.has(table),
  )
  const known = found.some(({ effort }) => effort !== undefined && effort.work !== 'moment')
  if (over.length === 0 || known) return []
  return [heldWhile(scene, { rule: 'scan-under-lock', work: 'scan', over })]
}

/** Locks that are held for a moment only, where nothing worse was said about the statement. */
function momentary(scene: Scene, found: readonly Draft[]): Draft[] {
  if (found.some(({ effort }) => effort !== undefined)) return []
  const strong = scene.locks.filter(({ mode }) => stopsWrites(mode))
  const mode = strongestMode(strong.map((lock) => lock.mode))
  if (mode === undefined) return []
  const tables = strong.filter((lock) => lock.mode === mode).map(({ relation }) => relation)
  const rule = mode === 'access exclusive' ? 'exclusive-lock' : 'write-lock'
  const effort = { mode, tables: strong.map(({ relation }) => relation), work: 'moment' } as const
  return [{ rule, object: tables[0], facts: { table: tables.join(', ') }, effort }]
}

/** Work over many rows while an earlier statement of the transaction keeps others out. */
const underEarlierLock: Check = (scene) => {
  const { held, scans, rewrites, node } = scene
  const worked = [...new Set([...scans, ...rewrites.map(({ relation }) => relation)])]
  const strongest = held.toSorted(
    (a, b) => lockModes.indexOf(b.mode) - lockModes.indexOf(a.mode),
  )[0]
  const [table] = worked
  if (strongest === undefined || table === undefined) return []
  const isValidation = commandsNamed(node, 'AT_ValidateConstraint').length > 0
  const tables = [...new Set(held.map(({ relation }) => relation))]
  return [
    {
      rule: isValidation ? 'validate-in-same-transaction' : 'work-under-lock',
      object: table,
      facts: { table, tables: tables.join(', '), earlier: strongest.statementNo },
      effort: {
        mode: strongest.mode,
        tables,
        work: 'UpdateStmt' in node ? 'update' : rewrites.length > 0 ? 'rewrite' : 'scan',
        over: worked,
      },
    },
  ]
}

const specific = [
  rewriteChecks,
  indexChecks,
  constraintChecks,
  partitionChecks,
  otherLocks,
] as const

/** Who is locked out by a statement, for how long, and why that need not be. */
export const lockChecks: Check = (scene) => {
  const found = specific.flatMap((check) => check(scene))
  const scans = [...found, ...unexplained(scene, found)]
  return [...scans, ...momentary(scene, scans), ...underEarlierLock(scene)]
}

/** Several tables locked by one transaction, told once at the statement that takes the second. */
export const manyTables: Check = (scene) => {
  const strong = scene.locks.filter(({ mode }) => stopsWrites(mode))
  const before = new Set(scene.held.map(({ relation }) => relation))
  const fresh = strong.filter(({ relation }) => !before.has(relation))
  const firsts = new Set(scene.held.map(({ statementNo }) => statementNo))
  if (before.size === 0 || fresh.length === 0 || alreadyTold(scene, firsts)) return []
  const tables = [...before, ...fresh.map(({ relation }) => relation)]
  const mode = strongestMode([...scene.held, ...strong].map((lock) => lock.mode))
  return [
    {
      rule: 'many-tables-locked',
      object: fresh[0]?.relation,
      facts: { tables: tables.join(', ') },
      effort: { mode: mode ?? 'share', tables, work: 'moment' },
    },
  ]
}

/** Whether an earlier statement of the transaction has added a table to those of its first. */
function alreadyTold({ held }: Scene, statements: ReadonlySet<number>): boolean {
  const [first] = statements
  const own = new Set(held.filter((lock) => lock.statementNo === first).map((l) => l.relation))
  return held.some(({ relation }) => !own.has(relation))
}
