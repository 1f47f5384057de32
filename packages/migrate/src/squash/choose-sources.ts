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
  return { sources: sources.filter(({ id }) => !left.has(id)), objections }
}
