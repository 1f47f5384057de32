import { neutralSpelling } from '../catalog/neutral-spelling.ts'
import type { Query } from '../catalog/query.ts'

/**
 * Under these every value has one spelling that gives the same value back, on every server, whatever
 * the role or the database says.
 */
const settings = {
  ...neutralSpelling,
  lc_monetary: 'C',
  xmloption: 'content',
  // Hidden rows would be missing from the backup; with this the server says so instead.
  row_security: 'off',
  statement_timeout: '0',
  idle_in_transaction_session_timeout: '0',
} as const

const entries = Object.entries(settings)

/** Sets them until the end of the transaction, in one statement. */
export const spellingSql = `select ${entries
  .map(([name, value]) => `pg_catalog.set_config('${name}', '${value}', true)`)
  .join(', ')}`

/** Runs work of the open transaction under the settings of a backup, and puts the former ones back. */
export async function withSpelling<Result>(
  query: Query,
  work: () => Promise<Result>,
): Promise<Result> {
  const { rows } = await query(
    `select ${entries.map(([name], at) => `current_setting('${name}') as s${at}`).join(', ')}`,
  )
  await setAll(
    query,
    entries.map(([, value]) => value),
  )
  try {
    return await work()
  } finally {
    // In a transaction that has failed nothing can be set, and its end undoes the settings.
    await setAll(
      query,
      entries.map((_, at) => String(rows[0]?.[`s${at}`])),
    ).catch(() => undefined)
  }
}

async function setAll(query: Query, values: readonly string[]): Promise<void> {
  const calls = entries.map(([name], at) => `set_config('${name}', $${at + 1}, true)`)
  await query(`select ${calls.join(', ')}`, values)
}
