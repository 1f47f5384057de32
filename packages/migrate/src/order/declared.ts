import { type Objection, objectTo } from '../objection.ts'
import { bySequence } from '../text/directory.ts'
import { nearestName } from '../text/nearest.ts'
import type { MigrationSource } from '../text/source.ts'
import type { Edge } from './graph.ts'
import { orderReasons } from './order-reasons.ts'

export type Declared = {
  readonly edges: readonly Edge[]
  readonly objections: readonly Objection[]
}

/**
 * The edges that the files declare: their `after:` lines, and for a numbered file without one the
 * numbered file before it.
 */
export function declaredEdges(sources: readonly MigrationSource[]): Declared {
  const sorted = sources.toSorted(bySequence)
  const ids = new Set(sorted.map(({ id }) => id))
  const edges: Edge[] = []
  const objections: Objection[] = []
  let before: string | undefined
  for (const source of sorted) {
    const { id, version, header } = source
    if (header.after === undefined && version !== undefined && before !== undefined)
      edges.push({ from: before, to: id, kind: 'implicit' })
    for (const from of header.after ?? []) {
      if (ids.has(from)) edges.push({ from, to: id, kind: 'declared' })
      else objections.push(objectToUnknown(source, from, ids))
    }
    if (version !== undefined) before = id
  }
  return { edges, objections }
}

function objectToUnknown(
  source: MigrationSource,
  after: string,
  ids: ReadonlySet<string>,
): Objection {
  const lines = source.text.split('\n')
  const line = lines.findIndex((text) => text.startsWith('--') && text.includes('after:')) + 1
  const place = { migration: source.id, file: source.file, line, object: after }
  const nearest = nearestName(after, ids)
  return nearest === undefined
    ? objectTo(orderReasons.unknownAfter, place)
    : objectTo(orderReasons.misspeltAfter, place, { nearest })
}
