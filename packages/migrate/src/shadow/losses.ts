import { nameOf, type Fact } from '../catalog/fact.ts'
import type { FactsDiff } from '../catalog/fingerprint.ts'

/** Data that a statement destroys, or may destroy, once there are rows. */
export type DataLoss = {
  readonly kind:
    /** The table and its rows are gone. */
    | 'table'
    /** The column and its values are gone. */
    | 'column'
    /** Values were converted, which may not be reversible. */
    | 'retyped-column'
    /** Rows were inserted, changed or removed. */
    | 'rows'
    /** The counter is gone. */
    | 'sequence'
    /** A label is gone, and rows cannot hold it any longer. */
    | 'enum-label'
  /** Qualified and quoted, as it was before. */
  readonly object: string
  /** Table that holds the data, qualified and quoted; absent for sequences and enums. */
  readonly table?: string
  /** Of that table in the database that was looked at; renames keep it. */
  readonly oid?: number
  /** Number of the column in that table. */
  readonly attnum?: number
  /** A retyped column whose values come from an expression rather than from a plain cast. */
  readonly isComputed?: boolean
}

/** What the difference of two catalogs says about data. Renames lose nothing. */
export function lossesOf({ removed, added, changed }: FactsDiff): DataLoss[] {
  const survives = new Set([...added, ...changed.map(({ after }) => after)].map(placeOf))
  const gone = removed.filter((fact) => !survives.has(placeOf(fact)))
  const goneTables = new Set(gone.filter(isTable).map(({ address }) => address.oid))
  return [
    ...gone.filter(isTable).map((fact) => lossOf('table', fact)),
    ...gone
      .filter((fact) => isStoredColumn(fact) && !goneTables.has(fact.address.oid))
      .map((fact) => lossOf('column', fact)),
    ...gone.filter(({ kind }) => kind === 'sequence').map((fact) => lossOf('sequence', fact)),
    ...retyped({ removed, added, changed }),
    ...changed.flatMap(({ before, after }) => lostLabels(before, after)),
  ]
}

/** The same object keeps its OID when it is renamed or moved. */
function placeOf({ address, kind }: Fact): string {
  return `${kind} ${address.catalog} ${address.oid} ${address.column}`
}

function isTable({ kind, values }: Fact): boolean {
  return kind === 'table' && values['form'] !== 'foreign'
}

/** Views compute their columns, and so do generated ones: nothing is kept there to be lost. */
function isStoredColumn({ kind, values }: Fact): boolean {
  return kind === 'column' && values['of'] === undefined && values['generated'] === undefined
}

function lossOf(kind: DataLoss['kind'], fact: Fact): DataLoss {
  const object = nameOf(fact)
  if (kind === 'table') return { kind, object, table: object, oid: fact.address.oid }
  if (kind === 'sequence' || kind === 'enum-label') return { kind, object }
  const { oid, column: attnum } = fact.address
  return { kind, object, table: tableOf(object), oid, attnum }
}

/** The name without its last part, which may be quoted and hold dots. */
function tableOf(column: string): string {
  return column.replace(/\.(?:"(?:[^"]|"")*"|[^".]*)$/, '')
}

function retyped({ removed, added, changed }: FactsDiff): DataLoss[] {
  const byPlace = new Map(added.map((fact) => [placeOf(fact), fact]))
  const moved = removed.flatMap((before) => {
    const after = byPlace.get(placeOf(before))
    return after === undefined ? [] : [{ before, after }]
  })
  // A column whose type got another name has the type that it had.
  const renamed = new Map(
    moved.map(({ before, after }) => [nameOf(before), nameOf(after)] as const),
  )
  const typeOf = ({ values: { type } }: Fact) => (typeof type === 'string' ? type : '')
  const isSame = (before: string, after: string) => {
    const bare = before.replace(/(\[\])+$/, '')
    return before === after || `${renamed.get(bare) ?? bare}${before.slice(bare.length)}` === after
  }
  return [...changed, ...moved].flatMap(({ before, after }) =>
    isStoredColumn(before) && !isSame(typeOf(before), typeOf(after))
      ? [lossOf('retyped-column', before)]
      : [],
  )
}

function lostLabels(before: Fact, after: Fact): DataLoss[] {
  const labels = (fact: Fact) => (Array.isArray(fact.values['labels']) ? fact.values['labels'] : [])
  if (before.kind !== 'enum') return []
  const lost = labels(before).some((label: unknown) => !labels(after).includes(label))
  // A renamed label is another word for the same value: as many as before, one of them new.
  return lost && labels(after).length < labels(before).length ? [lossOf('enum-label', before)] : []
}

/** Marks what an expression of the author has made of the values; it may be anything. */
export function withConversions(losses: readonly DataLoss[], text: string): readonly DataLoss[] {
  if (!losses.some(({ kind }) => kind === 'retyped-column')) return losses
  const isComputed = [...text.matchAll(/\busing\b(.*?)(?=,\s*(?:alter|add|drop)\b|;|$)/gis)].some(
    ([, expression = '']) => !isPlainCast(expression.trim()),
  )
  if (!isComputed) return losses
  return losses.map((loss) =>
    loss.kind === 'retyped-column' ? { ...loss, isComputed: true } : loss,
  )
}

function isPlainCast(expression: string): boolean {
  const cast = /^(?:"(?:[^"]|"")*"|[\w$]+)\s*(?:::\s*[\w\s".[\](),]+)?$/
  const long = /^cast\s*\(\s*(?:"(?:[^"]|"")*"|[\w$]+)\s+as\s+[\w\s".[\](),]+\)$/i
  const bare = expression.replace(/^\((.*)\)$/s, '$1').trim()
  return cast.test(bare) || long.test(bare)
}
