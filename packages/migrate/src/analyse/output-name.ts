import type { ColumnRef as ColumnNode, FuncCall, Node, SubLink, TypeCast } from 'libpg-query'
import { strings } from './resolve.ts'

type Names = Readonly<Record<string, (content: never) => string>>
const fixedNames: Readonly<Record<string, string>> = {
  CaseExpr: 'case',
  CoalesceExpr: 'coalesce',
  A_ArrayExpr: 'array',
  RowExpr: 'row',
  XmlExpr: 'xml',
  GroupingFunc: 'grouping',
}

/** How PostgreSQL names a result column without AS (FigureColname of its parser). */
const derivedNames: Names = {
  ColumnRef: ({ fields }: ColumnNode) => strings(fields).at(-1) ?? '?column?',
  FuncCall: ({ funcname }: FuncCall) => strings(funcname).at(-1) ?? '?column?',
  TypeCast: ({ arg, typeName }: TypeCast) => {
    const name = outputName(arg)
    return name === '?column?' ? (strings(typeName?.names).at(-1) ?? name) : name
  },
  CollateClause: ({ arg }: { arg?: Node }) => outputName(arg),
  A_Indirection: ({ arg, indirection }: { arg?: Node; indirection?: Node[] }) =>
    strings(indirection).at(-1) ?? outputName(arg),
  MinMaxExpr: ({ op }: { op?: string }) => (op === 'IS_GREATEST' ? 'greatest' : 'least'),
  SQLValueFunction: ({ op = '' }: { op?: string }) =>
    op.replace('SVFOP_', '').replace(/_N$/, '').toLowerCase(),
  SubLink: (link: SubLink) => subLinkName(link),
}

function subLinkName({ subLinkType, subselect }: SubLink): string {
  if (subLinkType === 'EXISTS_SUBLINK') return 'exists'
  if (subLinkType === 'ARRAY_SUBLINK') return 'array'
  if (subLinkType !== 'EXPR_SUBLINK' || subselect === undefined || !('SelectStmt' in subselect))
    return '?column?'
  const [first] = subselect.SelectStmt.targetList ?? []
  if (first === undefined || !('ResTarget' in first)) return '?column?'
  return first.ResTarget.name ?? outputName(first.ResTarget.val)
}

export function outputName(node: Node | undefined): string {
  const [tag = '', content] = Object.entries(node ?? {})[0] ?? []
  const derive = derivedNames[tag] as ((value: unknown) => string) | undefined
  if (derive !== undefined) return derive(content)
  return fixedNames[tag] ?? '?column?'
}
