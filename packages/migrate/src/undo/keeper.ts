import { rm } from 'node:fs/promises'
import { openBackup, type OpenedBackup } from '../backup/open-backup.ts'
import { withSpelling } from '../backup/pinned-settings.ts'
import type { Query } from '../catalog/query.ts'
import type { HookResult, Keeper, PreparedMigration, StatementRange } from '../execute/migration.ts'
import { lossesWithPlans, type InverseLoss } from '../inverse/pre-image.ts'
import { ledgerNames } from '../ledger/ledger-names.ts'
import { objectTo } from '../objection.ts'
import type { ElaboratedMigration, ProvenInverse } from '../plan/elaboration.ts'
import { isForRows } from '../plan/shadow-statements.ts'
import {
  allTableOids,
  beginCapture,
  type Capture,
  endCapture,
  imageColumns,
  imagesSql,
  lockText,
  tablesAfter,
  unseenTables,
} from './capture.ts'
import { addAfterImages, addPreImages, type KeptPart, placePlans } from './keep-pre-images.ts'
import { type Kept, notesOf } from './kept.ts'
import { changesColumns, type Due, plansDue } from './plans-of-group.ts'
import { rollbackScriptOf } from './rollback-script.ts'
import { stampsOf } from './stamps.ts'
import { undoReasons } from './undo-reasons.ts'
import { withoutForce } from './without-force.ts'

/** What the plan knows about a migration, and where its data is kept. */
export type KeepOptions = {
  /** Id of the migration. */
  readonly migration: string
  readonly elaborated: Pick<
    ElaboratedMigration,
    'before' | 'after' | 'observations' | 'inverse' | 'prefixes' | 'analysis'
  >
  /** Where backups lie; made where it is missing. Undefined: no data is kept. */
  readonly directory?: string | undefined
  readonly ledgerSchema?: string | undefined
  /** Whether rows that are inserted, changed and removed are kept; default true. */
  readonly rowImages?: boolean
  /** As for `openBackup`. */
  readonly proof?: 'files' | 'rows'
  readonly engineVersion?: string
}

/** What a prepared migration gets so that it can be taken back, with its data. */
export type Keeping = Pick<PreparedMigration, 'rollbackScript' | 'rollbackAfter' | 'keep'>

/**
 * Keeps what a migration destroys: before the statements of each of its transactions, under a lock
 * that no row can slip past, and in that transaction. What stands in the ledger afterwards is enough
 * to go back without the files.
 */
export function keepingOf(options: KeepOptions): Keeping {
  const { elaborated } = options
  const script = scriptOf(elaborated.inverse)
  return {
    ...(script === undefined ? {} : { rollbackScript: script }),
    rollbackAfter: (no) => scriptOf(elaborated.prefixes.get(no), no),
    ...(hasSomethingToKeep(options) ? { keep: createKeeper(options) } : {}),
  }
}

/** Most migrations destroy nothing, and pay nothing. */
function hasSomethingToKeep(options: KeepOptions): boolean {
  if (options.directory === undefined) return false
  const isKept = lossesOf(options).some(({ preImage }) => preImage !== undefined)
  return isKept || mayHoldRows(options.elaborated)
}

function scriptOf(inverse: ProvenInverse | undefined, upTo?: number): string | undefined {
  if (inverse === undefined || inverse.kind === 'none') return undefined
  return rollbackScriptOf(inverse, upTo === undefined ? {} : { upTo })
}

/** What a transaction at hand has begun to keep. */
type Begun = {
  readonly backup: OpenedBackup
  readonly parts: readonly KeptPart[]
  readonly capture: Capture | undefined
  readonly existing: ReadonlySet<string>
  readonly rows: Extract<Kept, { kind: 'rows' }>['plans']
  readonly previous: string | undefined
}

function createKeeper(options: KeepOptions): Keeper {
  const { elaborated, migration } = options
  const losses = lossesOf(options)
  let begun: Begun | undefined
  let finished: { readonly location: string; readonly first: number } | undefined
  let whole: string | undefined
  /** A transaction that is tried again has not committed what it kept. */
  const forget = async ({ first }: StatementRange) => {
    await begun?.backup.abandon()
    begun = undefined
    if (finished?.first !== first) return
    await rm(finished.location, { recursive: true, force: true }).catch(() => undefined)
    finished = undefined
  }
  return {
    async begin(query, range) {
      await forget(range)
      const { observations, before } = elaborated
      const due = plansDue({ losses, observations, before }, range)
      if (due.length === 0) return { kind: 'fine' }
      return withSpelling(query, async () => {
        const started = await start(query, { options, range, due })
        if (started.kind === 'begun') begun = started
        return started.kind === 'begun' ? { kind: 'fine' } : started
      })
    },
    async end(query, range, { isLast }) {
      return withSpelling(query, async () => {
        const ended = begun === undefined ? undefined : await end(query, begun, range)
        if (ended?.kind === 'refused') return ended
        begun = undefined
        if (ended !== undefined) finished = { location: ended.location, first: range.first }
        const rollbackScript = await scriptAfter(query, options, { range, isLast })
        // Nobody else could write yet into what this transaction has made.
        if (isLastTransaction(options, range) && !isLast)
          whole = await scriptAfter(query, options, { range, isLast: true })
        return {
          kind: 'fine',
          ...(ended === undefined ? {} : { backupLocation: ended.location }),
          ...(rollbackScript === undefined ? {} : { rollbackScript }),
        }
      })
    },
    whole: () => whole,
  }

  async function end(query: Query, state: Begun, { first, last }: StatementRange) {
    const { backup, parts, capture, existing, rows, previous } = state
    const kept = await addAfterImages(query, backup, parts)
    if ('objection' in kept) return { kind: 'refused', objections: [kept.objection] } as const
    if (capture !== undefined) {
      const images = await exportImages(query, backup, { capture, existing, rows })
      if ('objection' in images) return { kind: 'refused', objections: [images.objection] } as const
      kept.push(images)
    }
    backup.note(notesOf({ first, last, kept, ...(previous === undefined ? {} : { previous }) }))
    const done = await backup.finish()
    if (done.kind === 'refused') return done
    return { kind: 'kept', location: done.location, migration } as const
  }
}

/** Whether what is left cannot be in any transaction. */
function isLastTransaction({ elaborated }: KeepOptions, { last }: StatementRange): boolean {
  return elaborated.analysis.statements.every(
    ({ no, txClass }) => no <= last || txClass === 'alone',
  )
}

/** @returns undefined where the ledger has the right one already */
async function scriptAfter(
  query: Query,
  { elaborated }: KeepOptions,
  { range, isLast }: { readonly range: StatementRange; readonly isLast: boolean },
): Promise<string | undefined> {
  const { inverse } = elaborated
  if (!isLast) return scriptOf(elaborated.prefixes.get(range.last), range.last)
  if (inverse.kind === 'none') return undefined
  const stamps = mayHoldRows(elaborated) ? await stampsOf(query, inverse.discards) : []
  return stamps.length === 0 && range.first === 1
    ? undefined
    : rollbackScriptOf(inverse, { stamps })
}

/** Whether what the inverse removes can hold something when the migration ends. */
function mayHoldRows({ analysis, inverse, after }: KeepOptions['elaborated']): boolean {
  if (inverse.kind === 'none' || inverse.discards.length === 0) return false
  if (analysis.statements.some(({ kind }) => isForRows(kind) || kind === 'CreateTableAsStmt'))
    return true
  const columns = new Set(
    inverse.discards.flatMap(({ kind, object }) => (kind === 'column' ? [`column ${object}`] : [])),
  )
  return after.rows.some(
    ({ key, values }) =>
      columns.has(key) &&
      (values['identity'] !== undefined || JSON.stringify(values['default'] ?? '').includes('(')),
  )
}

/** Where no inverse was found, the plan still says what goes. */
function lossesOf({ elaborated, directory, rowImages = true }: KeepOptions): InverseLoss[] {
  if (directory === undefined) return []
  const { inverse, observations, before, after } = elaborated
  const losses =
    inverse.kind === 'none'
      ? lossesWithPlans(
          observations.flatMap((one) => one.losses),
          before,
          after,
        )
      : inverse.losses
  return losses.filter(({ preImage }) => rowImages || preImage?.kind !== 'rows')
}

type Starting = {
  readonly options: KeepOptions
  readonly range: StatementRange
  readonly due: readonly Due[]
}

type Started = (Begun & { readonly kind: 'begun' }) | Extract<HookResult, { kind: 'refused' }>

async function start(query: Query, { options, range, due }: Starting): Promise<Started> {
  const { migration, elaborated } = options
  const { rows } = await query(`select current_setting('transaction_isolation') as level`)
  const level = String(rows[0]?.['level'])
  if (level !== 'read committed')
    return {
      kind: 'refused',
      objections: [objectTo(undoReasons.isolation, { migration }, { detail: level })],
    }
  const placed = await placePlans(query, due)
  if (placed.length > 0) await query(lockText(placed.map(({ relation }) => relation.name)))
  const previous = range.first === 1 ? undefined : await previousLocation(query, options)
  const opened = await openBackup({ query, ...backupOptionsOf(options) })
  if (opened.kind === 'refused') return opened
  const { backup } = opened
  try {
    const sequences = due.filter(({ plan }) => plan.kind === 'sequence')
    const locked = placed.map(({ relation }) => relation.name)
    const parts = await withoutForce(query, locked, () =>
      addPreImages(query, backup, { placed, sequences }),
    )
    if ('objection' in parts) {
      await backup.abandon()
      return { kind: 'refused', objections: [parts.objection] }
    }
    const watched = placed.flatMap(({ plan, relation }) =>
      plan.kind === 'rows' ? [{ plan, name: relation.name }] : [],
    )
    const names = watched.map(({ name }) => name)
    const careful = changesColumns(elaborated.observations, range)
    const capture = names.length === 0 ? undefined : await beginCapture(query, { names, careful })
    return {
      kind: 'begun',
      backup,
      parts,
      capture,
      existing: await allTableOids(query),
      rows: watched.map(({ plan }) => plan),
      previous,
    }
  } catch (error) {
    await backup.abandon()
    throw error
  }
}

function backupOptionsOf({ migration, directory, proof, engineVersion }: KeepOptions) {
  return {
    directory: directory ?? '',
    migration,
    transaction: 'open',
    ...(proof === undefined ? {} : { proof }),
    ...(engineVersion === undefined ? {} : { engineVersion }),
  } as const
}

/** An earlier transaction of the same attempt may have kept something, too. */
async function previousLocation(
  query: Query,
  { migration, ledgerSchema }: KeepOptions,
): Promise<string | undefined> {
  const { migrations } = ledgerNames(ledgerSchema)
  const { rows } = await query(
    `select backup_location as place from ${migrations} where migration_name = $1`,
    [migration],
  )
  const place = rows[0]?.['place']
  return typeof place === 'string' ? place : undefined
}

async function exportImages(
  query: Query,
  backup: OpenedBackup,
  { capture, existing, rows }: { capture: Capture } & Pick<Begun, 'existing' | 'rows'>,
): Promise<Kept | { readonly objection: NonNullable<Awaited<ReturnType<OpenedBackup['add']>>> }> {
  const after = await tablesAfter(query, capture)
  const unseen = await unseenTables(query, capture, { existedBefore: existing })
  const entry = 'row images'
  if (capture.tables.length > 0) {
    const objection = await backup.add({
      kind: 'rows',
      name: entry,
      sql: imagesSql,
      columns: imageColumns,
      key: ['seq'],
    })
    if (objection !== undefined) return { objection }
  }
  await endCapture(query, capture, after)
  return {
    kind: 'rows',
    plans: rows,
    entry,
    tables: capture.tables,
    after: Object.fromEntries(after),
    unseen,
  }
}
