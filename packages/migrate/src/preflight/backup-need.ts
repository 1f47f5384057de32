import { nameOf } from '../catalog/fact.ts'
import type { DataLoss } from '../shadow/losses.ts'
import { lossesWithPlans } from '../inverse/pre-image.ts'
import type { FactsByKey, PlanStep } from './plan-flow.ts'

/** Data of the live database that a statement of the plan destroys or changes. */
export type BackupNeed = {
  readonly migration: string
  /** 1-based. */
  readonly statementNo: number
  readonly kind: DataLoss['kind']
  /** As it is called on the live database now; for columns the column. */
  readonly object: string
  /** Live table that holds the data; undefined for sequences and enums. */
  readonly table: string | undefined
  /** The server's estimate of the rows; undefined where there is none. */
  readonly rows: number | undefined
  /** Of the whole table with its indexes. */
  readonly bytes: number
  /** Without any row nothing is lost; undefined where it could not be read. */
  readonly isEmpty: boolean | undefined
  /** No migration made it: it is there on the live database only. */
  readonly isUndeclared: boolean
}

/** Adding rows destroys nothing. */
const harmless = new Set(['InsertStmt', 'CopyStmt'])

/** The losses of a step on objects that are there; those that the plan makes itself lose nobody's data. */
export function lossesOn(
  step: PlanStep,
  liveOf: (key: string) => boolean,
): Omit<BackupNeed, 'rows' | 'bytes' | 'isEmpty'>[] {
  const { migration, statement, flow, before } = step
  return irreversible(step).flatMap((loss): Omit<BackupNeed, 'rows' | 'bytes' | 'isEmpty'>[] => {
    if (loss.kind === 'rows' && harmless.has(statement.kind)) return []
    const place = { migration: migration.source.id, statementNo: statement.no, isUndeclared: false }
    if (loss.table === undefined) {
      const key = `${loss.kind === 'sequence' ? 'sequence' : 'enum'} ${loss.object}`
      return before.has(key) && liveOf(key)
        ? [{ ...place, kind: loss.kind, object: loss.object, table: undefined }]
        : []
    }
    const origin = flow.beforeStatement.tableOf(`table ${loss.table}`)
    if (origin?.kind !== 'live') return []
    const object = liveObject(loss, { flow, before, table: origin.name })
    return object === undefined ? [] : [{ ...place, kind: loss.kind, object, table: origin.name }]
  })
}

/** A conversion that gives every value back exactly destroys nothing. */
function irreversible({ statement, observation, before, after }: PlanStep): readonly DataLoss[] {
  const { losses } = observation
  const converts = losses.some(({ kind }) => kind === 'retyped-column')
  // With USING the values are computed, whatever the types are.
  if (!converts || /\busing\b/i.test(statement.text)) return losses
  const factsOf = (facts: FactsByKey) => ({ major: 0, rows: [...facts.values()] })
  const lossy = new Set(
    lossesWithPlans(losses, factsOf(before), factsOf(after)).map(({ loss }) => loss),
  )
  return losses.filter((loss) => loss.kind !== 'retyped-column' || lossy.has(loss))
}

/** Undefined for a column that the plan makes itself. */
function liveObject(
  { kind, object }: DataLoss,
  { flow, before, table }: Pick<PlanStep, 'flow' | 'before'> & { readonly table: string },
): string | undefined {
  if (kind !== 'column' && kind !== 'retyped-column') return table
  const fact = before.get(`column ${object}`)
  const origin = fact === undefined ? undefined : flow.beforeStatement.columnOf(fact.key)
  if (origin?.kind === 'expression') return origin.isItself ? `${table}.${origin.text}` : undefined
  return fact === undefined ? undefined : nameOf(fact)
}
