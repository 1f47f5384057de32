import { loadParser } from '../text/parser.ts'
import { splitStatements } from '../text/statements.ts'
import { readRollbackScript, type RollbackScript } from './rollback-script.ts'

/**
 * What the ledger keeps as a way back. SQL that a person or another version has written is taken as
 * it is; what holds no statement is no way back.
 */
export async function scriptOfRow(text: string | undefined): Promise<RollbackScript | undefined> {
  if (text === undefined) return undefined
  const script = readRollbackScript(text)
  if (script !== undefined) return script
  const split = splitStatements({ id: '', file: 'rollback_script', text }, await loadParser())
  if (split.kind === 'refused' || split.statements.length === 0) return undefined
  return {
    kind: 'exact',
    origin: 'hand',
    steps: split.statements.map((statement) => ({ kind: 'sql', text: statement.text })),
    losses: [],
    discards: [],
    stamps: [],
  }
}
