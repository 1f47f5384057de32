import { rm } from 'node:fs/promises'
import { openBackup } from '../backup/open-backup.ts'
import type { BackupManifest } from '../backup/manifest.ts'
import { withSpelling } from '../backup/pinned-settings.ts'
import type { Facts } from '../catalog/fact.ts'
import type { Query } from '../catalog/query.ts'
import { readFacts } from '../catalog/read-facts.ts'
import type { HookResult } from '../execute/migration.ts'
import { type Objection, objectTo } from '../objection.ts'
import { consolidateReasons as reasons } from './consolidate-reasons.ts'
import { crosswalkColumns, crosswalkEntry, deriveRollback, openFacts } from './derive-rollback.ts'
import { touchedBy } from './layout.ts'
import { type ConsolidationPlan, planInside } from './plan.ts'
import { proveRollback } from './prove-rollback.ts'
import { writeRollback } from './rollback-script.ts'
import { crosswalkOf } from './value-sql.ts'

export type HookOptions = {
  readonly plan: ConsolidationPlan
  readonly backupDirectory: string
  readonly ledgerSchema: string | undefined
  /** Location of the backup of everything; undefined where none was made. */
  readonly fullBackup: string | undefined
  /** Stores the way back, in the transaction of the consolidation. */
  readonly storeRollback: (query: Query, script: string) => Promise<void>
  readonly freeBytes?: ((directory: string) => Promise<number>) | undefined
}

/** What one try of a consolidation knows after it has been begun. */
type Begun = {
  readonly before: Facts
  readonly location: string
  readonly manifest: BackupManifest
}

/**
 * What surrounds the statements of a consolidation in their transaction. `before` locks, looks again
 * and keeps everything that is touched; `verify` finds the way back and tries it. A refusal of
 * either takes everything back.
 */
export function createHooks(options: HookOptions) {
  let begun: Begun | undefined
  const forget = async () => {
    if (begun !== undefined) await rm(begun.location, { recursive: true, force: true })
    begun = undefined
  }
  return {
    /** Removes the backup of a try that has changed nothing. */
    forget,
    /** The backup of the last try. */
    location: () => begun?.location,
    async before(query: Query): Promise<HookResult> {
      // The try before this one was taken back, or nobody would begin again.
      await forget()
      const result = await begin(query, options)
      if ('objections' in result) return { kind: 'refused', objections: result.objections }
      begun = result
      return { kind: 'fine', backupLocation: result.location }
    },
    async verify(query: Query): Promise<HookResult> {
      if (begun === undefined) throw new Error('a consolidation ends that was not begun')
      const objection = await prove(query, options, begun)
      return objection === undefined
        ? { kind: 'fine' }
        : { kind: 'refused', objections: [objection] }
    },
  }
}

async function begin(
  query: Query,
  options: HookOptions,
): Promise<Begun | { readonly objections: readonly Objection[] }> {
  const { plan, ledgerSchema } = options
  const [lock = '', ...crosswalks] = plan.opening
  await query(lock)
  const now = await planInside(query, plan.spec)
  if (now.kind === 'refused') return now
  if (now.plan.sql !== plan.sql)
    return { objections: [objectTo(reasons.changedMeanwhile, { migration: plan.spec.name })] }
  await withSpelling(query, async () => {
    for (const text of crosswalks) await query(text)
  })
  const before = await readFacts(query, openFacts(ledgerSchema))
  const kept = await keep(query, options)
  return 'objections' in kept ? kept : { before, ...kept }
}

async function keep(
  query: Query,
  { plan, backupDirectory, fullBackup, freeBytes }: HookOptions,
): Promise<Omit<Begun, 'before'> | { readonly objections: readonly Objection[] }> {
  const { layout, spec } = plan
  const opened = await openBackup({
    query,
    directory: backupDirectory,
    migration: spec.name,
    transaction: 'open',
    proof: 'rows',
    notes: { spec, ...(fullBackup === undefined ? {} : { fullBackup }) },
    ...(freeBytes === undefined ? {} : { freeBytes }),
  })
  if (opened.kind === 'refused') return opened
  const { backup } = opened
  const parts = [
    ...touchedBy(layout).map((table) => ({ kind: 'table', table }) as const),
    ...layout.targets.flatMap((target) =>
      target.sources.map((source) => {
        const columns = crosswalkColumns(source, target)
        return {
          kind: 'rows',
          name: crosswalkEntry(source),
          sql: `select ${columns.map(({ name }) => name).join(', ')} from ${crosswalkOf(source, target).table}`,
          columns,
        } as const
      }),
    ),
  ]
  try {
    for (const part of parts) {
      const objection = await backup.add(part)
      if (objection === undefined) continue
      await backup.abandon()
      return { objections: [objection] }
    }
  } catch (error) {
    await backup.abandon()
    throw error
  }
  const done = await backup.finish()
  return done.kind === 'refused' ? done : { location: done.location, manifest: done.manifest }
}

async function prove(
  query: Query,
  { plan, ledgerSchema, storeRollback }: HookOptions,
  { before, location, manifest }: Begun,
): Promise<Objection | undefined> {
  const { layout, spec } = plan
  const place = { migration: spec.name }
  const derived = await deriveRollback({ query, layout, before, ledgerSchema })
  if (derived.kind === 'not-found')
    return objectTo(reasons.notProven, place, { detail: derived.because })
  const { rollback } = derived
  const proof = await proveRollback({ query, location, manifest, rollback, before, ledgerSchema })
  if (proof.kind === 'different')
    return objectTo(reasons.notProven, place, { detail: proof.because })
  await storeRollback(query, writeRollback({ ...rollback, stamps: proof.stamps }))
  return undefined
}
