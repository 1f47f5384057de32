import { objectTo, type Objection } from '../objection.ts'
import type { MigrationSource } from '../text/source.ts'
import { squashReasons } from './squash-reasons.ts'

/** The files that count for one database, where some stand for others. */
export type ChosenSources = {
  /** In the order that was given. */
  readonly sources: readonly MigrationSource[]
  readonly objections: readonly Objection[]
}

/**
 * Decides for one database between a file and those that it stands for. Nothing of them has run: the
 * one file. All of them have: the one counts as run. Some have: the old ones go on to their end.
 *
 * @param completed ids that the ledger calls completed
 */
export function chooseBySquash(
  sources: readonly MigrationSource[],
  completed: ReadonlySet<string>,
): ChosenSources {
  const known = new Set(sources.map(({ id }) => id))
  const left = new Set<string>()
  const objections: Objection[] = []
  for (const { id, file, header } of sources) {
    const { replaces } = header
    const run = replaces.filter((replaced) => completed.has(replaced))
    const isInBetween = run.length > 0 && run.length < replaces.length && !completed.has(id)
    if (!isInBetween) for (const replaced of replaces) left.add(replaced)
    if (!isInBetween) continue
    left.add(id)
    const missing = replaces.find((replaced) => !completed.has(replaced) && !known.has(replaced))
    if (missing !== undefined)
      objections.push(objectTo(squashReasons.inBetween, { migration: id, file, object: missing }))
  }
  const kept = sources.filter(({ id }) => !left.has(id))
  return { sources: kept.map((source) => withoutReplaced(source, kept)), objections }
}

/** Whoever had to stand after a file stands after the one that replaces it. */
function withoutReplaced(
  source: MigrationSource,
  sources: readonly MigrationSource[],
): MigrationSource {
  const { after } = source.header
  if (after === undefined || after.length === 0) return source
  const standIn = (id: string) =>
    sources.find(({ header }) => header.replaces.includes(id))?.id ?? id
  const known = [...new Set(after.map(standIn))].filter((id) => id !== source.id)
  return { ...source, header: { ...source.header, after: known } }
}
