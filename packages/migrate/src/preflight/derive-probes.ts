import { type Fact, type Facts, nameOf } from '../catalog/fact.ts'
import type { FactsDiff } from '../catalog/fingerprint.ts'
import { quoteName, quoteText } from '../catalog/identifier.ts'
import { listOf, parentOf, textOf } from '../inverse/object-words.ts'
import type { Parser } from '../text/parser.ts'
import { boundCondition, checkExpression, isColumn } from './definition-text.ts'
import { readExclusion, readForeignKey, readIndex, readPartitionKey } from './definition-text.ts'
import type { PlanStep } from './plan-flow.ts'
import type { ProbeKind, ProbePlan, Question } from './probe.ts'
import { columnsOfType, type RowSource, rowsOf, tableKeyOf } from './row-source.ts'
import { type Conversion, readConversions } from './using-clause.ts'

/** One change of the catalog and what is known of the live rows when its turn comes. */
export type ProbeStep = Pick<PlanStep, 'before' | 'after' | 'flow'> & {
  readonly place: Pick<ProbePlan, 'migration' | 'statementNo' | 'file' | 'line' | 'column'>
  /** The statement; `''` where there is none. */
  readonly text: string
  readonly changes: FactsDiff
}

/** A step of a plan as one to be asked about. */
export function probeStepOf(step: PlanStep): ProbeStep {
  const { migration, statement, observation, before, after, flow } = step
  const { no: statementNo, line, column, text } = statement
  const { id, file } = migration.source
  return {
    place: { migration: id, file, statementNo, line, column },
    text,
    changes: observation.changes,
    before,
    after,
    flow,
  }
}

type Work = {
  readonly step: ProbeStep
  readonly parser: Parser
  readonly liveFacts: ReadonlyMap<string, Fact>
  /** Facts that the statement made or changed, by key, with what they were before. */
  readonly touched: ReadonlyMap<string, Fact | undefined>
}

export type DeriveOptions = { readonly live: Facts; readonly parser: Parser }

/**
 * What has to be asked of the rows that are there before a step may run: derived from what it changed
 * in the shadow's catalog, in terms of the live database.
 */
export function createProbeDeriver({ live, parser }: DeriveOptions) {
  const liveFacts = new Map(live.rows.map((fact) => [fact.key, fact]))
  return (step: ProbeStep): ProbePlan[] => {
    const { added, changed } = step.changes
    const touched = new Map<string, Fact | undefined>([
      ...added.map((fact) => [fact.key, undefined] as const),
      ...changed.map(({ before, after }) => [after.key, before] as const),
    ])
    const work: Work = { step, parser, liveFacts, touched }
    const facts = [...added, ...changed.map(({ after }) => after)]
    return [...facts.flatMap((fact) => probesFor(fact, work)), ...conversionProbes(work)]
  }
}

/** Partitions are asked by way of their parent. */
function isAskedAbove(fact: Fact, { step, touched }: Work): boolean {
  if (fact.values['inherited'] !== true && fact.values['partOf'] === undefined) return false
  const table = step.after.get(tableKeyOf(fact))
  if (table?.values['partitionBound'] === undefined) return false
  const parents = listOf(table.values['parents'])
  return [...touched.keys()].some((key) => {
    const other = step.after.get(key)
    return other !== undefined && other.kind === fact.kind && parents.includes(parentOf(other))
  })
}

type Deriver = (fact: Fact, work: Work) => readonly ProbePlan[]

const derivers: Readonly<Partial<Record<Fact['kind'], Deriver>>> = {
  column: columnProbes,
  constraint: constraintProbes,
  index: indexProbes,
  domain: domainProbes,
  'domain-constraint': domainRuleProbes,
  table: partitionProbes,
}

function probesFor(fact: Fact, work: Work): readonly ProbePlan[] {
  if (isAskedAbove(fact, work)) return []
  return derivers[fact.kind]?.(fact, work) ?? []
}

type Asked = {
  readonly kind: ProbeKind
  readonly object: string
  /** Key of the table in the plan. */
  readonly table: string
}

/** Asks the rows of a table, or says why nothing can be asked; a table without rows needs nothing. */
function ask(asked: Asked, work: Work, question: (rows: RowSource) => Question): ProbePlan[] {
  const { step, liveFacts } = work
  const rows = rowsOf(asked.table, { flow: step.flow, facts: step.after, liveFacts })
  if ('because' in rows)
    return rows.because === 'written' && step.flow.tableOf(asked.table)?.kind === 'live'
      ? [planOf(asked, work, { kind: 'none', because: 'an earlier statement writes these rows' })]
      : []
  const asking = question(rows)
  const isChanged = asking.kind !== 'none' && step.flow.namesChanged(textOfQuestion(asking))
  return [
    planOf(
      asked,
      work,
      isChanged
        ? { kind: 'none', because: 'an earlier statement makes or changes what it depends on' }
        : asking,
      rows.table,
    ),
  ]
}

function textOfQuestion(question: Question): string {
  if (question.kind === 'none') return ''
  const expressions = question.kind === 'values' ? question.expressions : [question.grouped]
  return [question.from, question.where, ...expressions].join(' ')
}

// oxlint-disable-next-line max-params -- the live table is known only where there are rows
function planOf(asked: Asked, { step }: Work, question: Question, table?: string): ProbePlan {
  const origin = step.flow.tableOf(asked.table)
  return {
    kind: asked.kind,
    ...step.place,
    object: asked.object,
    table: table ?? (origin?.kind === 'live' ? origin.name : asked.table),
    question,
  }
}

const rowsWhere = (rows: RowSource, where: string): Question & { kind: 'rows' } => ({
  kind: 'rows',
  from: `${rows.text} as t`,
  where,
  grouped: '',
  key: rows.key,
})

function columnProbes(fact: Fact, work: Work): ProbePlan[] {
  const before = work.touched.get(fact.key)
  const table = tableKeyOf(fact)
  if (fact.values['of'] !== undefined) return []
  const isRequired = (one: Fact | undefined) =>
    one?.values['notNull'] === true && one.values['notNullUnchecked'] !== true
  if (before === undefined) return newColumnProbes(fact, work)
  if (!isRequired(fact) || isRequired(before)) return []
  const origin = work.step.flow.columnOf(fact.key)
  if (origin?.kind !== 'expression')
    return isLive(table, work)
      ? [
          planOf({ kind: 'not-null', object: nameOf(fact), table }, work, {
            kind: 'none',
            because: 'an earlier statement computes its values',
          }),
        ]
      : []
  return ask({ kind: 'not-null', object: nameOf(fact), table }, work, (rows) =>
    rowsWhere(rows, `${quoteName(fact.name)} is null`),
  )
}

function isLive(table: string, { step }: Work): boolean {
  return step.flow.tableOf(table)?.kind === 'live'
}

/** A table that has rows takes no column that needs a value which nothing gives. */
function newColumnProbes(fact: Fact, work: Work): ProbePlan[] {
  const { step } = work
  const { notNull, generated, identity } = fact.values
  // A renamed column is there already.
  const isNew = !step.changes.removed.some(
    (one) =>
      one.kind === 'column' &&
      one.address.oid === fact.address.oid &&
      one.address.column === fact.address.column,
  )
  if (!isNew) return []
  const table = tableKeyOf(fact)
  if (generated === 'stored') {
    const expression = textOf(fact.values['default'])
    return ask({ kind: 'convert', object: nameOf(fact), table }, work, (rows) =>
      valuesOf(rows, [`(${expression})::${textOf(fact.values['type'])}`]),
    )
  }
  const isFilled =
    fact.values['default'] !== undefined || identity !== undefined || generated !== undefined
  const isUnknown = step.flow.columnOf(fact.key)?.kind !== 'expression'
  if (notNull !== true || isFilled || isUnknown) return []
  return ask({ kind: 'required-column', object: nameOf(fact), table }, work, (rows) =>
    rowsWhere(rows, 'true'),
  )
}

const valuesOf = (rows: RowSource, expressions: readonly string[], where = ''): Question => ({
  kind: 'values',
  expressions,
  from: `${rows.text} as t`,
  where,
  culprit: undefined,
})

function isHeld(fact: Fact | undefined): boolean {
  const values = fact?.values
  return values !== undefined && values['unchecked'] !== true && values['notEnforced'] !== true
}

function wasHeld(fact: Fact, { touched }: Work): boolean {
  const before = touched.get(fact.key)
  return isHeld(before) && before?.values['definition'] === fact.values['definition']
}

function constraintProbes(fact: Fact, work: Work): ProbePlan[] {
  const definition = textOf(fact.values['definition'])
  if (!isHeld(fact) || isRenamed(fact, work) || wasHeld(fact, work)) return []
  const asked = { object: nameOf(fact), table: tableKeyOf(fact) }
  const { type } = fact.values
  if (type === 'foreign key') return foreignKeyProbes(fact, definition, work)
  if (type === 'check') {
    const expression = checkExpression(definition)
    if (expression === undefined) return []
    return ask({ kind: 'check', ...asked }, work, (rows) => ({
      ...rowsWhere(rows, `not (${expression})`),
      computesAll: true,
    }))
  }
  if (type !== 'exclude' && !definition.includes('WITHOUT OVERLAPS')) return []
  return ask({ kind: 'exclude', ...asked }, work, (rows) => overlaps(rows, definition))
}

/** The same object under another name asks nothing of the rows. */
function isRenamed(fact: Fact, { step }: Work): boolean {
  return step.changes.removed.some(
    ({ kind, address }) =>
      kind === fact.kind &&
      address.oid === fact.address.oid &&
      address.catalog === fact.address.catalog,
  )
}

function foreignKeyProbes(fact: Fact, definition: string, work: Work): ProbePlan[] {
  const key = readForeignKey(definition)
  const asked = { kind: 'foreign-key' as const, object: nameOf(fact), table: tableKeyOf(fact) }
  if (key === undefined)
    return ask(asked, work, () => ({ kind: 'none', because: 'periods are compared by the server' }))
  const { step, liveFacts } = work
  const parents = rowsOf(`table ${key.parent}`, { flow: step.flow, facts: step.after, liveFacts })
  return ask(asked, work, (rows) => {
    if ('because' in parents && parents.because !== 'made')
      return { kind: 'none', because: 'an earlier statement writes the rows it refers to' }
    const columns = key.columns.map((column) => `t.${quoteName(column)}`)
    const given = columns.map((column) => `${column} is not null`)
    const pairs = columns.map(
      (column, index) => `p.${quoteName(key.parentColumns[index] ?? '')} = ${column}`,
    )
    // The plan makes the parent and puts no row into it.
    const orphan =
      'because' in parents
        ? given.join(' and ')
        : `${given.join(' and ')} and not exists (select from ${parents.text} as p where ${pairs.join(' and ')})`
    const halves =
      key.isFull && columns.length > 1
        ? ` or (${given.join(' or ')}) and not (${given.join(' and ')})`
        : ''
    const values = key.columns.map((column) => ({
      name: quoteName(column),
      expression: `t.${quoteName(column)}`,
    }))
    return { ...rowsWhere(rows, `(${orphan})${halves}`), key: [...qualified(rows), ...values] }
  })
}

function qualified(rows: RowSource) {
  return rows.key.map(({ name, expression }) => ({ name, expression: `t.${expression}` }))
}

function indexProbes(fact: Fact, work: Work): readonly ProbePlan[] {
  if (work.touched.get(fact.key) !== undefined || isRenamed(fact, work)) return []
  const definition = textOf(fact.values['definition'])
  const index = readIndex(definition)
  if (index === undefined) return []
  const table = tableKeyOf(fact)
  const constraint = textOf(fact.values['constraint'])
  const object = constraint === '' ? nameOf(fact) : `${parentOf(fact)}.${quoteName(constraint)}`
  const where = index.predicate === undefined ? '' : `(${index.predicate})`
  if (!definition.startsWith('CREATE UNIQUE ')) {
    const computed = index.expressions.filter((expression) => !isColumn(expression))
    if (computed.length === 0 || constraint !== '') return []
    return ask({ kind: 'convert', object, table }, work, (rows) => valuesOf(rows, computed, where))
  }
  return ask({ kind: 'unique', object, table }, work, (rows) => {
    const present = index.nullsAreEqual
      ? []
      : index.expressions.map((expression) => `${expression} is not null`)
    const places = index.expressions.map((_, place) => String(place + 1))
    return {
      kind: 'rows',
      from: `${rows.text} as t`,
      where: [...(where === '' ? [] : [where]), ...present].join(' and '),
      grouped: ` group by ${places.join(', ')} having count(*) > 1`,
      key: index.expressions.map((expression) => ({ name: expression, expression })),
    }
  })
}

/** Two rows of which every value stands in the excluding relation to the other's. */
function overlaps(rows: RowSource, definition: string): Question {
  const rule = readExclusion(definition)
  if (rule === undefined) return { kind: 'none', because: 'its definition cannot be read' }
  const isPlain = !rows.text.startsWith('(')
  const place = isPlain
    ? 'ctid'
    : rows.key[0]?.name === 'ctid'
      ? 'studioops_key_1'
      : 'studioops_place'
  const table = isPlain ? 'tableoid' : 'studioops_table'
  const hasTable = isPlain || place === 'studioops_place'
  const list = [
    `${place} as place`,
    ...(hasTable ? [`${table} as in_table`] : ['0 as in_table']),
    ...rule.expressions.map((expression, index) => `${expression} as v${index + 1}`),
    ...rows.key.map(({ expression }, index) => `${expression} as k${index + 1}`),
  ]
  const where = rule.predicate === undefined ? '' : ` where ${rule.predicate}`
  const one = `(select ${list.join(', ')} from ${rows.text} as t${where})`
  const pairs = rule.operators.map(
    (operator, index) => `a.v${index + 1} ${operator} b.v${index + 1}`,
  )
  return {
    kind: 'rows',
    from: `${one} as a join ${one} as b on ${pairs.join(' and ')}`,
    where: '(a.in_table, a.place) < (b.in_table, b.place)',
    grouped: '',
    key: rows.key.map(({ name }, index) => ({ name, expression: `a.k${index + 1}` })),
  }
}

function domainProbes(fact: Fact, work: Work): ProbePlan[] {
  const before = work.touched.get(fact.key)
  if (before === undefined || before.values['notNull'] === true) return []
  if (fact.values['notNull'] !== true) return []
  return askUsers(fact, work, (column) => `${column} is null`)
}

function domainRuleProbes(fact: Fact, work: Work): ProbePlan[] {
  const before = work.touched.get(fact.key)
  const definition = textOf(fact.values['definition'])
  const expression = checkExpression(definition)
  if (expression === undefined || fact.values['unchecked'] === true) return []
  if (before !== undefined && before.values['unchecked'] !== true) return []
  const domain = work.step.after.get(`domain ${parentOf(fact)}`)
  // Together with its domain it has no column yet.
  if (
    domain === undefined ||
    (work.touched.has(domain.key) && work.touched.get(domain.key) === undefined)
  )
    return []
  return askUsers({ ...domain, name: domain.name }, work, () => `not (${expression})`, nameOf(fact))
}

// oxlint-disable-next-line max-params -- the rule has a name of its own beside its domain's
function askUsers(
  domain: Fact,
  work: Work,
  where: (column: string) => string,
  object = nameOf(domain),
): ProbePlan[] {
  return columnsOfType(nameOf(domain), work.step.before.values()).flatMap(({ table, column }) =>
    ask({ kind: 'domain', object, table }, work, (rows) => {
      const name = quoteName(column.name)
      const keys = rows.key.map(({ expression }, index) => `${expression} as k${index + 1}`)
      return {
        kind: 'rows',
        // Inside the rule of a domain the value is called VALUE.
        from: `(select ${name} as value, ${keys.join(', ')} from ${rows.text} as r) as t`,
        where: where('value'),
        grouped: '',
        computesAll: true,
        key: rows.key.map((part, index) => ({ name: part.name, expression: `k${index + 1}` })),
      }
    }),
  )
}

function partitionProbes(fact: Fact, work: Work): ProbePlan[] {
  const bound = boundOf(fact)
  const before = work.touched.get(fact.key)
  if (bound === '' || (before !== undefined && boundOf(before) === bound)) return []
  if (bound.startsWith('FOR VALUES WITH'))
    return ask({ kind: 'partition', object: nameOf(fact), table: fact.key }, work, () => ({
      kind: 'none',
      because: 'only the server knows where a hash belongs',
    }))
  const parent = listOf(fact.values['parents'])[0] ?? ''
  const partitioned = work.step.after.get(`table ${parent}`)
  const key = readPartitionKey(textOf(partitioned?.values['partitionKey']))
  const siblings = partitionsOf(parent, work).filter(({ key: other }) => other !== fact.key)
  const own = key === undefined ? undefined : conditionOf(bound, key.expressions, siblings)
  return own === undefined ? [] : boundProbes(fact, own, { work, siblings })
}

function boundProbes(
  fact: Fact,
  own: string,
  { work, siblings }: { readonly work: Work; readonly siblings: readonly Fact[] },
): ProbePlan[] {
  const asked = { kind: 'partition' as const, object: nameOf(fact), table: fact.key }
  const outside = ask(asked, work, (rows) => rowsWhere(rows, `not coalesce(${own}, false)`))
  const fallback = siblings.find((sibling) => boundOf(sibling) === 'DEFAULT')
  if (fallback === undefined || boundOf(fact) === 'DEFAULT') return outside
  const inside = ask(
    { kind: 'default-partition', object: nameOf(fallback), table: fallback.key },
    work,
    (rows) => rowsWhere(rows, `coalesce(${own}, false)`),
  )
  return [...outside, ...inside]
}

const boundOf = (fact: Fact) => textOf(fact.values['partitionBound'])

function partitionsOf(parent: string, { step }: Work): Fact[] {
  return [...step.after.values()].filter(
    (fact) =>
      fact.kind === 'table' && boundOf(fact) !== '' && listOf(fact.values['parents'])[0] === parent,
  )
}

/** Into DEFAULT belongs what belongs into none of the others. */
function conditionOf(
  bound: string,
  key: readonly string[],
  siblings: readonly Fact[],
): string | undefined {
  if (bound !== 'DEFAULT') return boundCondition(bound, key)
  const others = siblings.map((sibling) => boundCondition(boundOf(sibling), key))
  if (others.includes(undefined)) return undefined
  return others.length === 0 ? undefined : `not coalesce(${others.join(' or ')}, false)`
}

function conversionProbes(work: Work): ProbePlan[] {
  const { step, parser } = work
  const retyped = step.changes.changed.filter(
    ({ before, after }) =>
      after.kind === 'column' &&
      after.values['of'] === undefined &&
      after.values['generated'] === undefined &&
      textOf(before.values['type']) !== textOf(after.values['type']) &&
      before.address.column === after.address.column,
  )
  if (retyped.length === 0) return []
  const conversions = readConversions(step.text, parser)
  return retyped
    .filter(({ after }) => !isAskedAbove(after, work))
    .flatMap(({ before, after }) =>
      conversionProbe({ before, after, conversion: conversions.get(after.name) }, work),
    )
}

type Retyped = {
  readonly before: Fact
  readonly after: Fact
  readonly conversion: Conversion | undefined
}

function conversionProbe({ before, after, conversion }: Retyped, work: Work): ProbePlan[] {
  const { step, liveFacts } = work
  // Renaming or exchanging a type changes the words, not the values.
  if (conversion === undefined) return []
  const asked = { kind: 'convert' as const, object: nameOf(after), table: tableKeyOf(after) }
  const sight = { flow: step.flow.beforeStatement, facts: step.before, liveFacts }
  const rows = rowsOf(asked.table, sight)
  if ('because' in rows) return ask(asked, work, () => ({ kind: 'none', because: rows.because }))
  const from = textOf(before.values['type'])
  const to = textOf(after.values['type'])
  const value = conversion.using ?? quoteName(before.name)
  const labels = newLabels(to, work)
  const question =
    labels === undefined
      ? convertQuestion(rows, { value, from, to, isPlain: conversion.using === undefined })
      : labelQuestion(rows, { labels, inner: conversion.inner ?? quoteName(before.name) })
  const named = labels === undefined ? textOfQuestion(question) : (conversion.inner ?? '')
  if (question.kind !== 'none' && step.flow.namesChanged(named.replaceAll(rows.table, '')))
    return [planOf(asked, work, { kind: 'none', because: 'an earlier statement makes the type' })]
  return [planOf(asked, work, question, rows.table)]
}

/** The labels of an enum that the live database does not have in this form. */
function newLabels(type: string, { step, liveFacts }: Work): readonly string[] | undefined {
  const fact = step.after.get(`enum ${type}`)
  if (fact === undefined) return undefined
  const labels = listOf(fact.values['labels'])
  const there = listOf(liveFacts.get(`enum ${type}`)?.values['labels'])
  return labels.length === there.length && labels.every((label) => there.includes(label))
    ? undefined
    : labels
}

function labelQuestion(
  rows: RowSource,
  { labels, inner }: { readonly labels: readonly string[]; readonly inner: string },
): Question {
  const list = labels.map(quoteText).join(', ')
  return rowsWhere(rows, `((${inner})::text) <> all (array[${list}]::text[])`)
}

type Convert = {
  readonly value: string
  readonly from: string
  readonly to: string
  /** Without USING, as an assignment converts. */
  readonly isPlain: boolean
}

/** An explicit cast cuts what is too long; an assignment refuses it. */
function convertQuestion(rows: RowSource, { value, from, to, isPlain }: Convert): Question {
  const width = /^(?:character varying|character)\((\d+)\)$/.exec(to)?.[1]
  if (width !== undefined) return rowsWhere(rows, `length(rtrim((${value})::text, ' ')) > ${width}`)
  const isText = /^(?:text|character varying|character)/.test(from)
  const input = isPlain ? value : undefined
  const culprit =
    input === undefined || !isText
      ? undefined
      : rowsWhere(rows, `not pg_input_is_valid((${input})::text, ${quoteText(to)})`)
  return {
    kind: 'values',
    expressions: [`(${value})::${to}`],
    from: `${rows.text} as t`,
    where: '',
    culprit,
  }
}
