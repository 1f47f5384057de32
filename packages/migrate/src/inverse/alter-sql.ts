import { nameOf, type Fact, type FactKind, type Value } from '../catalog/fact.ts'
import { quoteName, quoteText } from '../catalog/identifier.ts'
import { stableJson } from '../catalog/stable-json.ts'
import { alterColumn, needsNewColumn, optionChanges } from './alter-column.ts'
import {
  attributeSql,
  attributesOf,
  createSql,
  sequenceOptions,
  type Schema,
} from './create-sql.ts'
import { dropSql } from './drop-sql.ts'
import { environmentSql } from './environment-sql.ts'
import { listOf, parentOf, settingOf, textOf, wordOf } from './object-words.ts'

/** How an object becomes what it is in another state. */
export type Alteration =
  | { readonly kind: 'statements'; readonly statements: readonly string[] }
  /** It has to go and come again, with everything that depends on it. */
  | { readonly kind: 'rebuild' }
  /** Labels of an enum cannot go; the type has to be exchanged. */
  | { readonly kind: 'swap-type' }

type Alterer = (current: Fact, target: Fact, schema: Schema) => Alteration

const statements = (...list: readonly string[]): Alteration => ({
  kind: 'statements',
  statements: list,
})
const rebuild: Alteration = { kind: 'rebuild' }

/** Changes one object, whose name is what it should be, into its target. */
export function alterSql(current: Fact, target: Fact, schema: Schema): Alteration {
  const own =
    stableJson({ v: current.values, d: current.details }) ===
    stableJson({ v: target.values, d: target.details })
      ? statements()
      : (alterers[target.kind] ?? recreate)(current, target, schema)
  if (own.kind !== 'statements') return own
  return statements(...own.statements, ...environmentSql(current, target))
}

function differs(current: Fact, target: Fact, ...fields: readonly string[]): boolean {
  return fields.some(
    (field) =>
      stableJson(current.values[field] ?? current.details[field] ?? null) !==
      stableJson(target.values[field] ?? target.details[field] ?? null),
  )
}

/** For what nothing depends on, so that it can go and come by itself. */
const recreate: Alterer = (current, target, schema) =>
  statements(...dropSql(current), ...createSql(target, schema))

const alterers: Readonly<Partial<Record<FactKind, Alterer>>> = {
  table: alterTable,
  column: (current, target, schema) =>
    needsNewColumn(current, target) ? rebuild : statements(...alterColumn(current, target, schema)),
  constraint: alterConstraint,
  index: alterIndex,
  view: alterView,
  'materialized-view': alterMaterializedView,
  sequence: alterSequence,
  function: alterFunction,
  trigger: alterTrigger,
  rule: alterRule,
  enum: alterEnum,
  domain: alterDomain,
  'domain-constraint': (current, target, schema) =>
    isNowChecked(current, target)
      ? statements(`alter domain ${parentOf(target)} validate constraint ${quoteName(target.name)}`)
      : recreate(current, target, schema),
  composite: alterComposite,
  range: () => rebuild,
  'base-type': () => rebuild,
  collation: (current, target) =>
    differs(current, target, 'version') && sameValues(current, target) ? statements() : rebuild,
  operator: () => rebuild,
  'operator-class': () => rebuild,
  statistics: (current, target, schema) =>
    !sameValues(current, target)
      ? recreate(current, target, schema)
      : statements(
          `alter statistics ${nameOf(target)} set statistics ${settingOf(target.details['target'], '-1')}`,
        ),
  extension: alterExtension,
  'foreign-server': (_, target) =>
    statements(
      `alter server ${nameOf(target)} version ${quoteText(textOf(target.values['version']))}`,
    ),
}

function sameValues(current: Fact, target: Fact): boolean {
  return stableJson(current.values) === stableJson(target.values)
}

function alterTable(current: Fact, target: Fact, schema: Schema): Alteration {
  if (differs(current, target, 'form', 'partitionKey')) return rebuild
  const head = `alter ${wordOf(target)} ${nameOf(target)}`
  const on = (field: string) => target.values[field] === true
  const options = [
    ...optionChanges(current, target),
    ...optionChanges(current, target, { field: 'toastOptions', prefix: 'toast.' }),
  ]
  return statements(
    ...ancestry(current, target),
    ...when(
      differs(current, target, 'ofType'),
      `${head} ${target.values['ofType'] === undefined ? 'not of' : `of ${textOf(target.values['ofType'])}`}`,
    ),
    ...when(
      differs(current, target, 'persistence'),
      `${head} set ${target.values['persistence'] === 'unlogged' ? 'unlogged' : 'logged'}`,
    ),
    ...when(
      differs(current, target, 'rowSecurity'),
      `${head} ${on('rowSecurity') ? 'enable' : 'disable'} row level security`,
    ),
    ...when(
      differs(current, target, 'forceRowSecurity'),
      `${head} ${on('forceRowSecurity') ? '' : 'no '}force row level security`,
    ),
    ...options.map((option) => `${head} ${option}`),
    ...when(
      differs(current, target, 'replicaIdentity'),
      `${head} replica identity ${replicaIdentity(target, schema)}`,
    ),
    ...when(
      differs(current, target, 'accessMethod'),
      `${head} set access method ${quoteName(textOf(target.values['accessMethod']))}`,
    ),
    ...when(
      differs(current, target, 'tablespace'),
      `${head} set tablespace ${tablespaceOf(target)}`,
    ),
    ...foreignOptions(current, target).map((change) => `${head} ${change}`),
  )
}

function when(condition: boolean, statement: string): string[] {
  return condition ? [statement] : []
}

function tablespaceOf({ details }: Fact): string {
  return quoteName(textOf(details['tablespace']) || 'pg_default')
}

function replicaIdentity(target: Fact, schema: Schema): string {
  const kind = textOf(target.values['replicaIdentity'])
  if (kind !== 'index') return kind === '' ? 'default' : kind
  const index = [...schema.byKey.values()].find(
    (fact) =>
      fact.kind === 'index' &&
      fact.values['replicaIdentity'] === true &&
      parentOf(fact) === nameOf(target),
  )
  return `using index ${quoteName(index?.name ?? '')}`
}

function foreignOptions(current: Fact, target: Fact): string[] {
  const [from, to] = [
    listOf(current.values['foreignOptions']),
    listOf(target.values['foreignOptions']),
  ]
  const nameOfOption = (option: string) => option.split('=')[0] ?? ''
  const changes = [
    ...from
      .filter((option) => !to.some((other) => nameOfOption(other) === nameOfOption(option)))
      .map((option) => `drop ${quoteName(nameOfOption(option))}`),
    ...to
      .filter((option) => !from.includes(option))
      .map((option) => {
        const name = nameOfOption(option)
        const verb = from.some((other) => nameOfOption(other) === name) ? 'set' : 'add'
        return `${verb} ${quoteName(name)} ${quoteText(option.slice(name.length + 1))}`
      }),
  ]
  return changes.length === 0 ? [] : [`options (${changes.join(', ')})`]
}

/** Partitions are attached and detached, other children inherit or not. */
function ancestry(current: Fact, target: Fact): string[] {
  if (!differs(current, target, 'partitionBound', 'parents')) return []
  const table = nameOf(target)
  const leave = listOf(current.values['parents']).flatMap((parent) =>
    current.values['partitionBound'] === undefined
      ? [`alter table ${table} no inherit ${parent}`]
      : [`alter table ${parent} detach partition ${table}`],
  )
  const bound = textOf(target.values['partitionBound'])
  const join = listOf(target.values['parents']).flatMap((parent) =>
    bound === ''
      ? [`alter table ${table} inherit ${parent}`]
      : [`alter table ${parent} attach partition ${table} ${bound}`],
  )
  return [...leave, ...join]
}

function isNowChecked(current: Fact, target: Fact): boolean {
  const plain = (fact: Fact) => textOf(fact.values['definition']).replace(/ NOT VALID$/, '')
  return (
    current.values['unchecked'] === true &&
    target.values['unchecked'] === undefined &&
    plain(current) === plain(target)
  )
}

function alterConstraint(current: Fact, target: Fact, schema: Schema): Alteration {
  const head = `alter table ${parentOf(target)}`
  if (isNowChecked(current, target))
    return statements(`${head} validate constraint ${quoteName(target.name)}`)
  // What only tells how it is handed down follows from the parent.
  if (!differs(current, target, 'definition', 'type')) return statements()
  const timing = (fact: Fact) =>
    textOf(fact.values['definition']).replace(/(?: NOT)? DEFERRABLE| INITIALLY \w+/g, '')
  if (target.values['type'] === 'foreign key' && timing(current) === timing(target)) {
    const deferrable = target.values['deferrable'] === true ? 'deferrable' : 'not deferrable'
    const deferred = target.values['deferred'] === true ? ' initially deferred' : ''
    return statements(`${head} alter constraint ${quoteName(target.name)} ${deferrable}${deferred}`)
  }
  // A foreign key of another table may rest on it.
  if (target.values['type'] === 'primary key' || target.values['type'] === 'unique') return rebuild
  return recreate(current, target, schema)
}

function alterIndex(current: Fact, target: Fact, schema: Schema): Alteration {
  const isOfConstraint = target.values['constraint'] !== undefined
  if (differs(current, target, 'constraint', 'definition') && !isOfConstraint)
    return recreate(current, target, schema)
  // The constraint is another one, too, and brings its index along.
  if (differs(current, target, 'constraint')) return statements()
  if (!isOfConstraint && isMended(current, target) && isOnPartitioned(target, schema))
    return rebuild
  return statements(...indexChanges(current, target))
}

function indexChanges(current: Fact, target: Fact): string[] {
  const index = nameOf(target)
  const options = /\sWITH \(([^)]*)\)/.exec(textOf(target.values['definition']))?.[1] ?? ''
  return [
    ...when(
      differs(current, target, 'definition') && options !== '',
      `alter index ${index} set (${options})`,
    ),
    ...when(differs(current, target, 'clustered'), clusterSql(target)),
    ...when(
      differs(current, target, 'tablespace'),
      `alter index ${index} set tablespace ${tablespaceOf(target)}`,
    ),
    ...when(
      target.values['partOf'] !== undefined && differs(current, target, 'partOf'),
      `alter index ${textOf(target.values['partOf'])} attach partition ${index}`,
    ),
    ...when(isMended(current, target), `reindex index ${index}`),
    ...indexStatistics(current, target),
  ]
}

function isMended(current: Fact, target: Fact): boolean {
  return current.values['invalid'] === true && target.values['invalid'] === undefined
}

/** There REINDEX wants no transaction, and makes the parts whole but not their parent. */
function isOnPartitioned(index: Fact, { byKey }: Schema): boolean {
  return byKey.get(`table ${parentOf(index)}`)?.values['form'] === 'partitioned'
}

function clusterSql(target: Fact): string {
  const on =
    target.values['clustered'] === true
      ? `cluster on ${quoteName(target.name)}`
      : 'set without cluster'
  return `alter table ${parentOf(target)} ${on}`
}

function indexStatistics(current: Fact, target: Fact): string[] {
  const read = (fact: Fact) => (fact.details['statistics'] ?? {}) as Record<string, Value>
  const columns = [...new Set([...Object.keys(read(current)), ...Object.keys(read(target))])]
  return columns
    .filter((column) => read(current)[column] !== read(target)[column])
    .map(
      (column) =>
        `alter index ${nameOf(target)} alter column ${column} set statistics ${settingOf(read(target)[column], '-1')}`,
    )
}

function alterView(current: Fact, target: Fact, schema: Schema): Alteration {
  const options = optionChanges(current, target).map(
    (change) => `alter view ${nameOf(target)} ${change}`,
  )
  if (!differs(current, target, 'definition')) return statements(...options)
  const replaced = createSql(target, schema).map((text) =>
    text.replace(/^create view/, 'create or replace view'),
  )
  // OR REPLACE keeps what depends on the view, and can only add columns at its end.
  return keepsColumns(current, target) ? statements(...replaced, ...options) : rebuild
}

/** Whether every column of the view is among those of the target, at the same place. */
function keepsColumns(current: Fact, target: Fact): boolean {
  const read = ({ details }: Fact) => (Array.isArray(details['columns']) ? details['columns'] : [])
  return read(current).every(
    (column: Value, place: number) =>
      stableJson(column) === stableJson(read(target)[place] ?? null),
  )
}

function alterMaterializedView(current: Fact, target: Fact): Alteration {
  if (differs(current, target, 'definition')) return rebuild
  const head = `alter materialized view ${nameOf(target)}`
  const data = target.values['populated'] === true ? '' : ' with no data'
  return statements(
    ...optionChanges(current, target).map((change) => `${head} ${change}`),
    ...when(
      differs(current, target, 'accessMethod'),
      `${head} set access method ${quoteName(textOf(target.values['accessMethod']))}`,
    ),
    ...when(
      differs(current, target, 'tablespace'),
      `${head} set tablespace ${tablespaceOf(target)}`,
    ),
    ...when(
      differs(current, target, 'populated'),
      `refresh materialized view ${nameOf(target)}${data}`,
    ),
  )
}

function alterSequence(current: Fact, target: Fact): Alteration {
  // The column makes and drops the sequence of its identity.
  if (differs(current, target, 'identity')) return statements()
  const head = `alter sequence ${nameOf(target)}`
  const options = ['type', 'start', 'min', 'max', 'increment', 'cycle', 'cache']
  const unlogged = target.values['persistence'] === 'unlogged'
  return statements(
    ...when(
      differs(current, target, ...options),
      `${head} as ${textOf(target.values['type'])} ${sequenceOptions(target)}`,
    ),
    ...when(
      differs(current, target, 'ownedBy') && target.values['identity'] === undefined,
      `${head} owned by ${textOf(target.values['ownedBy']) || 'none'}`,
    ),
    ...when(
      differs(current, target, 'persistence'),
      `${head} set ${unlogged ? 'unlogged' : 'logged'}`,
    ),
  )
}

function alterFunction(current: Fact, target: Fact, schema: Schema): Alteration {
  if (differs(current, target, 'form', 'arguments', 'returns', 'aggregate')) return rebuild
  return statements(...createSql(target, schema))
}

const firing: Readonly<Record<string, string>> = {
  disabled: 'disable',
  replica: 'enable replica',
  always: 'enable always',
}

function alterTrigger(current: Fact, target: Fact, schema: Schema): Alteration {
  if (target.values['inherited'] === true && differs(current, target, 'definition'))
    return statements()
  if (differs(current, target, 'definition')) return recreate(current, target, schema)
  const how = firing[textOf(target.values['enabled'])] ?? 'enable'
  return statements(
    ...when(
      differs(current, target, 'enabled'),
      `alter table ${parentOf(target)} ${how} trigger ${quoteName(target.name)}`,
    ),
  )
}

function alterRule(current: Fact, target: Fact, schema: Schema): Alteration {
  if (differs(current, target, 'definition')) return recreate(current, target, schema)
  const how = firing[textOf(target.values['enabled'])] ?? 'enable'
  return statements(`alter table ${parentOf(target)} ${how} rule ${quoteName(target.name)}`)
}

function alterEnum(current: Fact, target: Fact): Alteration {
  const [from, to] = [listOf(current.values['labels']), listOf(target.values['labels'])]
  const renamed = from.length === to.length ? renamedLabels(from, to) : undefined
  if (renamed !== undefined)
    return statements(
      ...renamed.map(
        ([before, after]) =>
          `alter type ${nameOf(target)} rename value ${quoteText(before)} to ${quoteText(after)}`,
      ),
    )
  const kept = to.filter((label) => from.includes(label))
  if (stableJson(kept) !== stableJson(from)) return { kind: 'swap-type' }
  return statements(...addedLabels(target, from, to))
}

/** Undefined where labels changed places, which no renaming explains. */
function renamedLabels(from: readonly string[], to: readonly string[]) {
  const pairs = from.flatMap((before, place): [string, string][] => {
    const after = to[place] ?? before
    return before === after ? [] : [[before, after]]
  })
  const isPlain = pairs.every(([before, after]) => !from.includes(after) && !to.includes(before))
  return isPlain ? pairs : undefined
}

function addedLabels(target: Fact, from: readonly string[], to: readonly string[]): string[] {
  const there = new Set(from)
  return to.flatMap((label, place) => {
    if (there.has(label)) return []
    there.add(label)
    const previous = to[place - 1]
    const next = to.slice(place + 1).find((other) => there.has(other))
    const where =
      previous !== undefined
        ? ` after ${quoteText(previous)}`
        : next === undefined
          ? ''
          : ` before ${quoteText(next)}`
    return [`alter type ${nameOf(target)} add value ${quoteText(label)}${where}`]
  })
}

function alterDomain(current: Fact, target: Fact): Alteration {
  if (differs(current, target, 'type', 'collation')) return rebuild
  const head = `alter domain ${nameOf(target)}`
  const value = textOf(target.values['default'])
  return statements(
    ...when(
      differs(current, target, 'default'),
      `${head} ${value === '' ? 'drop default' : `set default ${value}`}`,
    ),
    ...when(
      differs(current, target, 'notNull'),
      `${head} ${target.values['notNull'] === true ? 'set' : 'drop'} not null`,
    ),
  )
}

function alterComposite(current: Fact, target: Fact): Alteration {
  const [from, to] = [attributesOf(current), attributesOf(target)]
  const head = `alter type ${nameOf(target)}`
  const named = (list: readonly { name: string }[], name: string) =>
    list.find((one) => one.name === name)
  const changes = [
    ...from
      .filter(({ name }) => named(to, name) === undefined)
      .map(({ name }) => `drop attribute ${quoteName(name)}`),
    ...to.flatMap((attribute) => {
      const was = from.find(({ name }) => name === attribute.name)
      if (was === undefined) return [`add attribute ${attributeSql(attribute)}`]
      if (stableJson({ ...was }) === stableJson({ ...attribute })) return []
      const collation = attribute.collation === undefined ? '' : ` collate ${attribute.collation}`
      return [`alter attribute ${quoteName(attribute.name)} type ${attribute.type}${collation}`]
    }),
  ]
  // Attributes have an order that rows are written in; only a new type can change it.
  if (changes.length === 0 && differs(current, target, 'attributes')) return rebuild
  return statements(
    ...changes.map((change) => `${head} ${change}`),
    ...attributeComments(current, target),
  )
}

function attributeComments(current: Fact, target: Fact): string[] {
  const read = (fact: Fact) => (fact.details['comments'] ?? {}) as Record<string, Value>
  const names = [...new Set([...Object.keys(read(current)), ...Object.keys(read(target))])]
  return names
    .filter((name) => read(current)[name] !== read(target)[name])
    .map((name) => {
      const text = read(target)[name]
      const value = typeof text === 'string' ? quoteText(text) : 'null'
      return `comment on column ${nameOf(target)}.${quoteName(name)} is ${value}`
    })
}

function alterExtension(current: Fact, target: Fact): Alteration {
  const head = `alter extension ${quoteName(target.name)}`
  return statements(
    ...when(
      differs(current, target, 'schema'),
      `${head} set schema ${textOf(target.details['schema'])}`,
    ),
    ...when(
      differs(current, target, 'version'),
      `${head} update to ${quoteText(textOf(target.details['version']))}`,
    ),
  )
}
