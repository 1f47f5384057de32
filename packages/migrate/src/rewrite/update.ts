import type { UpdateStmt } from 'libpg-query'
import { quoteName } from '../catalog/identifier.ts'
import type { Parser } from '../text/parser.ts'
import { isPlainTable, primaryKeyOf, type Rewritable, type Step } from './rewritable.ts'

/**
 * An UPDATE of many rows, in pieces along the primary key. Only where each row's new values depend on
 * nothing but the row, so that pieces give what the whole gives.
 */
export function updateRows(rewritable: Rewritable, parser: Parser): readonly Step[] | undefined {
  const { scene, statement } = rewritable
  const { node, table } = scene
  if (!('UpdateStmt' in node) || !isOfManyRows(rewritable, node.UpdateStmt)) return undefined
  const key = primaryKeyOf(rewritable, table)
  const changed = new Set(targetsOf(node.UpdateStmt).map(quoteName))
  if (key === undefined || key.some(({ column }) => changed.has(column))) return undefined
  const { text } = statement
  const cut = cutAtWhere(text, parser)
  const before =
    cut === undefined ? `${text}\nwhere ` : `${text.slice(0, cut)} (${text.slice(cut)}\n) and `
  const { alias, relname = '' } = node.UpdateStmt.relation ?? {}
  const called = quoteName(alias?.aliasname ?? relname)
  return [{ text, txClass: 'alone', batch: { table, alias: called, key, before, after: '' } }]
}

function isOfManyRows(rewritable: Rewritable, update: UpdateStmt): boolean {
  const { scene, facts } = rewritable
  const { table, scans } = scene
  if (!scene.existedTable(table) || !isPlainTable(rewritable, table)) return false
  return scans.includes(table) && isRowByRow(update, [...facts.keys()])
}

function targetsOf({ targetList = [] }: UpdateStmt): string[] {
  return targetList.flatMap((target) =>
    'ResTarget' in target ? [target.ResTarget.name ?? ''] : [],
  )
}

/** Functions of the application may look at other rows; those of PostgreSQL do not. */
function isRowByRow(statement: UpdateStmt, keys: readonly string[]): boolean {
  const { fromClause = [], withClause, returningClause, targetList, whereClause } = statement
  if ([withClause, returningClause].some(Boolean) || fromClause.length > 0) return false
  const text = JSON.stringify([targetList, whereClause])
  if (/"(SubLink|CurrentOfExpr|MultiAssignRef)"/.test(text)) return false
  const called = [...text.matchAll(/"funcname":(\[.*?\])/g)].flatMap(([, names = '']) =>
    [...names.matchAll(/"sval":"([^"]*)"/g)].map(([, name = '']) => name),
  )
  const own = keys.filter((key) => key.startsWith('function '))
  return !called.some((name) => own.some((key) => key.includes(`.${quoteName(name)}(`)))
}

/** Index behind the WHERE that stands in no parentheses; undefined where there is none. */
function cutAtWhere(text: string, parser: Parser): number | undefined {
  let depth = 0
  for (const token of parser.scan(text)) {
    if (token.text === '(') depth += 1
    if (token.text === ')') depth -= 1
    if (depth === 0 && token.text.toLowerCase() === 'where' && token.keywordName !== 'NO_KEYWORD')
      return Buffer.from(text).subarray(0, token.end).toString().length
  }
  return undefined
}
