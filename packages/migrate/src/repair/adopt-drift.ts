import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { analyseHistory } from '../analyse/analyse.ts'
import { compareFacts } from '../catalog/compare-facts.ts'
import type { Facts } from '../catalog/fact.ts'
import { fingerprintOf } from '../catalog/fingerprint.ts'
import { readFacts } from '../catalog/read-facts.ts'
import { describeFailure } from '../execute/failure.ts'
import { type LeaseOptions, resultOf, runUnderLease } from '../execute/run-under-lease.ts'
import { type Failure, type Work, writeFenced } from '../execute/work.ts'
import { literal } from '../ledger/ledger-names.ts'
import { objectTo, type Objection } from '../objection.ts'
import { elaborate, type ElaborateOptions, pathOf } from '../plan/elaborate.ts'
import type { ElaboratedMigration } from '../plan/elaboration.ts'
import { checksumOf } from '../text/checksum.ts'
import { sourcesOf } from '../text/directory.ts'
import { rollbackScriptOf } from '../undo/rollback-script.ts'
import { repairReasons } from './repair-reasons.ts'

export type AdoptDriftOptions = LeaseOptions & {
  /** What has run and where it can be tried. */
  readonly trial: Omit<ElaborateOptions, 'pending' | 'live'>
  /** What the database holds. */
  readonly live: Facts
  /** Where the file goes. */
  readonly directory: string
  /** Of the file, which must be the last of all. */
  readonly id: string
  /** One sentence for its header. */
  readonly why: string
}

export type AdoptDriftResult =
  /** The file is written, and the ledger of this database says that it has run. */
  | { readonly kind: 'adopted'; readonly file: string; readonly text: string }
  /** The database is what its migrations declare. */
  | { readonly kind: 'nothing-to-do' }
  | { readonly kind: 'refused'; readonly objections: readonly Objection[] }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'waiting-timed-out' | 'stopped' }

/**
 * Writes a migration that makes of what is declared what is there, and lets the ledger of this
 * database say that it has run. It was tried first: what has run, then the file, gives this catalog.
 * Other databases run it like every file.
 */
export async function adoptDrift(options: AdoptDriftOptions): Promise<AdoptDriftResult> {
  const found = await statementsFor(options)
  if ('kind' in found) return found
  const text = fileText(options.why, found.statements)
  const tried = await tryFile(options, text)
  if ('kind' in tried) return tried
  const file = join(options.directory, `${options.id}.sql`)
  await writeFile(file, text, { flag: 'wx' })
  const stopped = await record(options, tried)
  if (stopped !== undefined) await rm(file, { force: true })
  return stopped ?? { kind: 'adopted', file, text }
}

function fileText(why: string, statements: readonly string[]): string {
  const destroys = statements.some((text) => /\bdrop (?:table|column)\b/i.test(text))
  const header = [`-- why: ${why}`, ...(destroys ? ['-- destructive: yes'] : [])]
  return [...header, '', ...statements.map((text) => `${text};`), ''].join('\n')
}

const refused = (...objections: readonly Objection[]) => ({ kind: 'refused', objections }) as const

/** What makes the shadow, which holds what is declared, the same as the database. */
async function statementsFor({
  trial,
  live,
}: AdoptDriftOptions): Promise<{ readonly statements: readonly string[] } | AdoptDriftResult> {
  const { shadow, start, objections } = await elaborate({ ...trial, live, pending: [] })
  if (shadow.kind === 'none')
    return refused(objectTo(repairReasons.notAdoptable, place, { detail: shadow.because }))
  if (start === undefined) return refused(...objections)
  if (start.kind === 'declared') return { kind: 'nothing-to-do' }
  if (start.kind === 'live') return { statements: start.statements }
  return refused(objectTo(repairReasons.notAdoptable, place, { detail: start.left.join(', ') }))
}

const place = { migration: '' }
const meanwhile = 'it was changed meanwhile'

async function tryFile(
  { trial, live, id }: AdoptDriftOptions,
  text: string,
): Promise<ElaboratedMigration | AdoptDriftResult> {
  const { parser, completed, target } = trial
  const read = sourcesOf([{ name: `${id}.sql`, bytes: Buffer.from(text) }])
  const sources = [...completed.map(({ source }) => source), ...read.sources]
  const analysis = analyseHistory(sources, { parser, searchPath: pathOf(target) }).at(-1)
  const [source] = read.sources
  if (source === undefined || analysis === undefined) return refused(...read.objections)
  const checksum = checksumOf(source, parser)
  const { migrations, objections } = await elaborate({
    ...trial,
    pending: [{ source, checksum, analysis }],
  })
  const [tried] = migrations
  if (tried === undefined) return refused(...objections)
  const { differences } = await compareFacts(tried.after, live)
  const left = differences.filter(({ kind }) => ['missing', 'extra', 'changed'].includes(kind))
  if (left.length === 0) return tried
  const detail = left.map(({ key }) => key).join(', ')
  return refused(objectTo(repairReasons.notAdoptable, place, { detail }))
}

/** @returns undefined when it is written */
async function record(
  options: AdoptDriftOptions,
  tried: ElaboratedMigration,
): Promise<AdoptDriftResult | undefined> {
  const ended = await runUnderLease<AdoptDriftResult | undefined>(options, {
    names: [tried.source.id],
    isUpToDate: async () => false,
    run: async (work) => {
      const { ledgerSchema } = options
      const now = await readFacts(
        work.session.rows,
        ledgerSchema === undefined ? {} : { ledgerSchema },
      )
      if (fingerprintOf(now).structure !== fingerprintOf(options.live).structure)
        return refused(objectTo(repairReasons.notAdoptable, place, { detail: meanwhile }))
      const written = await writeFenced(work, [recordText(work, options, tried)])
      if (written.kind === 'done') return undefined
      if (written.kind === 'fenced') return { kind: 'interrupted', error: undefined }
      const failure = describeFailure({ error: written.error, statement: undefined })
      return { kind: 'failed', failure }
    },
    progress: () => 0,
  })
  return resultOf(ended)
}

function recordText(
  { writer: { ledger } }: Work,
  { appVersion }: AdoptDriftOptions,
  { source, checksum, analysis, inverse, fingerprints }: ElaboratedMigration,
): string {
  const values = [
    source.id,
    checksum,
    source.rawSha256,
    fingerprints.at(-1),
    inverse.kind === 'none' ? undefined : rollbackScriptOf(inverse),
    appVersion,
  ].map((value) => literal(value))
  const count = analysis.statements.length
  return `insert into ${ledger.migrations} (migration_name, checksum, raw_sha256, fingerprint,
      rollback_script, app_version, migration_type, status, completed_at, origin, statements_total,
      statements_done)
    values (${values.join(', ')}, 'schema_change', 'completed', clock_timestamp(), 'drift', ${count},
      ${count})`
}
