import { loadParser } from '../text/parser.ts'
import { blocksOf, isSmall, type Sizes } from './blocks.ts'
import { changeChecks } from './change-checks.ts'
import type { Draft } from './draft.ts'
import type { LintFinding, LintLevel, LintSentences, TableSize } from './finding.ts'
import { habitChecks } from './habit-checks.ts'
import { readIgnores, type Ignore } from './ignore.ts'
import { lintRules, type LintRule } from './lint-rules.ts'
import { lockChecks, manyTables } from './lock-checks.ts'
import { scenesOf, type LintedMigration, type Scene, type StandsAlone } from './scene.ts'

/** What is to be looked at; an `Elaboration` is one. */
export type LintInput = { readonly migrations: readonly LintedMigration[] }

export type LintOptions = {
  /** Sizes of the target's tables: durations are estimated, and what is small is only told. */
  readonly tables?: readonly TableSize[]
  /** Whether all files run as with `online: yes`; default: those whose header says so. */
  readonly online?: boolean
  /** Whether changed rows are kept for the way back, as for `rewriteSafely`. */
  readonly keepsRows?: boolean
  /** Also gives what a `-- lint-ignore` line accepts, with its reason; default false. */
  readonly withIgnored?: boolean
}

/**
 * Says what pending migrations would do to an application that goes on running: who waits and for
 * how long, what is lost, what the running version would miss. Only what was there before the first
 * of them counts: a table that they make themselves locks nobody.
 *
 * @returns in the order of the files and their statements
 * @example
 * ```ts
 * const findings = await lint(elaboration, { tables: preflight.tables })
 * ```
 */
export async function lint(
  { migrations }: LintInput,
  { tables = [], withIgnored = false, ...running }: LintOptions = {},
): Promise<readonly LintFinding[]> {
  const parser = await loadParser()
  const sizes: Sizes = new Map(tables.map((size) => [size.table, size]))
  const found = new Map<LintedMigration, LintFinding[]>()
  const isRewritten = await rewrittenIn(migrations, running)
  for (const scene of scenesOf(migrations, parser, isRewritten)) {
    const drafts = [lockChecks, manyTables, changeChecks, habitChecks]
      .flatMap((check) => check(scene))
      .filter(({ rule }) => !solved.has(rule) || !isRewritten(scene.migration, scene.statement))
    const own = found.get(scene.migration) ?? []
    own.push(...drafts.map((draft) => findingOf(draft, { scene, sizes })))
    found.set(scene.migration, own)
  }
  const all = migrations.flatMap((migration) =>
    withIgnores(migration, [...headerFindings(migration), ...(found.get(migration) ?? [])]),
  )
  return withIgnored ? all : all.filter(({ ignored }) => ignored === undefined)
}

/** What does not happen any more when safe steps run instead of a statement. */
const solved: ReadonlySet<string> = new Set([
  'volatile-default',
  'index-not-concurrent',
  'drop-index-not-concurrent',
  'foreign-key-validates',
  'check-validates',
  'not-null-scans',
  'unique-builds-index',
  'partition-of',
  'large-update',
  'work-under-lock',
  'many-tables-locked',
])

/** Which statements will not run as they stand there. */
async function rewrittenIn(
  migrations: readonly LintedMigration[],
  { online = false, keepsRows = false }: Pick<LintOptions, 'online' | 'keepsRows'>,
): Promise<StandsAlone> {
  const isOnline = ({ source }: LintedMigration) => online || source.header.online
  if (!migrations.some(isOnline)) return () => false
  const { rewriteSafely } = await import('../rewrite/rewrite.ts')
  const rewrites = await rewriteSafely(migrations, {
    major: migrations[0]?.before?.major ?? 18,
    keepsRows,
  })
  return (migration, { no }) =>
    isOnline(migration) &&
    rewrites.get(migration.source.id)?.rewritten.some(({ statementNo }) => statementNo === no) ===
      true
}

type Context = { readonly scene: Scene; readonly sizes: Sizes }

function findingOf(draft: Draft, { scene, sizes }: Context): LintFinding {
  const { migration, statement, observation, locks } = scene
  const { rule, object, effort } = draft
  return {
    ...wordsOf(draft, sizes),
    rule,
    level: levelFor(draft, sizes),
    migration: migration.source.id,
    file: migration.source.file,
    statementNo: statement.no,
    line: statement.line,
    column: statement.column,
    object,
    locks: effort === undefined ? [] : locks,
    certainty: observation === undefined ? 'derived' : 'measured',
    ignored: undefined,
  }
}

/** What is over at once, because the tables are known to be small, is only told. */
function levelFor({ rule, level, effort }: Draft, sizes: Sizes): LintLevel {
  if (effort !== undefined && isSmall(effort, sizes)) return 'info'
  return level ?? lintRules[rule].level
}

function wordsOf(
  { rule, object, facts = {}, hebrewFacts = {}, effort }: Draft,
  sizes: Sizes,
): LintSentences & { readonly hebrew: LintSentences } {
  const { en, he }: LintRule = lintRules[rule]
  const known = object === undefined ? facts : { object, ...facts }
  const blocks = effort === undefined ? undefined : blocksOf(effort, sizes)
  return {
    ...filled(en, known),
    ...(blocks === undefined ? {} : { blocks: blocks.en }),
    hebrew: {
      ...filled(he, { ...known, ...hebrewFacts }),
      ...(blocks === undefined ? {} : { blocks: blocks.he }),
    },
  }
}

function filled({ because, remedy }: LintRule['en'], facts: Draft['facts'] = {}) {
  const fill = (text: string) =>
    text.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(facts[name] ?? '…'))
  return { because: fill(because), remedy: fill(remedy) }
}

function headerFindings(migration: LintedMigration): LintFinding[] {
  return migration.source.header.why === ''
    ? [fileFinding(migration, { rule: 'missing-why' }, 1)]
    : []
}

function fileFinding({ source }: LintedMigration, draft: Draft, line: number): LintFinding {
  return {
    ...wordsOf(draft, new Map()),
    rule: draft.rule,
    level: lintRules[draft.rule].level,
    migration: source.id,
    file: source.file,
    statementNo: undefined,
    line,
    column: 1,
    object: draft.object,
    locks: [],
    certainty: 'measured',
    ignored: undefined,
  }
}

function withIgnores(
  migration: LintedMigration,
  findings: readonly LintFinding[],
): readonly LintFinding[] {
  const ignores = readIgnores(migration.source.text, migration.analysis.statements)
  const marked = findings.map((finding) => {
    const ignore = ignores.find((one) => accepts(one, finding))
    return ignore === undefined ? finding : { ...finding, ignored: ignore.reason }
  })
  return [...marked, ...ignores.flatMap((ignore) => complaints(migration, ignore, findings))]
}

function accepts({ rules, reason, statementNo }: Ignore, finding: LintFinding): boolean {
  if (reason === '' || !rules.includes(finding.rule)) return false
  return statementNo === undefined || statementNo === finding.statementNo
}

function complaints(
  migration: LintedMigration,
  ignore: Ignore,
  findings: readonly LintFinding[],
): LintFinding[] {
  if (ignore.reason === '')
    return [fileFinding(migration, { rule: 'ignore-without-reason' }, ignore.line)]
  const unused = ignore.rules.filter(
    (rule) => !findings.some((finding) => accepts({ ...ignore, rules: [rule] }, finding)),
  )
  return unused.map((rule) =>
    fileFinding(migration, { rule: 'ignore-unused', facts: { ignoredRule: rule } }, ignore.line),
  )
}
