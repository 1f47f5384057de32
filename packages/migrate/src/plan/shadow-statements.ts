import type { AnalysedStatement, MigrationAnalysis } from '../analyse/analysis.ts'
import { nameOfKey, partsOfName } from '../analyse/keys.ts'
import type { ShadowStatement } from '../shadow/replay.ts'

/** The statements of a file as the shadow replays them, in the transactions of the executor. */
export function shadowStatements({
  statements,
}: Pick<MigrationAnalysis, 'statements'>): ShadowStatement[] {
  return statements.map((statement) => ({
    text: statement.text,
    txClass: statement.txClass,
    endsGroup: statement.boundary?.usedBy !== undefined,
    dataWrites: tablesWritten(statement),
  }))
}

/** What these do to rows is their purpose, and not what comes with a change of the schema. */
const writers = new Set([
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
  'MergeStmt',
  'CopyStmt',
  'DoStmt',
  'CallStmt',
  'SelectStmt',
])

/** Whether it is there for rows, rather than for the schema. */
export const isForRows = (kind: string): boolean => writers.has(kind)

/** Tables whose rows a statement writes, qualified and quoted, as far as its text tells. */
export function tablesWritten({
  kind,
  dataWrites,
}: Pick<AnalysedStatement, 'kind' | 'dataWrites'>): string[] {
  if (!isForRows(kind)) return []
  const rows = [...dataWrites].filter((key) => key.startsWith('d:') && !key.endsWith('*'))
  // With a column there are three parts; with one part it is a sequence that somebody sets.
  return rows.map(nameOfKey).filter((name) => partsOfName(name).length === 2)
}
