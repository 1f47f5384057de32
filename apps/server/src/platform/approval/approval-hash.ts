import { createHash } from 'node:crypto'

/** What leaves, and where to; JSON values only. */
export type Approvable = {
  readonly kind: string
  readonly target: unknown
  readonly payload: unknown
}

/**
 * What an approval approves: exactly this payload, for this target (D-25). The order of members
 * does not count: PostgreSQL keeps none.
 */
export function approvalHash({ kind, target, payload }: Approvable): string {
  const text = JSON.stringify([kind, target, payload], (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  )
  return createHash('sha256').update(text).digest('base64url')
}
