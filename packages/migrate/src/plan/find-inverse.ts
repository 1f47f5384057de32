import { analyseMigration } from '../analyse/analyse.ts'
import type { MigrationAnalysis } from '../analyse/analysis.ts'
import type { Facts } from '../catalog/fact.ts'
import { diffFacts } from '../catalog/fingerprint.ts'
import { deriveInverse, statementsOf } from '../inverse/derive-inverse.ts'
import {
  lossesWithPlans,
  withRestores,
  type InverseLoss,
  type InverseStep,
} from '../inverse/pre-image.ts'
import { proveUndone, type Proof } from '../inverse/prove-inverse.ts'
import { lossesOf, type DataLoss } from '../shadow/losses.ts'
import type { Observation, ShadowStatement } from '../shadow/replay.ts'
import type { Shadow } from '../shadow/shadow.ts'
import type { Parser } from '../text/parser.ts'
import type { MigrationSource } from '../text/source.ts'
import type { ProvenInverse } from './elaboration.ts'
import { type KeptTable, putRowsBack } from './kept-rows.ts'
import { shadowStatements } from './shadow-statements.ts'

/** A migration that has just run in the shadow, and what was seen. */
export type Elaborated = {
  readonly source: MigrationSource
  readonly analysis: MigrationAnalysis
  readonly observations: readonly Observation[]
  readonly before: Facts
  readonly after: Facts
  /** Rows of the tables that it may write, as they were before. */
  readonly keptRows: readonly KeptTable[]
}

export type Finding = {
  /** Holds what the migration leaves behind; the same afterwards. */
  readonly shadow: () => Shadow
  /** Gives a shadow that holds it after a failed proof has left the other one in any state. */
  readonly reopen: () => Promise<void>
  readonly parser: Parser
  readonly searchPath: readonly string[]
  readonly ledgerSchema?: string | undefined
}

type Candidate = {
  readonly origin: 'hand' | 'generated'
  readonly steps: readonly InverseStep[]
  readonly down: readonly ShadowStatement[]
}

/**
 * Finds what undoes a migration and proves it: down gives what was before, and up again what is now.
 * What an author has written comes first, unless rows have to be brought back into tables or columns
 * that went: there the generated one knows at which moment.
 */
export async function findInverse(finding: Finding, done: Elaborated): Promise<ProvenInverse> {
  const seen = done.observations.flatMap(({ losses }) => losses)
  if (isNothing(done, seen))
    return { kind: 'exact', origin: 'generated', steps: [], losses: [], discards: [] }
  const { candidates, losses, refused } = await gather(finding, done, seen)
  for (const candidate of candidates) {
    const because = await whyNot(finding, done, candidate)
    if (because === undefined) return proven(done, candidate, { losses, refused })
    refused.push({ origin: candidate.origin, because })
  }
  return { kind: 'none', because: refused.map(sentenceOf).join('; ') }
}

type Gathered = {
  /** The one to offer first. */
  readonly candidates: readonly Candidate[]
  readonly losses: readonly InverseLoss[]
  readonly refused: Refusal[]
}

async function gather(
  finding: Finding,
  done: Elaborated,
  seen: readonly DataLoss[],
): Promise<Gathered> {
  const { before, after } = done
  const { ledgerSchema } = finding
  // The file may have put on another role.
  await finding.shadow().replay([], { observe: false })
  const derived = await deriveInverse({
    query: finding.shadow().query,
    transaction: 'none',
    before,
    after,
    losses: seen,
    ...(ledgerSchema === undefined ? {} : { ledgerSchema }),
  })
  const losses =
    derived.kind === 'lossy'
      ? derived.losses
      : lossesWithPlans([...seen, ...lossesOf(diffFacts(before, after))], before, after)
  const hand = handWritten(finding, done, losses)
  if (derived.kind === 'none')
    return {
      candidates: hand,
      losses,
      refused: [{ origin: 'generated', because: derived.because }],
    }
  const generated: Candidate = {
    origin: 'generated',
    steps: derived.steps,
    down: statementsOf(derived).map((text) => ({ text })),
  }
  const candidates = losses.some(bringsDataBack) ? [generated, ...hand] : [...hand, generated]
  return { candidates, losses, refused: [] }
}

function proven(
  { before, after }: Elaborated,
  { origin, steps }: Candidate,
  { losses, refused }: Pick<Gathered, 'losses' | 'refused'>,
): ProvenInverse {
  const undoing = lossesOf(diffFacts(after, before))
  const handRefused = refused.find((one) => one.origin === 'hand')?.because
  return {
    kind: losses.length === 0 ? 'exact' : 'lossy',
    origin,
    steps,
    losses,
    discards: undoing.filter(({ kind }) => kind === 'table' || kind === 'column'),
    ...(handRefused === undefined ? {} : { handRefused }),
  }
}

type Refusal = { readonly origin: Candidate['origin']; readonly because: string }

const sentenceOf = ({ origin, because }: Refusal) =>
  origin === 'hand' ? `the .down.sql: ${because}` : `the generated inverse: ${because}`

function isNothing({ before, after }: Elaborated, losses: readonly DataLoss[]): boolean {
  const { added, removed, changed } = diffFacts(before, after)
  return losses.length + added.length + removed.length + changed.length === 0
}

const bringsDataBack = ({ preImage }: InverseLoss) =>
  preImage?.kind === 'table' || preImage?.kind === 'columns'

function handWritten(
  { parser, searchPath }: Finding,
  { source }: Elaborated,
  losses: readonly InverseLoss[],
): Candidate[] {
  if (source.downText === undefined) return []
  const file = source.file.replace(/\.sql$/, '.down.sql')
  const analysis = analyseMigration(
    { ...source, text: source.downText, file },
    { parser, searchPath },
  )
  const statements = analysis.statements.map(({ text }) => ({ text }))
  return [
    { origin: 'hand', steps: withRestores(statements, losses), down: shadowStatements(analysis) },
  ]
}

/** Runs down and up again. @returns undefined where that is a proof */
async function whyNot(
  finding: Finding,
  { analysis, before, after, keptRows }: Elaborated,
  { down }: Candidate,
): Promise<string | undefined> {
  const shadow = finding.shadow()
  const proof = await proveUndone(shadow, {
    up: shadowStatements(analysis),
    down,
    before,
    after,
    restoreRows: () => putRowsBack(shadow.query, keptRows),
  })
  if (proof.kind === 'proven') return undefined
  await finding.reopen()
  return sentenceOfProof(proof)
}

function sentenceOfProof(proof: Exclude<Proof, { kind: 'proven' }>): string {
  if (proof.kind === 'failed')
    return `statement ${proof.statementNo} of the ${proof.step} fails: ${proof.error.message} (${proof.error.sqlstate})`
  const keys = proof.keys.slice(0, 5).join(', ')
  const rest = proof.keys.length > 5 ? ` and ${proof.keys.length - 5} more` : ''
  return proof.step === 'down'
    ? `it does not give back ${keys}${rest}`
    : `after it the migration no longer makes the same: ${keys}${rest}`
}
