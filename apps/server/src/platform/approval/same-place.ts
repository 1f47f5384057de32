import { OutsideError } from '../errors/outside-error.ts'

/**
 * What was approved for one server is neither sent to another nor looked for there: what is absent
 * there proves nothing here.
 *
 * @param approved base URL in the target of the approval
 * @param present base URL of the connection that would be used
 * @throws OutsideError `operation.other-place`, as not done: it waits for a decision
 */
export function requireSamePlace(approved: string, present: string): void {
  if (approved === present) return
  throw new OutsideError('not-done', {
    code: 'operation.other-place',
    facts: { approved, present },
  })
}
