import type { Facts } from '../catalog/fact.ts'
import { sameFact } from '../catalog/fingerprint.ts'
import type { ShadowError } from '../shadow/server-error.ts'
import type { Replay, ShadowStatement } from '../shadow/replay.ts'
import type { Shadow } from '../shadow/shadow.ts'
import { samePlaceAside } from './converge.ts'

/** What running a migration, its inverse and the migration again has shown. */
export type Proof =
  /** Down gave what was before and up again what was after. */
  | {
      readonly kind: 'proven'
      /** Columns that came back at another place in their table, by key. */
      readonly moved: readonly string[]
    }
  /** Down ran, but what it left is not what was before; or up again is not what up was. */
  | {
      readonly kind: 'different'
      readonly step: 'down' | 'second up'
      /** Objects that differ, by key. */
      readonly keys: readonly string[]
    }
  | {
      readonly kind: 'failed'
      readonly step: 'up' | 'down' | 'second up'
      /** 1-based, in the statements of that step. */
      readonly statementNo: number
      readonly error: ShadowError
    }

/**
 * Runs up, down and up in a shadow that holds what was there before the migration. A down by hand
 * and a generated one are proven alike. The shadow is in the state after up where it is proven, and
 * otherwise not fit for anything else.
 */
export async function proveInverse(
  shadow: Pick<Shadow, 'replay' | 'facts'>,
  {
    up,
    down,
  }: { readonly up: readonly ShadowStatement[]; readonly down: readonly ShadowStatement[] },
): Promise<Proof> {
  const before = await shadow.facts()
  const first = await run(shadow, up, 'up')
  if (first !== undefined) return first
  const after = await shadow.facts()
  return proveUndone(shadow, { up, down, before, after })
}

/** The second half of it, in a shadow where up has just run and the states on both sides are known. */
export async function proveUndone(
  shadow: Pick<Shadow, 'replay' | 'facts'>,
  { up, down, before, after, restoreRows }: Undoing,
): Promise<Proof> {
  const undone = await run(shadow, down, 'down')
  if (undone !== undefined) return undone
  const restored = await shadow.facts()
  const lost = differences(before, restored)
  if (lost.keys.length > 0) return { kind: 'different', step: 'down', keys: lost.keys }
  await restoreRows?.()
  const second = await run(shadow, up, 'second up')
  if (second !== undefined) return second
  const again = differences(after, await shadow.facts())
  if (again.keys.length > 0) return { kind: 'different', step: 'second up', keys: again.keys }
  return { kind: 'proven', moved: lost.moved }
}

export type Undoing = {
  readonly up: readonly ShadowStatement[]
  readonly down: readonly ShadowStatement[]
  readonly before: Facts
  readonly after: Facts
  /** Gives the tables the rows that they had before the first up, as pre-images do. */
  readonly restoreRows?: () => Promise<void>
}

type Step = 'up' | 'down' | 'second up'

async function run(
  shadow: Pick<Shadow, 'replay'>,
  statements: readonly ShadowStatement[],
  step: Step,
): Promise<Proof | undefined> {
  const replay: Replay = await shadow.replay(statements, { observe: false })
  if (replay.kind === 'done') return undefined
  return { kind: 'failed', step, statementNo: replay.statementNo, error: replay.error }
}

/** All three groups of fields count, but not what nobody can set: see `samePlaceAside`. */
function differences(expected: Facts, actual: Facts): { keys: string[]; moved: string[] } {
  const wanted = new Map(expected.rows.map((fact) => [fact.key, fact]))
  const keys: string[] = []
  const moved: string[] = []
  for (const fact of actual.rows) {
    const other = wanted.get(fact.key)
    wanted.delete(fact.key)
    if (other === undefined) keys.push(fact.key)
    else if (!sameFact(fact, other)) (samePlaceAside(fact, other) ? moved : keys).push(fact.key)
  }
  return { keys: [...keys, ...wanted.keys()], moved }
}
