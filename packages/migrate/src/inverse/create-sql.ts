import { nameOf, type Fact, type Facts, type FactKind, type Value } from '../catalog/fact.ts'
import { quoteName, quoteText } from '../catalog/identifier.ts'
import { defaultPrivilegesSql } from './environment-sql.ts'
import { listOf, parentOf, textOf } from './object-words.ts'

/** Where the parts of an object are looked up. */
export type Schema = {
  readonly major: number
  readonly byKey: ReadonlyMap<string, Fact>
  readonly children: (relation: Fact) => readonly Fact[]
}

export function schemaOf({ major, rows }: Facts): Schema {
  const ownerOf = (fact: Pick<Fact, 'schema' | 'parent'>) => `${fact.schema}\n${fact.parent}`
  const byParent = Map.groupBy(
    rows.filter(({ parent }) => parent !== undefined),
    ownerOf,
  )
  return {
    major,
    byKey: new Map(rows.map((fact) => [fact.key, fact])),
    children: ({ schema, name }) => byParent.get(`${schema}\n${name}`) ?? [],
  }
}

/**
 * Makes an object from its facts: enough of it that what is still missing (owner, rights, comments,
 * storage and the like) can be altered afterwards. Empty where something else brings it along or
 * where it cannot be made by SQL.
 */
export function createSql(fact: Fact, schema: Schema): string[] {
  return creators[fact.kind]?.(fact, schema) ?? []
}

type Creator = (fact: Fact, schema: Schema) => string[]

const asDefined: Creator = ({ values }) => [withoutSemicolon(textOf(values['definition']))]

const creators: Readonly<Partial<Record<FactKind, Creator>>> = {
  extension: ({ name, details }) => {
    const schema = textOf(details['schema'])
    return [
      `create extension ${quoteName(name)}${schema === 'pg_catalog' ? '' : ` schema ${schema}`}`,
    ]
  },
  schema: ({ name }) => [`create schema ${quoteName(name)}`],
  table: createTable,
  column: (fact, schema) => [
    `alter table ${parentOf(fact)} add column ${columnSql(fact, { schema, asAdded: true })}`,
  ],
  constraint: createConstraint,
  index: createIndex,
  view: (fact) => [`create view ${viewBody(fact)}`],
  'materialized-view': (fact) => {
    const data = fact.values['populated'] === true ? '' : ' with no data'
    return [`create materialized view ${viewBody(fact)}${data}`]
  },
  sequence: (fact) => [
    `create ${fact.values['persistence'] === 'unlogged' ? 'unlogged ' : ''}sequence ${nameOf(fact)} as ${textOf(
      fact.values['type'],
    )} ${sequenceOptions(fact)}`,
  ],
  function: (fact) =>
    fact.values['form'] === 'aggregate'
      ? [createAggregate(fact)]
      : [withoutSemicolon(textOf(fact.details['exactDefinition'] ?? fact.values['definition']))],
  trigger: asDefined,
  rule: asDefined,
  statistics: createStatistics,
  policy: createPolicy,
  enum: (fact) => [
    `create type ${nameOf(fact)} as enum (${listOf(fact.values['labels']).map(quoteText).join(', ')})`,
  ],
  domain: createDomain,
  'domain-constraint': (fact) => [
    `alter domain ${parentOf(fact)} add constraint ${quoteName(fact.name)} ${textOf(fact.values['definition'])}`,
  ],
  composite: (fact) => [
    `create type ${nameOf(fact)} as (${attributesOf(fact).map(attributeSql).join(', ')})`,
  ],
  range: createRange,
  publication: createPublication,
  'event-trigger': createEventTrigger,
  'foreign-data-wrapper': (fact) => {
    const { handler, validator } = fact.values
    const parts = [
      handler === undefined ? 'no handler' : `handler ${textOf(handler)}`,
      validator === undefined ? 'no validator' : `validator ${textOf(validator)}`,
      optionsSql(fact.values['foreignOptions']),
    ]
    return [
      `create foreign data wrapper ${quoteName(fact.name)} ${parts.filter(Boolean).join(' ')}`,
    ]
  },
  'foreign-server': (fact) => {
    const { type, version, wrapper, foreignOptions } = fact.values
    const parts = [
      type === undefined ? '' : `type ${quoteText(textOf(type))}`,
      version === undefined ? '' : `version ${quoteText(textOf(version))}`,
      `foreign data wrapper ${textOf(wrapper)}`,
      optionsSql(foreignOptions),
    ]
    return [`create server ${quoteName(fact.name)} ${parts.filter(Boolean).join(' ')}`]
  },
  cast: (fact) => {
    const { function: by, method, context } = fact.values
    const how =
      method === 'inout'
        ? 'with inout'
        : method === 'binary'
          ? 'without function'
          : `with function ${textOf(by)}`
    return [
      `create cast (${fact.name}) ${how}${context === undefined ? '' : ` as ${textOf(context)}`}`,
    ]
  },
  operator: createOperator,
  'operator-family': (fact) => [`create operator family ${nameOf(fact)}`],
  'operator-class': createOperatorClass,
  collation: createCollation,
  conversion: ({ values, ...fact }) => [
    `create ${values['default'] === true ? 'default ' : ''}conversion ${nameOf(fact)} for ${quoteText(
      textOf(values['from']),
    )} to ${quoteText(textOf(values['to']))} from ${textOf(values['function'])}`,
  ],
  'text-search-configuration': createTextSearch,
  'text-search-dictionary': ({ values, ...fact }) => {
    const options = values['options'] === undefined ? '' : `, ${textOf(values['options'])}`
    return [
      `create text search dictionary ${nameOf(fact)} (template = ${textOf(values['template'])}${options})`,
    ]
  },
  'default-privileges': (fact) => defaultPrivilegesSql(undefined, fact),
}

function withoutSemicolon(text: string): string {
  return text.replace(/;?\s*$/, '')
}

function viewBody(fact: Fact): string {
  const options = storageOptions(fact.values['options'])
  const method = textOf(fact.values['accessMethod'])
  const using = method === '' || method === 'heap' ? '' : ` using ${quoteName(method)}`
  return `${nameOf(fact)}${using}${options === '' ? '' : ` with (${options})`} as ${withoutSemicolon(
    textOf(fact.values['definition']),
  ).trimStart()}`
}

/** `fillfactor=70` of the catalog as it is written in SQL. */
export function storageOptions(options: unknown, prefix = ''): string {
  return listOf(options)
    .map((option) => {
      const at = option.indexOf('=')
      return `${prefix}${quoteName(option.slice(0, at))} = ${quoteText(option.slice(at + 1))}`
    })
    .join(', ')
}

function optionsSql(options: unknown): string {
  const items = listOf(options).map((option) => {
    const at = option.indexOf('=')
    return `${quoteName(option.slice(0, at))} ${quoteText(option.slice(at + 1))}`
  })
  return items.length === 0 ? '' : `options (${items.join(', ')})`
}

export function sequenceOptions({ values, details }: Fact): string {
  return [
    `increment by ${textOf(values['increment'])}`,
    `minvalue ${textOf(values['min'])}`,
    `maxvalue ${textOf(values['max'])}`,
    `start with ${textOf(values['start'])}`,
    `cache ${textOf(details['cache'])}`,
    values['cycle'] === true ? 'cycle' : 'no cycle',
  ].join(' ')
}

type ColumnContext = {
  readonly schema: Schema
  /** Into a table that may have rows: what they cannot satisfy at once comes later. */
  readonly asAdded?: boolean
}

/** A column as CREATE TABLE and ADD COLUMN take it. */
export function columnSql(fact: Fact, { schema, asAdded = false }: ColumnContext): string {
  const { type, collation, notNull, foreignOptions } = fact.values
  const filled = defaultSql(fact, schema)
  const isRequired = notNull === true && fact.values['notNullUnchecked'] !== true
  return [
    quoteName(fact.name),
    textOf(type),
    optionsSql(foreignOptions),
    collation === undefined ? '' : `collate ${textOf(collation)}`,
    // Rows that are there have no value yet; restoring one comes first, the demand after it.
    isRequired && !(asAdded && filled === '') ? notNullSql(fact, schema.major) : '',
    filled,
  ]
    .filter(Boolean)
    .join(' ')
}

/** Since 18 a NOT NULL has a name. */
export function notNullSql({ details }: Fact, major: number): string {
  const name = textOf(details['notNullName'])
  const head = major >= 18 && name !== '' ? `constraint ${quoteName(name)} ` : ''
  return `${head}not null${details['notNullNoInherit'] === true ? ' no inherit' : ''}`
}

function defaultSql(fact: Fact, schema: Schema): string {
  const { identity, generated } = fact.values
  const expression = textOf(fact.values['default'])
  if (identity !== undefined) return identitySql(fact, schema)
  if (generated !== undefined) return `generated always as (${expression}) ${textOf(generated)}`
  return expression === '' ? '' : `default ${expression}`
}

export function identitySql(fact: Fact, schema: Schema): string {
  const sequence = identitySequence(fact, schema)
  const options =
    sequence === undefined
      ? ''
      : ` (sequence name ${nameOf(sequence)} ${sequenceOptions(sequence)})`
  return `generated ${textOf(fact.values['identity'])} as identity${options}`
}

function identitySequence(column: Fact, { byKey }: Schema): Fact | undefined {
  const owner = nameOf(column)
  return [...byKey.values()].find(
    ({ kind, values }) =>
      kind === 'sequence' && values['identity'] === true && values['ownedBy'] === owner,
  )
}

function createTable(fact: Fact, schema: Schema): string[] {
  const { partitionKey, partitionBound, parents, ofType } = fact.values
  // A partition is made by itself and attached when it has its indexes and constraints.
  const inherits = partitionBound === undefined ? listOf(parents) : []
  const columns = columnsOf(fact, schema)
    .filter(({ details }) => inherits.length === 0 || details['inheritedOnly'] !== true)
    .map((column) => columnSql(column, { schema }))
  return [
    [
      `create ${tableWord(fact)} ${nameOf(fact)}`,
      ofType === undefined ? `(${columns.join(', ')})` : `of ${textOf(ofType)}`,
      inherits.length === 0 ? '' : `inherits (${inherits.join(', ')})`,
      partitionKey === undefined ? '' : `partition by ${textOf(partitionKey)}`,
      ...tableOptions(fact),
    ]
      .filter(Boolean)
      .join(' '),
  ]
}

function tableWord({ values: { form, persistence } }: Fact): string {
  if (form === 'foreign') return 'foreign table'
  return persistence === 'unlogged' ? 'unlogged table' : 'table'
}

function tableOptions({ values }: Fact): string[] {
  const method = textOf(values['accessMethod'])
  const server = textOf(values['server'])
  const options = [
    storageOptions(values['options']),
    storageOptions(values['toastOptions'], 'toast.'),
  ].filter(Boolean)
  return [
    method === '' || method === 'heap' ? '' : `using ${quoteName(method)}`,
    server === '' ? '' : `server ${server} ${optionsSql(values['foreignOptions'])}`,
    options.length === 0 ? '' : `with (${options.join(', ')})`,
  ]
}

export function columnsOf(relation: Fact, schema: Schema): Fact[] {
  return schema
    .children(relation)
    .filter(({ kind }) => kind === 'column')
    .toSorted((a, b) => Number(a.details['position']) - Number(b.details['position']))
}

function createConstraint(fact: Fact, schema: Schema): string[] {
  const { type, partOf } = fact.values
  const isFromParent = fact.details['inheritedOnly'] === true
  const parent = schema.byKey.get(`table ${parentOf(fact)}`)
  const isPartition = parent?.values['partitionBound'] !== undefined
  // The parent hands these down; a partition must have its checks before it is attached.
  if (type === 'foreign key' ? partOf !== undefined : isFromParent && !isPartition) return []
  return [
    `alter table ${parentOf(fact)} add constraint ${quoteName(fact.name)} ${textOf(fact.values['definition'])}`,
  ]
}

const indexHead = /^(CREATE (?:UNIQUE )?INDEX (?:"(?:[^"]|"")*"|[^\s"]+) ON )ONLY /

function createIndex(fact: Fact): string[] {
  if (fact.values['constraint'] !== undefined) return []
  const definition = textOf(fact.values['definition'])
  // Of a partitioned table: without ONLY it takes the indexes that its partitions have already.
  return [fact.values['invalid'] === true ? definition : definition.replace(indexHead, '$1')]
}

function createPolicy(fact: Fact): string[] {
  const { restrictive, command, roles, using, check } = fact.values
  return [
    [
      `create policy ${quoteName(fact.name)} on ${parentOf(fact)}`,
      restrictive === true ? 'as restrictive' : '',
      `for ${textOf(command)} to ${listOf(roles).join(', ')}`,
      using === undefined ? '' : `using (${textOf(using)})`,
      check === undefined ? '' : `with check (${textOf(check)})`,
    ]
      .filter(Boolean)
      .join(' '),
  ]
}

function createStatistics(fact: Fact): string[] {
  const { kinds, columns, expressions, table } = fact.values
  const of = [...listOf(columns).map(quoteName), ...listOf(expressions).map((text) => `(${text})`)]
  // Those of a single expression have no kind.
  const which = listOf(kinds).length === 0 ? '' : ` (${listOf(kinds).join(', ')})`
  return [`create statistics ${nameOf(fact)}${which} on ${of.join(', ')} from ${textOf(table)}`]
}

function createDomain(fact: Fact): string[] {
  const { type, collation, notNull } = fact.values
  return [
    [
      `create domain ${nameOf(fact)} as ${textOf(type)}`,
      collation === undefined ? '' : `collate ${textOf(collation)}`,
      fact.values['default'] === undefined ? '' : `default ${textOf(fact.values['default'])}`,
      notNull === true ? 'not null' : '',
    ]
      .filter(Boolean)
      .join(' '),
  ]
}

export type Attribute = {
  readonly name: string
  readonly type: string
  readonly collation?: string
}

export function attributesOf({ values }: Fact): readonly Attribute[] {
  return Array.isArray(values['attributes']) ? (values['attributes'] as unknown as Attribute[]) : []
}

export function attributeSql({ name, type, collation }: Attribute): string {
  return `${quoteName(name)} ${type}${collation === undefined ? '' : ` collate ${collation}`}`
}

function createRange(fact: Fact): string[] {
  const fields = Object.entries({
    subtype: 'subtype',
    operatorClass: 'subtype_opclass',
    collation: 'collation',
    canonical: 'canonical',
    difference: 'subtype_diff',
  }).flatMap(([field, option]) =>
    fact.values[field] === undefined ? [] : [`${option} = ${textOf(fact.values[field])}`],
  )
  const multirange = textOf(fact.values['multirange'])
  const own =
    multirange === '' ? [] : [`multirange_type_name = ${multirangeName(fact, multirange)}`]
  return [`create type ${nameOf(fact)} as range (${[...fields, ...own].join(', ')})`]
}

function multirangeName({ schema }: Fact, name: string): string {
  return schema === undefined ? name : `${quoteName(schema)}.${name}`
}

type Membership = {
  readonly table: string
  readonly columns?: readonly string[]
  readonly where?: string
}

function createPublication(fact: Fact): string[] {
  const { allTables, tables, schemas, publish, viaRoot, generatedColumns } = fact.values
  const members = [
    ...(Array.isArray(tables) ? (tables as unknown as Membership[]) : []).map(
      ({ table, columns, where }) =>
        `table ${table}${columns === undefined ? '' : ` (${columns.join(', ')})`}${
          where === undefined ? '' : ` where (${where})`
        }`,
    ),
    ...listOf(schemas).map((schema) => `tables in schema ${schema}`),
  ]
  const whom =
    allTables === true
      ? ' for all tables'
      : members.length === 0
        ? ''
        : ` for ${members.join(', ')}`
  const options = [
    `publish = ${quoteText(listOf(publish).join(', '))}`,
    ...(viaRoot === true ? ['publish_via_partition_root = true'] : []),
    ...(generatedColumns === undefined ? [] : ['publish_generated_columns = stored']),
  ]
  return [`create publication ${quoteName(fact.name)}${whom} with (${options.join(', ')})`]
}

function createEventTrigger(fact: Fact): string[] {
  const { event, tags } = fact.values
  const when = tags === undefined ? '' : ` when tag in (${listOf(tags).map(quoteText).join(', ')})`
  return [
    `create event trigger ${quoteName(fact.name)} on ${textOf(event)}${when} execute function ${textOf(
      fact.values['function'],
    )}()`,
  ]
}

function createOperator(fact: Fact): string[] {
  const field = (option: string, value: Value | undefined, wrap = (text: string) => text) =>
    value === undefined ? [] : [value === true ? option : `${option} = ${wrap(textOf(value))}`]
  const { values } = fact
  const asOperator = (text: string) => (text.includes('.') ? `operator(${text})` : text)
  const parts = [
    ...field('function', values['function']),
    ...field('leftarg', values['left']),
    ...field('rightarg', values['right']),
    ...field('commutator', values['commutator'], asOperator),
    ...field('negator', values['negator'], asOperator),
    ...field('restrict', values['restrict']),
    ...field('join', values['join']),
    ...field('hashes', values['hashes']),
    ...field('merges', values['merges']),
  ]
  return [`create operator ${textOf(values['name'])} (${parts.join(', ')})`]
}

function createOperatorClass(fact: Fact): string[] {
  const { type, method, family, storage, members } = fact.values
  const name = nameOf(fact).replace(/ using \S+$/, '')
  const parts = [
    ...listOf(members),
    ...(storage === undefined ? [] : [`storage ${textOf(storage)}`]),
  ]
  return [
    `create operator class ${name} ${fact.values['default'] === true ? 'default ' : ''}for type ${textOf(
      type,
    )} using ${textOf(method)} family ${textOf(family)} as ${parts.join(', ')}`,
  ]
}

function createCollation(fact: Fact): string[] {
  const { provider, locale, collate, ctype, rules, nondeterministic } = fact.values
  const text = (option: string, value: Value | undefined) =>
    value === undefined ? [] : [`${option} = ${quoteText(textOf(value))}`]
  const parts = [
    `provider = ${textOf(provider)}`,
    ...text('locale', locale),
    ...text('lc_collate', collate),
    ...text('lc_ctype', ctype),
    ...text('rules', rules),
    ...(nondeterministic === true ? ['deterministic = false'] : []),
  ]
  return [`create collation ${nameOf(fact)} (${parts.join(', ')})`]
}

function createTextSearch(fact: Fact): string[] {
  const mappings = Object.entries((fact.values['mappings'] ?? {}) as Record<string, Value>)
  return [
    `create text search configuration ${nameOf(fact)} (parser = ${textOf(fact.values['parser'])})`,
    ...mappings.map(
      ([token, dictionaries]) =>
        `alter text search configuration ${nameOf(fact)} add mapping for ${token} with ${listOf(
          dictionaries,
        ).join(', ')}`,
    ),
  ]
}

const aggregateOptions: readonly (readonly [field: string, option: string])[] = [
  ['transition', 'sfunc'],
  ['state', 'stype'],
  ['stateSize', 'sspace'],
  ['final', 'finalfunc'],
  ['combine', 'combinefunc'],
  ['serial', 'serialfunc'],
  ['deserial', 'deserialfunc'],
  ['movingTransition', 'msfunc'],
  ['movingInverse', 'minvfunc'],
  ['movingState', 'mstype'],
  ['movingStateSize', 'msspace'],
  ['movingFinal', 'mfinalfunc'],
  ['sortOperator', 'sortop'],
  ['parallel', 'parallel'],
]

const modifies: Readonly<Record<string, string>> = {
  r: 'read_only',
  s: 'shareable',
  w: 'read_write',
}

function numberOrText(value: Value | undefined): string {
  return typeof value === 'number' ? String(value) : textOf(value)
}

function createAggregate(fact: Fact): string {
  const own = (fact.values['aggregate'] ?? {}) as Record<string, Value>
  const has = (field: string) => own[field] !== undefined
  const parts = [
    ...aggregateOptions.flatMap(([field, option]) =>
      has(field) ? [`${option} = ${numberOrText(own[field])}`] : [],
    ),
    ...(has('finalExtra') ? ['finalfunc_extra'] : []),
    ...(has('final') ? [`finalfunc_modify = ${modifies[textOf(own['finalModify'])]}`] : []),
    ...(has('movingFinalExtra') ? ['mfinalfunc_extra'] : []),
    ...(has('movingFinal')
      ? [`mfinalfunc_modify = ${modifies[textOf(own['movingFinalModify'])]}`]
      : []),
    ...(has('initial') ? [`initcond = ${quoteText(textOf(own['initial']))}`] : []),
    ...(has('movingInitial') ? [`minitcond = ${quoteText(textOf(own['movingInitial']))}`] : []),
    ...(own['kind'] === 'h' ? ['hypothetical'] : []),
  ]
  const name = nameOf(fact).replace(/\((?:[^()]|\([^()]*\))*\)$/, '')
  const arguments_ = textOf(fact.values['arguments']) || '*'
  return `create aggregate ${name}(${arguments_}) (${parts.join(', ')})`
}
