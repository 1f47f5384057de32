import type { MigrationPlan, PlannedMigration, PlannedStatement } from '../engine/migration-plan.ts'
import { type LockMode, strongestMode } from '../shadow/lock-modes.ts'
import { type Voice, objectionLines, paragraphs } from './answer.ts'
import { blockerName } from './progress.ts'
import { alignColumns, shorten, wrapList } from './terminal.ts'

export type PlanPrinting = {
  /** Of the database, without a password. */
  readonly title: string
  /** Every statement. */
  readonly details: boolean
}

/** More migrations than these are a table only; `--details` shows them all. */
const describedMax = 8

/** A plan for people: what runs, what is known of it, what stands against it. */
export function planText(plan: MigrationPlan, voice: Voice, printing: PlanPrinting): string {
  const { words, paint } = voice
  const described = printing.details || plan.migrations.length <= describedMax
  return paragraphs(
    headline(plan, voice, printing),
    plan.migrations.length === 0 ? '' : planTable(plan, voice),
    described
      ? plan.migrations.map((one) => describe(one, plan, { voice, printing })).join('\n\n')
      : '',
    plan.held.length === 0 ? '' : `${words.plan.held}: ${plan.held.join(', ')}`,
    blockersText(plan, voice),
    plan.warnings.length === 0
      ? ''
      : `${paint('careful', words.warnings)}\n${objectionLines(plan.warnings, voice)}`,
    plan.objections.length === 0
      ? ''
      : `${paint('bad', words.objections(plan.objections.length))}\n${objectionLines(plan.objections, voice)}`,
    proposalText(plan, voice),
    described || plan.migrations.length === 0 ? '' : paint('quiet', words.plan.moreDetails),
  )
}

function headline(plan: MigrationPlan, { words, paint }: Voice, { title }: PlanPrinting): string {
  const said = {
    'nothing-to-do': () =>
      paint('good', plan.held.length === 0 ? words.plan.nothing : words.plan.nothingButHeld),
    ready: () => paint('good', words.plan.ready(plan.migrations.length)),
    refused: () => paint('bad', words.plan.refused),
  }[plan.kind]()
  const where = `${said} ${paint('quiet', words.on(title))}`
  return plan.kind === 'nothing-to-do' ? where : `${where}\n${paint('quiet', triedIn(plan, words))}`
}

function triedIn({ shadow, start }: MigrationPlan, { plan }: Voice['words']): string {
  if (shadow.kind === 'none') return plan.shadowNone(shadow.because)
  const where =
    shadow.kind === 'pglite' ? plan.shadowPglite(shadow.major) : plan.shadowServer(shadow.major)
  if (start?.kind === 'live') return `${where}, ${plan.startLive(start.statements.length)}`
  return start?.kind === 'unlike-live' ? `${where}; ${plan.startUnlike}` : where
}

function planTable({ migrations, warnings }: MigrationPlan, voice: Voice): string {
  const { words, paint } = voice
  const { columns } = words.plan
  const head = [
    '',
    columns.migration,
    columns.makes,
    columns.locks,
    columns.rewrites,
    columns.losses,
    columns.inverse,
    columns.proof,
  ].map((cell) => paint('quiet', cell))
  const rows = migrations.map((migration, index) => [
    String(index + 1),
    paint('strong', shorten(migration.id, 40)),
    countOfKinds(migration.makes, voice),
    lockCell(migration, voice),
    listCell(rewritesOf(migration), voice),
    lossCell(migration, voice),
    inverseCell(migration, { voice, warnings }),
    proofCell(migration, voice),
  ])
  return alignColumns([head, ...rows]).join('\n')
}

/** `2 tables, 3 indexes`; the names are in the description. */
function countOfKinds(titles: readonly string[], { words }: Voice): string {
  const own = foldParts(titles).map(({ kind }) => kind)
  const parts = [...new Set(own)]
    .map((kind) => ({ kind, count: own.filter((one) => one === kind).length }))
    .map(({ kind, count }) => words.plan.count(count, kind))
  const shown = parts.slice(0, 2).join(', ')
  return parts.length === 0 ? '–' : parts.length > 2 ? `${shown}, …` : shown
}

type Titled = { readonly kind: string; readonly name: string; readonly parts: readonly string[] }

/** What stands first is what people look for. */
const ranks = ['schema', 'extension', 'table', 'view', 'column', 'constraint', 'index']
const rankOf = (kind: string) => (ranks.includes(kind) ? ranks.indexOf(kind) : ranks.length)

/** Columns and constraints of a table that is new itself are told with it, keys with their index. */
function foldParts(titles: readonly string[]): Titled[] {
  const all = titles.map((title) => {
    const at = title.lastIndexOf(' ', title.includes('"') ? title.indexOf('"') : undefined)
    return { kind: title.slice(0, at), name: title.slice(at + 1) }
  })
  const owners = all.filter(({ kind }) => kind === 'table' || kind.endsWith('view'))
  const ownerOf = ({ kind, name }: (typeof all)[number]) =>
    kind === 'column' || kind === 'constraint'
      ? owners.find((owner) => name.startsWith(`${owner.name}.`))
      : undefined
  const keys = new Set(
    all
      .filter(({ kind }) => kind === 'constraint')
      .map(({ name }) => name.replace(/\.[^.]+(?=\.[^.]+$)/, '')),
  )
  return all
    .filter((one) => ownerOf(one) === undefined && !(one.kind === 'index' && keys.has(one.name)))
    .map((one) => ({
      ...one,
      parts: all
        .filter((part) => part.kind === 'column' && ownerOf(part)?.name === one.name)
        .map(({ name }) => name.slice(one.name.length + 1)),
    }))
    .toSorted((left, right) => rankOf(left.kind) - rankOf(right.kind))
}

const partsMax = 8

const partsText = (parts: readonly string[]) =>
  parts.length <= partsMax
    ? parts.join(', ')
    : `${parts.slice(0, partsMax).join(', ')}, … +${parts.length - partsMax}`

function titlesOf(titles: readonly string[]): string[] {
  return foldParts(titles).map(({ kind, name, parts }) =>
    parts.length === 0 ? `${kind} ${name}` : `${kind} ${name} (${partsText(parts)})`,
  )
}

type LockedRelation = { readonly relation: string; readonly mode: LockMode }

function locksOf({ statements }: PlannedMigration): LockedRelation[] {
  const modes = new Map<string, LockMode[]>()
  for (const { relation, mode } of statements.flatMap(({ locks }) => locks))
    modes.set(relation, [...(modes.get(relation) ?? []), mode])
  return [...modes].flatMap(([relation, taken]) => {
    const mode = strongestMode(taken)
    return mode === undefined ? [] : [{ relation, mode }]
  })
}

/** Modes that keep writers or readers of an application waiting. */
const hindering: readonly LockMode[] = [
  'share',
  'share row exclusive',
  'exclusive',
  'access exclusive',
]

function lockCell(migration: PlannedMigration, { paint }: Voice): string {
  const locks = locksOf(migration)
  const strongest = strongestMode(locks.map(({ mode }) => mode))
  if (strongest === undefined) return '–'
  const on = locks.filter(({ mode }) => mode === strongest)
  const text = `${strongest} (${on.length === 1 ? (on[0]?.relation ?? '') : on.length})`
  return hindering.includes(strongest) ? paint('careful', text) : text
}

const rewritesOf = ({ statements }: PlannedMigration) => [
  ...new Set(statements.flatMap(({ rewrites }) => rewrites)),
]

function listCell(names: readonly string[], { paint }: Voice): string {
  if (names.length === 0) return '–'
  return paint('careful', names.length === 1 ? (names[0] ?? '') : String(names.length))
}

function lossCell(migration: PlannedMigration, { words, paint }: Voice): string {
  const [first, ...others] = migration.losses
  if (first === undefined) return '–'
  const text = `${words.plan.loss[first.kind]} ${first.object}`
  return paint('bad', others.length === 0 ? text : `${text} +${others.length}`)
}

type Telling = { readonly voice: Voice; readonly warnings: MigrationPlan['warnings'] }

/** Lossy is what no copy brings back; where all of it is kept first, rows come back, too. */
function inverseCell({ id, inverse }: PlannedMigration, { voice, warnings }: Telling): string {
  const { inverseKinds, origins } = voice.words.plan
  const isLost = warnings.some(
    ({ code, migration }) => code === 'inverse-lossy' && migration === id,
  )
  const kind = inverse.kind === 'lossy' && !isLost ? 'kept' : inverse.kind
  const text =
    inverse.origin === undefined
      ? inverseKinds[kind]
      : `${inverseKinds[kind]}, ${origins[inverse.origin]}`
  const tones = { exact: 'good', kept: 'good', lossy: 'careful', none: 'bad' } as const
  return voice.paint(tones[kind], text)
}

function proofCell({ proof }: PlannedMigration, { words, paint }: Voice): string {
  const { proven, unproven, proofParts } = words.plan
  const missing = [
    ...(proof.order === 'shadow' ? [] : [proofParts.order]),
    ...(proof.effects === 'shadow' ? [] : [proofParts.effects]),
    ...(proof.inverse === 'shadow' ? [] : [proofParts.inverse]),
  ]
  return missing.length === 0
    ? paint('good', `✓ ${proven}`)
    : paint('careful', `${unproven}: ${missing.join(', ')}`)
}

type Describing = { readonly voice: Voice; readonly printing: PlanPrinting }

function describe(
  migration: PlannedMigration,
  { live }: MigrationPlan,
  { voice, printing: { details } }: Describing,
): string {
  const { labels, loss } = voice.words.plan
  const kept = (live?.backupNeeded ?? []).filter((need) => need.migration === migration.id)
  const rows: readonly (readonly [string, readonly string[]])[] = [
    [labels.why, migration.why === '' ? [] : [migration.why]],
    [labels.makes, titlesOf(migration.makes)],
    [labels.alters, titlesOf(migration.alters)],
    [labels.drops, titlesOf(migration.drops)],
    [
      labels.locks,
      details ? [] : locksOf(migration).map(({ relation, mode }) => `${mode} ${relation}`),
    ],
    [labels.rewrites, rewritesOf(migration)],
    [labels.losses, migration.losses.map(({ kind, object }) => `${loss[kind]} ${object}`)],
    [labels.keeps, kept.map(({ kind, object }) => `${loss[kind]} ${object}`)],
    [labels.inverse, inverseWords(migration)],
    [labels.byHand, refusedByHand(migration)],
  ]
  const shown = rows.filter(([, items]) => items.length > 0)
  const width = Math.max(0, ...shown.map(([label]) => label.length))
  const lines = shown.flatMap(([label, items]) => factLines(label.padEnd(width), items, voice))
  const head = voice.paint('strong', migration.file)
  return [
    head,
    ...lines,
    ...rewrittenLines(migration, voice),
    ...(details ? migration.statements.flatMap((one) => statementLines(one, voice)) : []),
  ].join('\n')
}

function inverseWords({ inverse }: PlannedMigration): string[] {
  if (inverse.kind === 'none') return inverse.because === undefined ? [] : [inverse.because]
  const [first, ...others] = inverse.statements.map((text) => text.replaceAll(/\s+/g, ' '))
  if (first === undefined) return []
  return [others.length === 0 ? shorten(first, 100) : `${shorten(first, 100)} (+${others.length})`]
}

/** Why the way back beside the file is not the one that is offered. */
const refusedByHand = ({ inverse }: PlannedMigration): string[] =>
  inverse.kind === 'none' || inverse.because === undefined ? [] : [inverse.because]

function factLines(label: string, items: readonly string[], { paint, width }: Voice): string[] {
  if (items.length === 0) return []
  const indent = ' '.repeat(label.length + 4)
  const lines = wrapList(items, Math.max(40, width - indent.length))
  return lines.map((line, index) =>
    index === 0 ? `  ${paint('quiet', label)}  ${line}` : `${indent}${line}`,
  )
}

function statementLines(statement: PlannedStatement, voice: Voice): string[] {
  const { labels } = voice.words.plan
  const { paint } = voice
  const facts: readonly (readonly [string, readonly string[]])[] = [
    [labels.locks, statement.locks.map(({ relation, mode }) => `${mode} ${relation}`)],
    [labels.rewrites, statement.rewrites],
    [labels.rebuilds, statement.rebuilds],
    [labels.scans, statement.scans],
  ]
  const head = `  ${paint('quiet', `${statement.no}.`)} ${shorten(statement.text, voice.width - 8)}`
  const noOp = statement.isNoOp ? [`     ${paint('careful', labels.noOp)}`] : []
  return [
    head,
    ...facts.flatMap(([label, items]) => factLines(`   ${label}`, items, voice)),
    ...noOp,
  ]
}

/** Who would keep the plan waiting at this moment. */
function blockersText({ live }: MigrationPlan, { words, paint }: Voice): string {
  const blockers = live?.blockers ?? []
  if (blockers.length === 0) return ''
  const lines = blockers.map((one) => `  ${blockerName(one)}: ${one.relations.join(', ')}`)
  return [paint('careful', words.doctor.blockers), ...lines].join('\n')
}

/** What runs in the place of statements that would stop an application. */
function rewrittenLines({ rewritten }: PlannedMigration, { words, paint }: Voice): string[] {
  return rewritten.flatMap(({ statementNo, to }) => [
    `  ${paint('quiet', words.plan.instead(statementNo))}`,
    ...to.map((text) => `    ${text.replaceAll(/\s+/g, ' ')};`),
  ])
}

function proposalText({ proposal }: MigrationPlan, { words, paint }: Voice): string {
  if (proposal === undefined) return ''
  const lines = Object.entries(proposal.after).map(
    ([id, after]) =>
      `  ${id}.sql: ${paint('name', `-- after: ${after.length === 0 ? 'none' : after.join(', ')}`)}`,
  )
  return [words.plan.proposal, ...lines].join('\n')
}
