import { nameOfKey } from '../analyse/keys.ts'
import type { Fact } from '../catalog/fact.ts'
import { nameOf } from '../catalog/fact.ts'
import { quoteName } from '../catalog/identifier.ts'
import { isExactBothWays } from '../inverse/pre-image.ts'
import type { Check, Draft } from './draft.ts'
import { placeOf, type Scene } from './scene.ts'
import { columnConstraints, columnDefOf, commandsNamed, rangeName } from './tree.ts'

type Change = { readonly before: Fact; readonly after: Fact }

/** Words for what is lost, in both languages. */
const lostWords = {
  table: { en: 'The table', he: 'הטבלה' },
  column: { en: 'The column', he: 'העמודה' },
  'retyped-column': {
    en: 'What the new type cannot hold of',
    he: 'מה שהטיפוס החדש אינו יכול להכיל מתוך',
  },
  rows: { en: 'Every row of', he: 'כל שורה של' },
  sequence: { en: 'The counter', he: 'המונה' },
  'enum-label': { en: 'A label of', he: 'ערך של' },
} as const

type Lost = { readonly kind: keyof typeof lostWords; readonly object: string }

/** Data that goes without `destructive: yes`. */
const losses: Check = (scene) => {
  if (scene.migration.source.header.destructive) return []
  return lostBy(scene).map(({ kind, object }): Draft => {
    const { en, he } = lostWords[kind]
    return {
      rule: 'data-loss',
      object,
      facts: { what: en },
      hebrewFacts: { what: he },
    }
  })
}

function lostBy(scene: Scene): readonly Lost[] {
  const truncated = scene.rewrites
    .filter(({ cause }) => cause === 'truncate')
    .map(({ relation }) => ({ kind: 'rows', object: relation }) as const)
  const { observation } = scene
  if (observation === undefined) return [...truncated, ...lostByText(scene)]
  const found = observation.losses.flatMap(({ kind, object }): Lost[] => {
    if (kind === 'rows' || !hadData(scene, kind, object)) return []
    if (kind === 'retyped-column' && isWidening(scene, object)) return []
    return [{ kind, object }]
  })
  // The counters of a table go with it.
  const isPart = found.some(({ kind }) => kind === 'table' || kind === 'column')
  return [...truncated, ...found.filter(({ kind }) => kind !== 'sequence' || !isPart)]
}

function hadData(scene: Scene, kind: Lost['kind'], object: string): boolean {
  const factKinds = { 'retyped-column': 'column', 'enum-label': 'enum', rows: 'table' } as const
  const factKind = kind in factKinds ? factKinds[kind as keyof typeof factKinds] : kind
  return scene.existed({ key: `${factKind} ${object}` })
}

function isWidening({ observation }: Scene, object: string): boolean {
  const change = observation?.changes.changed.find(
    ({ before }) => before.key === `column ${object}`,
  )
  const types = typesOf(change)
  return types !== undefined && keepsAll(types.from, types.to)
}

/** Whether the new type can hold every value of the old one, in whatever form. */
function keepsAll(from: string, to: string): boolean {
  if (to === 'text' || to === 'character varying' || isExactBothWays(from, to)) return true
  const moment = /^timestamp(?:\((\d)\))? with(?:out)? time zone$/
  const [was, is] = [moment.exec(from), moment.exec(to)]
  return was !== null && is !== null && Number(was[1] ?? 6) <= Number(is[1] ?? 6)
}

function typesOf(change: Change | undefined): { from: string; to: string } | undefined {
  const [from, to] = [change?.before.values['type'], change?.after.values['type']]
  return typeof from === 'string' && typeof to === 'string' ? { from, to } : undefined
}

function lostByText({ node, table, statement, existedTable }: Scene): readonly Lost[] {
  if ('DropStmt' in node && node.DropStmt.removeType === 'OBJECT_TABLE')
    return relationsDropped(statement)
      .filter(existedTable)
      .map((object) => ({ kind: 'table', object }))
  if (!existedTable(table)) return []
  return commandsNamed(node, 'AT_DropColumn').map(({ name = '' }) => ({
    kind: 'column',
    object: `${table}.${quoteName(name)}`,
  }))
}

/** Names as the analyser has resolved them. */
function relationsDropped({ drops }: Scene['statement']): string[] {
  return [...drops].filter((key) => key.startsWith('t:')).map(nameOfKey)
}

function dropped(node: Scene['node']): string[] {
  if (!('DropStmt' in node)) return []
  return (node.DropStmt.objects ?? []).flatMap((object) => {
    if (!('List' in object)) return []
    const parts = (object.List.items ?? []).flatMap((item) =>
      'String' in item ? [quoteName(item.String.sval ?? '')] : [],
    )
    return [parts.length === 1 ? `public.${parts[0]}` : parts.join('.')]
  })
}

const deletions: Check = ({ node, table, existedTable, migration }) =>
  'DeleteStmt' in node && existedTable(table) && !migration.source.header.destructive
    ? [{ rule: 'deletes-rows', object: table, facts: { table } }]
    : []

/** Kinds of objects that queries of an application name. */
const named: ReadonlySet<Fact['kind']> = new Set([
  'table',
  'view',
  'materialized-view',
  'column',
  'function',
  'enum',
  'domain',
  'composite',
  'sequence',
  'schema',
])

/** What the version that is running now would miss, or would have to give. */
const compatibility: Check = (scene) => {
  const { observation, migration } = scene
  if (migration.source.header.phase === 'contract') return []
  if (observation === undefined) return compatibilityByText(scene)
  const { added, removed, changed } = observation.changes
  const gone = removed.filter((fact) => named.has(fact.kind) && scene.existed(fact))
  const relations = new Set(gone.map((fact) => nameOf(fact)))
  const survivors = new Map(added.map((fact) => [placeOf(fact), fact]))
  const later = new Set(migration.after?.rows.map(({ key }) => key))
  return [
    ...gone
      .filter((fact) => !isPartOf(fact, relations) && !later.has(fact.key) && !isPrivate(fact))
      .map((fact) => missing(fact, survivors.get(placeOf(fact)), later)),
    ...requiredColumns(scene, added),
    ...changed.flatMap((change) => changedColumn(scene, change)),
    ...changed.flatMap((change) => lostLabels(scene, change)),
  ]
}

function isPartOf({ schema, parent }: Fact, relations: ReadonlySet<string>): boolean {
  if (schema === undefined || parent === undefined) return false
  return relations.has(`${quoteName(schema)}.${quoteName(parent)}`)
}

/** Nobody calls a trigger's function, and the counter of a column goes with its column. */
function isPrivate({ kind, values }: Fact): boolean {
  if (kind === 'function') return values['returns'] === 'trigger'
  if (kind === 'sequence') return values['ownedBy'] !== undefined
  return false
}

function missing(fact: Fact, now: Fact | undefined, later: ReadonlySet<string>): Draft {
  const object = nameOf(fact)
  if (now !== undefined) return { rule: 'renames', object, facts: { to: nameOf(now) } }
  // Another function of the same name may well answer the same calls.
  const base = `${fact.key.replace(/\(.*$/s, '')}(`
  const isOverloaded = fact.kind === 'function' && [...later].some((key) => key.startsWith(base))
  return { rule: 'breaks-running-version', object, ...(isOverloaded ? { level: 'warning' } : {}) }
}

function requiredColumns(scene: Scene, added: readonly Fact[]): Draft[] {
  return added.flatMap((fact): Draft[] => {
    const { default: byDefault, generated, identity, notNull, of } = fact.values
    const table =
      fact.parent === undefined ? '' : `${quoteName(fact.schema ?? '')}.${quoteName(fact.parent)}`
    const isGiven = [byDefault, generated, identity, of].some((value) => value !== undefined)
    if (fact.kind !== 'column' || notNull !== true || isGiven || !scene.existedTable(table))
      return []
    return [{ rule: 'required-column', object: nameOf(fact), facts: { table } }]
  })
}

function changedColumn(scene: Scene, change: Change): Draft[] {
  const { before, after } = change
  if (before.kind !== 'column' || !scene.existed(before) || before.values['of'] !== undefined)
    return []
  const object = nameOf(before)
  const types = typesOf(change)
  const narrows =
    types !== undefined && types.from !== types.to && !isExactBothWays(types.from, types.to)
  const isRequired = ({ values }: Fact) =>
    values['notNull'] === true &&
    [values['default'], values['identity'], values['generated']].every((v) => v === undefined)
  return [
    ...(narrows ? [{ rule: 'narrows-type', object, facts: types } as const] : []),
    ...(isRequired(after) && !isRequired(before)
      ? [{ rule: 'becomes-required', object } as const]
      : []),
  ]
}

function lostLabels(scene: Scene, { before, after }: Change): Draft[] {
  if (before.kind !== 'enum' || !scene.existed(before)) return []
  const labels = ({ values: { labels: list } }: Fact) =>
    Array.isArray(list) ? list.map(String) : []
  const kept = new Set(labels(after))
  return labels(before)
    .filter((label) => !kept.has(label))
    .map((label) => ({
      rule: 'breaks-running-version',
      object: `${nameOf(before)} '${label}'`,
    }))
}

/** The plainest cases, for plans without a shadow. */
function compatibilityByText(scene: Scene): Draft[] {
  const { node, table, statement, existedTable } = scene
  if ('DropStmt' in node && removesNamed.has(node.DropStmt.removeType ?? ''))
    return relationsDropped(statement)
      .filter(existedTable)
      .map((object) => ({ rule: 'breaks-running-version', object }))
  if ('RenameStmt' in node && existedTable(table)) return renamedByText(node, table)
  if (!existedTable(table)) return []
  return [
    ...commandsNamed(node, 'AT_DropColumn').map(({ name = '' }) => ({
      rule: 'breaks-running-version' as const,
      object: `${table}.${quoteName(name)}`,
    })),
    ...commandsNamed(node, 'AT_AddColumn').flatMap((command) => {
      const column = columnDefOf(command)
      const kinds = columnConstraints(column).map(({ contype }) => contype)
      const isGiven = ['CONSTR_DEFAULT', 'CONSTR_IDENTITY', 'CONSTR_GENERATED'].some((kind) =>
        kinds.some((one) => one === kind),
      )
      if (!kinds.includes('CONSTR_NOTNULL') || isGiven) return []
      const object = `${table}.${quoteName(column?.colname ?? '')}`
      return [{ rule: 'required-column' as const, object, facts: { table } }]
    }),
  ]
}

const removesNamed: ReadonlySet<string> = new Set(['OBJECT_TABLE', 'OBJECT_VIEW', 'OBJECT_MATVIEW'])

function renamedByText(
  node: Extract<Scene['node'], { RenameStmt: unknown }>,
  table: string,
): Draft[] {
  const { renameType, subname = '', newname = '' } = node.RenameStmt
  if (renameType === 'OBJECT_COLUMN')
    return [
      {
        rule: 'renames',
        object: `${table}.${quoteName(subname)}`,
        facts: { to: quoteName(newname) },
      },
    ]
  if (renameType !== 'OBJECT_TABLE' && renameType !== 'OBJECT_VIEW') return []
  return [{ rule: 'renames', object: table, facts: { to: quoteName(newname) } }]
}

/** Changes of type that keep the statement short and the meaning open. */
const retyping: Check = (scene) => {
  const { node, table, observation } = scene
  return commandsNamed(node, 'AT_AlterColumnType').flatMap((command): Draft[] => {
    const { name = '' } = command
    const column = quoteName(name)
    const object = `${table}.${column}`
    const change = observation?.changes.changed.find(
      ({ before }) => before.key === `column ${object}`,
    )
    const { raw_default: using, collClause: collation } = columnDefOf(command) ?? {}
    const forgotten = collation === undefined ? lostCollation(change) : undefined
    return [
      ...(using === undefined && gainsZone(change)
        ? [{ rule: 'timestamp-without-zone', object, facts: { column } } as const]
        : []),
      ...(forgotten === undefined
        ? []
        : [{ rule: 'collation-reset', object, facts: { column, from: forgotten } } as const]),
    ]
  })
}

function lostCollation(change: Change | undefined): string | undefined {
  const was = change?.before.values['collation']
  const is = change?.after.values['collation']
  return typeof was === 'string' && is === undefined ? was : undefined
}

function gainsZone(change: Change | undefined): boolean {
  const types = typesOf(change)
  if (types === undefined) return false
  return /^timestamp.* without/.test(types.from) && /^timestamp.* with time/.test(types.to)
}

const cascades: Check = (scene) => {
  const { node, observation } = scene
  if (!isCascade(node)) return []
  const wanted = new Set(wantedBy(scene))
  const others = (observation?.changes.removed ?? []).filter(
    (fact) => scene.existed(fact) && !isWanted(fact, wanted),
  )
  const truncated = 'TruncateStmt' in node ? emptiedToo(scene) : []
  const list = [...others.map(({ key }) => key), ...truncated]
  if (list.length === 0) return []
  return [{ rule: 'cascade', object: others[0]?.key, facts: { list: list.join(', ') } }]
}

const isCascade = (node: Scene['node']) => JSON.stringify(node).includes('"DROP_CASCADE"')

/** Names of what the statement itself asks to drop. */
function wantedBy({ node, table }: Scene): string[] {
  const columns = commandsNamed(node, 'AT_DropColumn', 'AT_DropConstraint').map(
    ({ name = '' }) => `${table}.${quoteName(name)}`,
  )
  return [...dropped(node), ...columns]
}

/** A table's own parts go with it; so do those of a column, which hang on nothing else. */
function isWanted(fact: Fact, wanted: ReadonlySet<string>): boolean {
  const { schema, parent, values } = fact
  const name = nameOf(fact)
  if (wanted.has(name) || wanted.has(name.replace(/\(.*$/s, ''))) return true
  if (fact.kind === 'sequence') return values['ownedBy'] !== undefined
  if (schema === undefined || parent === undefined) return false
  const owner = `${quoteName(schema)}.${quoteName(parent)}`
  if (wanted.has(owner)) return true
  const isOnColumn = [...wanted].some((one) => one.startsWith(`${owner}.`))
  return isOnColumn && (fact.kind === 'index' || fact.kind === 'constraint')
}

function emptiedToo({ node, rewrites }: Scene): string[] {
  if (!('TruncateStmt' in node)) return []
  const asked = (node.TruncateStmt.relations ?? []).flatMap((relation) =>
    'RangeVar' in relation ? [rangeName(relation.RangeVar)] : [],
  )
  return rewrites
    .map(({ relation }) => relation)
    .filter((name) => !asked.some((one) => name === one || name.endsWith(`.${one}`)))
    .map((name) => `table ${name}`)
}

/** What goes away, what others can no longer use, and what the text does not say about it. */
export const changeChecks: Check = (scene) =>
  [losses, deletions, compatibility, retyping, cascades].flatMap((check) => check(scene))
