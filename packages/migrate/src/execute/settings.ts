import pg from 'pg'
import { literal } from '../ledger/ledger-names.ts'
import type { SessionFacts } from './session.ts'

/** What every file finds when it begins, whatever the one before it has set. */
export type SessionSettings = {
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string
  /** As in `SET search_path`, such as `app, public`; default: what the role has. */
  readonly searchPath?: string | undefined
  /** Every object is made as this role; default: the one that connected. */
  readonly role?: string | undefined
  readonly facts: SessionFacts
  /** Whether the server can notice in the middle of a statement that its client has died. */
  readonly checksClient: boolean
}

/**
 * Statements that make a session like new. `DISCARD ALL` would do more than that: it gives advisory
 * locks back.
 */
export function freshSessionTexts(
  settings: SessionSettings,
  { keepsTemporary = false }: { readonly keepsTemporary?: boolean } = {},
): string[] {
  const { searchPath, role, facts, checksClient } = settings
  const values: Readonly<Record<string, string | undefined>> = {
    application_name: settings.applicationName,
    statement_timeout: '0',
    idle_in_transaction_session_timeout: '0',
    transaction_timeout: facts.version >= 170_000 ? '0' : undefined,
    client_connection_check_interval: checksClient ? '2s' : undefined,
    client_min_messages: 'notice',
    check_function_bodies: 'on',
    default_transaction_isolation: 'read committed',
    row_security: 'off',
    search_path: searchPath,
  }
  const known = Object.entries(values).filter((entry) => entry[1] !== undefined)
  const sets = known.map(([name, value]) => `set_config('${name}', ${literal(value)}, false)`)
  return [
    'reset session authorization',
    'reset all',
    'close all',
    'deallocate all',
    ...(keepsTemporary ? [] : ['discard temp']),
    `select ${sets.join(', ')}`,
    ...(role === undefined ? [] : [`set role ${pg.escapeIdentifier(role)}`]),
  ]
}

/** Until the transaction ends, the role is the one that owns the ledger. */
export function ownRoleTexts({ role }: Pick<SessionSettings, 'role'>): string[] {
  return [
    'set local session authorization default',
    `set local role ${role === undefined ? 'none' : pg.escapeIdentifier(role)}`,
  ]
}

/** Makes the end of a transaction ours, whatever the file has set; only until it commits. */
export function ownTailTexts(settings: Pick<SessionSettings, 'role'>): string[] {
  return [
    // What the file has deferred fails here, with the file's own settings.
    'set constraints all immediate',
    ...ownRoleTexts(settings),
    'set local search_path = pg_catalog',
  ]
}

/** Gives a session that others go on using back as it was. */
export const restoredSessionTexts: readonly string[] = [
  'reset session authorization',
  'reset all',
  'discard temp',
]
