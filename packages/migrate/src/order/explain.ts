import { nameOfKey } from '../analyse/keys.ts'
import { type Objection, objectTo, type Place } from '../objection.ts'
import { orderReasons } from './order-reasons.ts'
import type { Problem } from './problems.ts'
import type { Proposal } from './proposal.ts'
import { type Index, placeOf, placeOfReference, type Site } from './sites.ts'

type Solution = { readonly index: Index; readonly proposal: Proposal | undefined }
type Of<Kind extends Problem['kind']> = Extract<Problem, { kind: Kind }>

/** A problem as an objection, with what solves it. */
export function explain(problem: Problem, solution: Solution): Objection {
  switch (problem.kind) {
    case 'missing':
      return explainMissing(problem, solution)
    case 'still-used':
      return explainStillUsed(problem, solution)
    case 'made-twice': {
      const { site, key, first } = problem
      const place = { ...placeOf(site, key), object: nameOfKey(key) }
      return objectTo(orderReasons.madeTwice, place, { other: placeOf(first, key) })
    }
  }
}

function explainStillUsed(problem: Of<'still-used'>, { proposal }: Solution): Objection {
  const { site, dropped, holder, ender } = problem
  const place = { ...placeOf(site, dropped), object: nameOfKey(dropped) }
  const facts = {
    holder: nameOfKey(holder),
    other: placeOf(ender, holder),
    lines: linesOf(proposal),
  }
  return objectTo(orderReasons.stillUsed, place, facts)
}

function explainMissing(problem: Of<'missing'>, solution: Solution): Objection {
  const { site, reference, maker } = problem
  const place = { ...placeOfReference(site, reference), object: reference.name }
  if (maker !== undefined) return explainLater(problem, maker, solution)
  return (
    explainSkipped(problem, place, solution.index) ??
    explainEnded(problem, place) ??
    explainUnknown(problem, place)
  )
}

function explainLater(
  { site, reference }: Of<'missing'>,
  maker: Site,
  { proposal }: Solution,
): Objection {
  const place = { ...placeOfReference(site, reference), object: reference.name }
  const made = reference.keys.find((key) => maker.statement.creates.has(key)) ?? ''
  const reason = proposal === undefined ? orderReasons.madeLaterUnsolved : orderReasons.madeLater
  return objectTo(reason, place, { other: placeOf(maker, made), lines: linesOf(proposal) })
}

/** It was to be made by a statement that does nothing, because of `if not exists`. */
function explainSkipped(
  { reference }: Of<'missing'>,
  place: Place,
  index: Index,
): Objection | undefined {
  const { skipped } = reference
  const by = index.siteOf(skipped?.by)
  if (skipped === undefined || by === undefined) return undefined
  return objectTo(orderReasons.skippedThere, place, { other: placeOf(by, skipped.key) })
}

/** It was there and went, or has another name now. */
function explainEnded({ reference, ender }: Of<'missing'>, place: Place): Objection | undefined {
  if (ender === undefined) return undefined
  const ended = reference.keys.find((key) => ender.statement.drops.has(key)) ?? ''
  const other = placeOf(ender, ended)
  if (!ender.statement.renames.has(ended))
    return objectTo(orderReasons.endedBefore, place, { other })
  return objectTo(orderReasons.renamedBefore, place, { other, nearest: newNameOf(ender, ended) })
}

/** The name that a rename gave: the key of the same kind that the same statement makes. */
function newNameOf({ statement }: Site, ended: string): string {
  const prefix = ended.slice(0, ended.indexOf(':') + 1)
  const made = [...statement.creates].find((key) => key.startsWith(prefix))
  return made === undefined ? '–' : nameOfKey(made)
}

function explainUnknown({ reference }: Of<'missing'>, place: Place): Objection {
  const { nearest } = reference
  if (nearest === undefined) return objectTo(orderReasons.unknown, place)
  return objectTo(orderReasons.unknownNear, place, { nearest })
}

/** The header lines of a proposal in one sentence. */
function linesOf(proposal: Proposal | undefined): string {
  const lines = [...(proposal?.after ?? [])]
  return lines.map(([id, after]) => `\`-- after: ${afterText(after)}\` (${id})`).join(', ')
}

export const afterText = (after: readonly string[]): string =>
  after.length === 0 ? 'none' : after.join(', ')
