import { setTimeout as sleep } from 'node:timers/promises'
import type { Readiness } from '@studioops/contracts/health'
import type { Objection, UpResult } from '@studioops/migrate'
import type { Log } from '../log/log.ts'
import { type DatabaseServer, isDatabaseUnavailable } from './database.ts'
import { sentencesOf } from './migrate-database.ts'
import {
  isUpToDate,
  listPending,
  UpgradeEnded,
  type UpgradeOptions,
  upgradeSchema,
} from './schema-upgrade.ts'
import { createUpgradeProgress, pendingReadiness } from './upgrade-progress.ts'

export type Preparing = Pick<
  UpgradeOptions,
  'migrations' | 'policy' | 'appVersion' | 'fullBackup'
> & {
  /** `up` upgrades, `check` waits until somebody has, `off` does not look. */
  readonly mode: 'up' | 'check' | 'off'
  readonly directory: string
  readonly shadowUrl: string | undefined
  /** What the probes and the page say meanwhile. */
  readonly report: (readiness: Readiness) => void
  /** A sentence for whoever sits at the terminal. */
  readonly tell: (sentence: string) => void
  readonly log: Log
  /** Resolves when the product is to stop. */
  readonly stopped: Promise<unknown>
  /** How often to look whether somebody has removed what stands in the way; default 5,000. */
  readonly recheckMs?: number
}

/**
 * Sees to it that the schema is that of this version before anything is served. What cannot be
 * upgraded is shown on the page and by the probes, with what to do, until somebody has done it.
 *
 * A server that cannot be reached is asked again and again.
 *
 * @returns false where the product was stopped before that
 * @throws what is no matter of the database
 */
export async function prepareSchema(
  server: DatabaseServer,
  preparing: Preparing,
): Promise<boolean> {
  if (preparing.mode === 'off') return true
  const stopping = new AbortController()
  void preparing.stopped.then(() => stopping.abort())
  const options = optionsOf(preparing, stopping.signal)
  const prepare = preparing.mode === 'check' ? waitForOthers : upgrade
  let ended = 0
  for (;;) {
    try {
      return await prepare(server, preparing, options)
    } catch (error) {
      if (error instanceof UpgradeEnded) ended += 1
      if (!isPassing(error) || ended > endedMax) throw error
      tellOfLoss(preparing, error)
      await sleep(preparing.recheckMs ?? 5_000, undefined, { signal: options.signal }).catch(
        () => undefined,
      )
      if (stopping.signal.aborted) return false
    }
  }
}

/** So often the process that upgrades may be killed before somebody has to look. */
const endedMax = 3

const isPassing = (error: unknown) => error instanceof UpgradeEnded || isDatabaseUnavailable(error)

function tellOfLoss({ report, tell, log }: Preparing, error: unknown): void {
  if (error instanceof UpgradeEnded) {
    log.warn({ err: error }, 'upgrade of the database taken up again')
    return
  }
  log.warn({ err: error }, 'database away before the upgrade')
  report({ status: 'fail', reason: 'database' })
  tell('The database cannot be reached yet; it is tried again by itself.')
}

type Options = UpgradeOptions & { readonly signal: AbortSignal }

function optionsOf(
  { appVersion, policy, migrations, directory, fullBackup, shadowUrl }: Preparing,
  signal: AbortSignal,
): Options {
  return { appVersion, policy, migrations, directory, fullBackup, shadowUrl, signal }
}

async function upgrade(
  server: DatabaseServer,
  preparing: Preparing,
  options: Options,
): Promise<boolean> {
  const { report, tell, log } = preparing
  const progress = createUpgradeProgress()
  let hasTold = false
  const result = await upgradeSchema(server, {
    ...options,
    onEvent(event) {
      const shown = progress.after(event)
      if (shown !== undefined) report(shown)
      if (event.type === 'backing-up') tell('Copying the database before the upgrade…')
      if (event.type === 'database-backed-up')
        log.info({ location: event.location }, 'database copied and verified')
      if (event.type === 'backed-up') {
        const { migration, location } = event
        log.info({ migration, location }, 'database backup kept and verified')
      }
      if (event.type === 'planned' && event.migrations.length > 1 && !hasTold) {
        hasTold = true
        tell(`Preparing the database (${event.migrations.length} steps)…`)
      }
    },
  })
  logResult(log, result)
  if (result.kind === 'done' || result.kind === 'nothing-to-do') return true
  if (result.kind === 'stopped') return false
  report(progress.stopped(result))
  for (const sentence of sentencesOf(result)) tell(sentence)
  tell(
    'Nothing is served until this is solved. The page says the same; this goes on by itself then.',
  )
  return waitUntilUpToDate(server, options, preparing.recheckMs)
}

async function waitForOthers(
  server: DatabaseServer,
  preparing: Preparing,
  options: Options,
): Promise<boolean> {
  const { report, tell } = preparing
  if (await isUpToDate(server, options)) return true
  const pending = await listPending(server, options)
  const readiness = pendingReadiness(pending)
  report(readiness)
  for (const { en } of readiness.obstacles ?? []) tell(`${en.message} ${en.remedy}`)
  return waitUntilUpToDate(server, options, preparing.recheckMs)
}

/** Asks again and again; a database that is away for a moment is asked again, too. */
async function waitUntilUpToDate(
  server: DatabaseServer,
  options: Options,
  recheckMs = 5_000,
): Promise<boolean> {
  const { signal } = options
  for (;;) {
    await sleep(recheckMs, undefined, { signal }).catch(() => undefined)
    if (signal.aborted) return false
    if (await isUpToDate(server, options).catch(() => false)) return true
  }
}

function logResult(log: Log, result: UpResult): void {
  switch (result.kind) {
    case 'done':
      log.info({ migrations: result.applied }, 'database upgraded')
      for (const warning of result.warnings) log.warn(factsOf(warning), 'database upgrade warns')
      return
    case 'refused':
      for (const objection of result.objections)
        log.error(factsOf(objection), 'database upgrade refused')
      return
    case 'failed': {
      const { migration, statementNo, error, remedy } = result
      const { sqlstate, message } = error
      const facts = { migration, statement_no: statementNo, sqlstate, because: message, remedy }
      log.error(facts, 'database upgrade failed')
      return
    }
    case 'waiting-timed-out':
      log.error({ holder: result.waiting.holder?.host }, 'database upgrade waited too long')
      return
    case 'nothing-to-do':
    case 'stopped':
      return
  }
}

const factsOf = ({ code, migration, object, because, remedy }: Objection) => ({
  code,
  migration,
  object,
  because,
  remedy,
})
