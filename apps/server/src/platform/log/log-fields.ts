/** Every field that a line may have. A new one is added here, where somebody looks at what it holds. */
export const logFields: ReadonlySet<string> = new Set([
  'err',
  'x_request_id',
  'trace_id',
  'span_id',
  'user_id',
  'route',
  'status',
  'duration_ms',
  'outcome',
  'code',
  'reason',
  'port',
  'version',
  'audit_hash',
  'audit_sequence',
  'certainty',
  'changed',
  'events',
  'external_key',
  'holder',
  'location',
  'migration',
  'migrations',
  'new_user_id',
  'operation_id',
  'people',
  'present_key',
  'problems',
  'resumed',
  'role',
  'rows',
  'run_id',
  'session_family',
  'statement_no',
  'sqlstate',
  'because',
  'remedy',
  'object',
  'swept',
  'system',
  'wanted_key',
])

/** What is not listed is named, and its value stays out. */
export function listedFields(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      logFields.has(name) ? value : '[not listed]',
    ]),
  )
}
