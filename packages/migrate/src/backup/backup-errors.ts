import { type Objection, type Place, objectTo } from '../objection.ts'
import { readServerError } from '../shadow/server-error.ts'
import { backupReasons } from './backup-reasons.ts'

const networkCodes = new Set(['ECONNRESET', 'EPIPE', 'ECONNREFUSED', 'ETIMEDOUT', 'ENOTFOUND'])

/** The code of an error of the file system, such as `ENOSPC`; undefined for any other error. */
export function fileErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return undefined
  const { code } = error
  return typeof code === 'string' && !networkCodes.has(code) ? code : undefined
}

/** What was at hand when an error came. */
export type Failing = Place & {
  /** Directory that was written. */
  readonly place: string
}

/**
 * The refusal for an error of the file system or of the server.
 *
 * @returns undefined for a lost connection and for mistakes of ours, which are not to be hidden
 */
export function objectionFor(error: unknown, { place, ...about }: Failing): Objection | undefined {
  const code = fileErrorCode(error)
  if (code === 'ENOSPC' || code === 'EDQUOT') return objectTo(backupReasons.full, about, { place })
  if (code !== undefined)
    return objectTo(backupReasons.unwritable, about, { place, detail: messageOf(error) })
  const said = readServerError(error)
  if (said === undefined || /^(08|57P)/.test(said.sqlstate)) return undefined
  const { message: detail, sqlstate } = said
  return objectTo(backupReasons.unreadable, about, { detail, sqlstate })
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
