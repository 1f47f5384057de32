import type { MigrationAnalysis } from '../analyse/analysis.ts'
import { conflictBetween } from '../order/conflict.ts'

/**
 * Tells why a migration needs an earlier one, from what the files say and do. That a file has the
 * next number is no reason.
 *
 * @returns for a pair of ids the reason, and undefined where there is none or a file is missing
 */
export function dependenciesOf(
  analyses: readonly MigrationAnalysis[],
): (later: string, earlier: string) => string | undefined {
  const known = new Map(analyses.map((analysis) => [analysis.id, analysis]))
  return (later, earlier) => {
    const [one, other] = [known.get(later), known.get(earlier)]
    if (one === undefined || other === undefined) return undefined
    if (one.header.after?.includes(earlier) === true) return 'its header says that it runs after it'
    const rowsCommute = one.header.commutes === true || other.header.commutes === true
    const conflict = conflictBetween(other, one, { rowsCommute })
    return conflict === undefined ? undefined : `both touch ${conflict.key}`
  }
}
