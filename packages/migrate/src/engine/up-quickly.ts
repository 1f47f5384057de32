import { join } from 'node:path'
import { createCatalogReader } from '../catalog/catalog-reader.ts'
import { fingerprintOf } from '../catalog/fingerprint.ts'
import type { Query } from '../catalog/query.ts'
import { readFacts } from '../catalog/read-facts.ts'
import { execute, type ExecuteResult } from '../execute/execute.ts'
import type { HookResult, Migration } from '../execute/migration.ts'
import { isSingle } from '../execute/lock.ts'
import type { Session } from '../execute/session.ts'
import { ledgerNames } from '../ledger/ledger-names.ts'
import { objectTo } from '../objection.ts'
import { engineReasons } from './engine-reasons.ts'
import type { MigratorOptions } from './migrator-options.ts'
import { chainOfProofs, type ProvenMigration, type Proofs, readProofs } from './proofs.ts'
import { readLedgerState } from './read-database.ts'

/**
 * Fills an empty database with what the build has proven. Nothing is parsed and nothing is tried.
 *
 * @returns undefined where a plan has to be made instead
 */
export async function fillEmpty(
  session: Session,
  options: MigratorOptions,
): Promise<ExecuteResult | undefined> {
  const proofs = await readProofs(options.directory)
  if (proofs === undefined || !(await isEmptyLike(session, options, proofs))) return undefined
  // In PGlite everybody shares one session, which the executor needs now.
  if (await isSingle(session)) await session.close()
  return execute({
    target: options.target,
    migrations: proofs.migrations.map((one, index) =>
      migrationOf(one, {
        options,
        isLast: index === proofs.migrations.length - 1,
      }),
    ),
    chain: chainOfProofs(proofs),
    appVersion: options.appVersion,
    ledgerSchema: options.ledgerSchema,
    searchPath: options.searchPath,
    role: options.role,
    limits: options.limits,
    onEvent: options.onEvent,
    signal: options.signal,
  })
}

/** Whether the database holds what the proof began on, and nobody has begun before. */
async function isEmptyLike(
  session: Session,
  { ledgerSchema }: MigratorOptions,
  proofs: Proofs,
): Promise<boolean> {
  const { version } = await session.facts()
  if (Math.floor(version / 10_000) !== proofs.major) return false
  const ids = proofs.migrations.map(({ id }) => id)
  const ledger = await readLedgerState(session.query, ledgerNames(ledgerSchema), ids)
  const hasBegun = ledger.rows.some(({ status }) => status !== 'pending')
  if (ledger.objections.length > 0 || hasBegun) return false
  const live = await readFacts(session.rows, ledgerSchema === undefined ? {} : { ledgerSchema })
  return fingerprintOf(live).structure === proofs.empty
}

type Filling = { readonly options: MigratorOptions; readonly isLast: boolean }

function migrationOf(
  { id, file, prepared, formerChecksum }: ProvenMigration,
  { options, isLast }: Filling,
): Migration {
  const path = join(options.directory, file)
  const { ledgerSchema } = options
  return {
    name: id,
    checksum: prepared.checksum,
    formerChecksums: [formerChecksum],
    prepare: async () => ({
      ...prepared,
      file: path,
      ...(isLast
        ? { verify: (query: Query) => verifyAll(query, { id, path, prepared, ledgerSchema }) }
        : {}),
    }),
  }
}

type Verifying = Pick<ProvenMigration, 'id' | 'prepared'> & {
  readonly path: string
  readonly ledgerSchema: string | undefined
}

/** The last one answers for all: the schema is what the build has seen, or nothing of it commits. */
async function verifyAll(
  query: Query,
  { id, path, prepared, ledgerSchema }: Verifying,
): Promise<HookResult> {
  const reader = createCatalogReader(query, ledgerSchema === undefined ? {} : { ledgerSchema })
  const now = fingerprintOf(await reader.readAll({ transaction: 'open' })).structure
  if (now === prepared.fingerprint) return { kind: 'fine' }
  const place = { migration: id, file: path }
  const detail = `the fingerprint is ${now.slice(0, 12)} and not ${prepared.fingerprint?.slice(0, 12) ?? 'known'}`
  return {
    kind: 'refused',
    objections: [objectTo(engineReasons.otherThanTried, place, { detail })],
  }
}
