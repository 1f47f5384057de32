import { groupStatements } from '../execute/groups.ts'
import type { Objection } from '../objection.ts'
import type { PendingMigration } from '../plan/elaborate.ts'

/** What the executor would refuse about transactions that files begin and end themselves. */
export function objectToTransactions(pending: readonly PendingMigration[]): Objection[] {
  return pending.flatMap(({ source: { id, file }, analysis }) => {
    const statements = analysis.statements.map(({ no, text, txClass, line, column }) => ({
      no,
      text,
      txClass,
      line,
      column,
    }))
    const grouping = groupStatements({ statements, file }, { name: id })
    return grouping.kind === 'refused' ? grouping.objections : []
  })
}
