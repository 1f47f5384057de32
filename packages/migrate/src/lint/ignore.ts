import type { MigrationAnalysis } from '../analyse/analysis.ts'
import { isLintRule, type LintRuleId } from './lint-rules.ts'

/** A line `-- lint-ignore: rule[, rule] reason`. */
export type Ignore = {
  readonly rules: readonly LintRuleId[]
  /** `''` where it is missing, and the line has no effect. */
  readonly reason: string
  readonly line: number
  /** The statement that it stands above; undefined: the whole file. */
  readonly statementNo: number | undefined
}

/**
 * Reads the lines that accept findings. In the comment lines at the very top of a file they are
 * about the whole file, directly above a statement about that statement.
 */
export function readIgnores(
  text: string,
  statements: MigrationAnalysis['statements'],
): readonly Ignore[] {
  const lines = text.split('\n')
  const headerEnd = lines.findIndex((line) => !line.startsWith('--'))
  return lines.flatMap((line, index): Ignore[] => {
    const match = /^\s*--\s*lint-ignore:\s*(.*?)\s*$/.exec(line)
    if (match === null) return []
    const inHeader = headerEnd === -1 || index < headerEnd
    const next = statements.find((statement) => statement.line > index + 1)
    if (!inHeader && insideStatement(index + 1, statements)) return []
    const statementNo = inHeader ? undefined : next?.no
    return [{ ...readIgnore(match[1] ?? ''), line: index + 1, statementNo }]
  })
}

function readIgnore(text: string): Pick<Ignore, 'rules' | 'reason'> {
  const match = /^([a-z][a-z-]*(?:\s*,\s*[a-z][a-z-]*)*)\s*(.*)$/.exec(text)
  const names = (match?.[1] ?? '').split(',').map((name) => name.trim())
  if (!names.every(isLintRule)) return { rules: [], reason: '' }
  return { rules: names, reason: match?.[2] ?? '' }
}

/** A comment within a statement, or a line of a string that looks like one. */
function insideStatement(line: number, statements: MigrationAnalysis['statements']): boolean {
  return statements.some(
    (statement) =>
      statement.line < line && line < statement.line + statement.text.split('\n').length,
  )
}
