import type { Objection, UpResult } from '@studioops/migrate'
import pg from 'pg'
import type { DatabaseServer } from './database.ts'
import { upgradeSchema, type UpgradeOptions } from './schema-upgrade.ts'

/** The schema does not fit this version of the product; the message says what to do. */
export class MigrationRefused extends Error {
  override readonly name = 'MigrationRefused'
  readonly result: UpResult

  constructor(result: UpResult) {
    super(sentencesOf(result).join('\n'))
    this.result = result
  }
}

type MigrateOptions = Omit<UpgradeOptions, 'policy'> & Partial<Pick<UpgradeOptions, 'policy'>>

/**
 * Brings the schema to this version, and lets the roles of the run-time in.
 *
 * @returns ids of what ran now
 * @throws MigrationRefused, or the driver's error when the server cannot be reached
 */
export async function migrateDatabase(
  server: DatabaseServer,
  options: MigrateOptions,
): Promise<readonly string[]> {
  const result = await upgradeSchema(server, { policy: 'production', ...options })
  if (result.kind !== 'done' && result.kind !== 'nothing-to-do') throw new MigrationRefused(result)
  await letRolesIn(server)
  return result.kind === 'done' ? result.applied : []
}

/** Gives the run-time roles of our own database their logins; does nothing elsewhere. */
export async function letRolesIn({ target, roles, pool }: DatabaseServer): Promise<void> {
  if (roles !== 'own-logins' || pool !== undefined) return
  const client = new pg.Client({ ...target, connectionTimeoutMillis: 5_000 })
  await client.connect()
  try {
    const { password } = target
    const secret = password === undefined ? '' : `password ${client.escapeLiteral(password)}`
    for (const role of ['studioops_app', 'studioops_maintenance'])
      // oxlint-disable-next-line house/bans -- utility statements take no parameters; both parts are ours
      await client.query(`alter role ${role} login ${secret}`)
  } finally {
    await client.end()
  }
}

/** What stands in the way and what to do, one sentence or two each. */
export function sentencesOf(result: UpResult): string[] {
  switch (result.kind) {
    case 'refused':
      return result.objections.map(sentenceOf)
    case 'failed': {
      const { migration, error, remedy, statementNo } = result
      const where = statementNo === undefined ? '' : ` in statement ${statementNo}`
      return [
        `${migration === '' ? 'The connection' : `Migration ${migration}`} failed${where}: ${error.message}. ${remedy}`,
      ]
    }
    case 'waiting-timed-out': {
      const { holder } = result.waiting
      return [
        `Another server${holder === undefined ? '' : ` (${holder.host})`} has been upgrading the database for too long.`,
      ]
    }
    case 'stopped':
      return ['The upgrade was stopped; the next start goes on where it was.']
    case 'done':
    case 'nothing-to-do':
      return []
  }
}

function sentenceOf({ file, line, column, because, remedy }: Objection): string {
  const place = [file, line, column].filter((part) => part !== undefined).join(':')
  return `${place === '' ? '' : `${place}: `}${because} ${remedy}`
}
