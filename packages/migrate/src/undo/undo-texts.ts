import { literal } from '../ledger/ledger-names.ts'
import type { Attempt, Writer } from '../ledger/ledger-writes.ts'

/** The statements of an attempt, or its first ones, have no effect any more. */
export function undoneText(
  { ledger, token, backend }: Writer,
  { migrationId, attempt }: Attempt,
  upTo?: number,
): string {
  const limit = upTo === undefined ? '' : ` and statement_no <= ${upTo}`
  return `update ${ledger.statements} set state = 'undone', finished_at = clock_timestamp(),
      token = ${literal(token)}, backend_pid = ${backend.pid}, backend_start = ${literal(backend.start)}
    where migration_id = ${literal(migrationId)} and attempt = ${attempt}
      and statement_no > 0${limit} and state = 'done'`
}

/** The migration is taken back; why data was given up for it stays known. */
export function rolledBackText(
  { ledger }: Writer,
  { migrationId }: Attempt,
  acceptedLoss: string | undefined,
): string {
  const detail = acceptedLoss === undefined ? undefined : { accepted_loss: acceptedLoss }
  return `update ${ledger.migrations} set status = 'rolled_back', completed_at = null,
      statements_done = 0, error_message = null, failed_statement = null,
      error_detail = ${detail === undefined ? 'null::jsonb' : `${literal(JSON.stringify(detail))}::jsonb`}
    where id = ${literal(migrationId)}`
}

/** Its way back has begun and needs more than one transaction. */
export function undoBegunText(
  { ledger }: Writer,
  { migrationId }: Attempt,
  acceptedLoss: string | undefined,
): string {
  const detail = acceptedLoss === undefined ? {} : { accepted_loss: acceptedLoss }
  return `update ${ledger.migrations} set status = 'in_progress', completed_at = null,
      error_detail = ${literal(JSON.stringify(detail))}::jsonb
    where id = ${literal(migrationId)}`
}

/** What had been committed before the failure is taken back; the cause stays as it is. */
export function failedAndUndoneText(
  { ledger }: Writer,
  { migrationId }: Attempt,
  count: number,
): string {
  const detail = { rolled_back: `rolled back statements 1…${count}` }
  return `update ${ledger.migrations} set status = 'failed', statements_done = 0,
      error_detail = coalesce(error_detail, '{}') || ${literal(JSON.stringify(detail))}::jsonb
    where id = ${literal(migrationId)}`
}
