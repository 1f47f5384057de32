import { analyseHistory } from '../analyse/analyse.ts'
import type { MigrationAnalysis } from '../analyse/analysis.ts'
import { nameOfKey } from '../analyse/keys.ts'
import { compareFacts, type Difference } from '../catalog/compare-facts.ts'
import type { Facts } from '../catalog/fact.ts'
import { replayFiles } from '../plan/replay-files.ts'
import { shadowStatements } from '../plan/shadow-statements.ts'
import type { ShadowError } from '../shadow/server-error.ts'
import type { Shadow } from '../shadow/shadow.ts'
import type { Parser } from '../text/parser.ts'
import type { MigrationSource } from '../text/source.ts'

/** What replaying a set of files has shown, compared with the live database. */
export type Trial =
  | {
      readonly kind: 'equal'
      /** Objects that are there and that no file makes; keys. */
      readonly extra: readonly string[]
    }
  | { readonly kind: 'different'; readonly differences: readonly Difference[] }
  | { readonly kind: 'failed'; readonly id: string; readonly error: ShadowError }

export type TrialContext = {
  readonly sources: readonly MigrationSource[]
  readonly parser: Parser
  readonly live: Facts
  /** A fresh and empty one, which the trial closes. */
  readonly open: () => Promise<Shadow>
}

type Analysed = readonly MigrationAnalysis[]

function analysed({ sources, parser }: TrialContext, ids: ReadonlySet<string>): Analysed {
  const chosen = sources.filter(({ id }) => ids.has(id))
  return analyseHistory(chosen, { parser })
}

/** Replays exactly these files in the order of the directory, and compares what they leave behind. */
export async function tryFiles(context: TrialContext, ids: readonly string[]): Promise<Trial> {
  const shadow = await context.open()
  try {
    const applied = new Set(ids)
    const stuck = await replayFiles(shadow, analysed(context, applied))
    if (stuck !== undefined)
      return { kind: 'failed', id: stuck.analysis.id, error: stuck.failure.error }
    const { differences } = await compareFacts(await shadow.facts(), context.live)
    const blocking = differences.filter(({ kind }) => kind === 'missing' || kind === 'changed')
    const extra = differences.filter(({ kind }) => kind === 'extra')
    if (blocking.length > 0) return { kind: 'different', differences: [...blocking, ...extra] }
    const pending = await madeByOthers(shadow, context, applied)
    const early = extra.filter(({ key }) => pending.has(key))
    if (early.length > 0) return { kind: 'different', differences: early }
    return { kind: 'equal', extra: extra.map(({ key }) => key) }
  } finally {
    await shadow.close()
  }
}

/** What the other files would make: if that is there already, they have run in part. */
async function madeByOthers(
  shadow: Shadow,
  context: TrialContext,
  applied: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const others = new Set(context.sources.map(({ id }) => id).filter((id) => !applied.has(id)))
  for (const analysis of analysed(context, others))
    await shadow.replay(shadowStatements(analysis), { observe: false })
  return new Set((await shadow.facts()).rows.map(({ key }) => key))
}

/** The files among these that make any of the objects, by their text. */
export function makersOf(
  context: TrialContext,
  ids: readonly string[],
  keys: readonly string[],
): ReadonlySet<string> {
  const names = new Set(keys.map((key) => key.slice(key.indexOf(' ') + 1)))
  const makers = analysed(context, new Set(ids)).filter(({ creates }) =>
    [...creates].some((key) => names.has(nameOfKey(key))),
  )
  return new Set(makers.map(({ id }) => id))
}

/** How far a file came that was begun after others, found by the catalog after each statement. */
export async function findHalf(
  context: TrialContext,
  ids: readonly string[],
  begun: string,
): Promise<{ readonly done: number; readonly total: number } | undefined> {
  const shadow = await context.open()
  try {
    const stuck = await replayFiles(shadow, analysed(context, new Set(ids)))
    const [analysis] = analysed(context, new Set([begun]))
    if (stuck !== undefined || analysis === undefined) return undefined
    const statements = shadowStatements(analysis)
    for (const [index, statement] of statements.entries()) {
      const replay = await shadow.replay([statement], { observe: false })
      if (replay.kind === 'failed') return undefined
      const { differences } = await compareFacts(await shadow.facts(), context.live)
      const isEqual = !differences.some(({ kind }) => kind !== 'cosmetic' && kind !== 'environment')
      if (isEqual && index + 1 < statements.length)
        return { done: index + 1, total: statements.length }
    }
    return undefined
  } finally {
    await shadow.close()
  }
}
