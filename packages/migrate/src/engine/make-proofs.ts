import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fingerprintOf } from '../catalog/fingerprint.ts'
import type { Objection } from '../objection.ts'
import type { TargetFacts } from '../plan/target.ts'
import { pgliteMajor } from '../shadow/elaborator.ts'
import { makePlan, type MadePlan } from './make-plan.ts'
import type { MigratorOptions } from './migrator-options.ts'
import { hashInputs, type ProvenMigration, type Proofs } from './proofs.ts'
import type { LedgerState } from './read-database.ts'
import { readFiles } from './read-files.ts'
import { withSquashes } from './with-squashes.ts'

/** The proofs of a directory, or everything that stands against them. */
export type MadeProofs =
  | { readonly kind: 'proven'; readonly proofs: Proofs }
  | { readonly kind: 'refused'; readonly objections: readonly Objection[] }

/** An empty database, as the first start of an installation finds it. */
const emptyTarget: TargetFacts = {
  major: pgliteMajor,
  extensions: ['plpgsql'],
  roles: [],
  role: 'owner_of_the_schema',
  searchPath: '"$user", public',
  timeZone: 'UTC',
  canCreateDatabase: false,
}

const noLedger: LedgerState = { shape: 'absent', rows: [], ran: [], objections: [] }

/**
 * Proves all migrations of a directory on an empty database, for the build to keep beside them. No
 * server is needed. What production would refuse is refused here.
 *
 * @throws the error of `node:fs` when the directory cannot be read
 */
export async function makeProofs(
  options: Pick<MigratorOptions, 'directory' | 'headers' | 'imageDirectory'>,
): Promise<MadeProofs> {
  const { files, ledger } = withSquashes(await readFiles(options), noLedger)
  const unreachable = () => Promise.reject(new Error('a proof needs no database'))
  const { plan, elaboration, migrations } = await makePlan({
    options: { ...options, target: { open: unreachable }, appVersion: '' },
    files,
    database: {
      target: emptyTarget,
      ledger,
      live: undefined,
    },
    run: { contract: true },
  })
  if (plan.kind === 'refused') return { kind: 'refused', objections: plan.objections }
  const empty = elaboration?.expected
  if (empty === undefined) return { kind: 'refused', objections: plan.warnings }
  const proofs: Proofs = {
    version: 1,
    inputs: hashInputs(await textsOf(options.directory)),
    major: pgliteMajor,
    empty: fingerprintOf(empty).structure,
    migrations: await Promise.all(migrations.map(provenMigration)),
  }
  return { kind: 'proven', proofs }
}

async function textsOf(directory: string) {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql'))
  return Promise.all(
    names.map(async (name) => ({ name, text: await readFile(join(directory, name), 'utf8') })),
  )
}

async function provenMigration({
  name,
  formerChecksums = [],
  prepare,
}: MadePlan['migrations'][number]): Promise<ProvenMigration> {
  const { type, statements, checksum, rawSha256, parents, fingerprint, rollbackScript, ...rest } =
    await prepare()
  const { destructive, resume } = rest
  const file = `${name}.sql`
  const prepared = {
    type,
    statements,
    checksum,
    ...(rawSha256 === undefined ? {} : { rawSha256 }),
    ...(parents === undefined ? {} : { parents }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(rollbackScript === undefined ? {} : { rollbackScript }),
    ...(destructive === undefined ? {} : { destructive }),
    ...(resume === undefined ? {} : { resume }),
  }
  return { id: name, file, formerChecksum: formerChecksums[0] ?? '', prepared }
}
