import { fingerprintOf } from '../catalog/fingerprint.ts'
import { objectTo, type Objection } from '../objection.ts'
import type { OrderVerdict } from '../order/verdict.ts'
import { elaborate } from '../plan/elaborate.ts'
import type { Elaboration } from '../plan/elaboration.ts'
import { engineReasons } from './engine-reasons.ts'
import type { Planning } from './make-plan.ts'

/**
 * Files that come late are tried twice: after what has run, and everything in the declared order from
 * the beginning. Only where both give the same schema do they commute.
 */
export async function objectToLateFiles(
  { files, database, options }: Planning,
  { verdict, elaboration }: { readonly verdict: OrderVerdict; readonly elaboration: Elaboration },
): Promise<Objection[]> {
  const [first] = verdict.late
  const reached = elaboration.migrations.at(-1)
  if (first === undefined || verdict.kind === 'refused' || reached === undefined) return []
  const known = new Map(files.sources.map((source) => [source.id, source]))
  const ran = new Set(database.ledger.ran)
  const tried = new Set(elaboration.migrations.map(({ source }) => source.id))
  const all = verdict.order
    .filter((id) => ran.has(id) || tried.has(id))
    .flatMap((id) => known.get(id) ?? [])
  const { expected, objections } = await elaborate({
    parser: files.parser,
    completed: all.map((source) => ({ source, checksum: files.checksums.get(source.id) ?? '' })),
    pending: [],
    target: database.target,
    connection: options.connection,
    shadowServer: options.shadowServer,
    ledgerSchema: options.ledgerSchema,
  })
  const place = { migration: first.id, file: known.get(first.id)?.file ?? first.id }
  const because = objections[0]?.because ?? differenceOf(expected, reached.after)
  if (because === undefined) return []
  return [objectTo(engineReasons.doesNotCommute, place, { detail: because })]
}

type Rows = Elaboration['expected']

/** @returns objects that differ; undefined where both are the same */
function differenceOf(declared: Rows, reached: NonNullable<Rows>): string | undefined {
  if (declared === undefined) return undefined
  if (fingerprintOf(declared).structure === fingerprintOf(reached).structure) return undefined
  const other = new Map(reached.rows.map((fact) => [fact.key, JSON.stringify(fact.values)]))
  const keys = declared.rows
    .filter(({ key, values }) => other.get(key) !== JSON.stringify(values))
    .map(({ key }) => key)
  const known = new Set(declared.rows.map(({ key }) => key))
  const extra = [...other.keys()].filter((key) => !known.has(key))
  return [...keys, ...extra].slice(0, 5).join(', ')
}
