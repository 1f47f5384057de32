import type { InverseStep } from '../inverse/pre-image.ts'
import { controlOf, isAlone } from '../analyse/tx-class.ts'
import { loadParser } from '../text/parser.ts'

/** A step of the way back with its number, from 1. */
export type NumberedStep = InverseStep & { readonly no: number }

/** What is committed together. */
export type InverseUnit =
  | { readonly kind: 'together'; readonly steps: readonly NumberedStep[] }
  | { readonly kind: 'alone'; readonly step: Extract<NumberedStep, { kind: 'sql' }> }

/** Words of statements that may not be able to run in a transaction. */
const suspicious = /\b(?:concurrently|vacuum|reindex|cluster|system|database|tablespace|detach)\b/i
const controlling = /^\s*(?:begin|start|commit|end|rollback|abort|prepare|savepoint|release)\b/i

/**
 * Puts the steps of a way back into as few transactions as can be: one, but for what a person has
 * written that cannot run in any. A BEGIN or COMMIT of a person around it is left out.
 */
export async function unitsOf(steps: readonly InverseStep[]): Promise<InverseUnit[]> {
  const units: InverseUnit[] = []
  let together: NumberedStep[] = []
  const close = () => {
    if (together.length > 0) units.push({ kind: 'together', steps: together })
    together = []
  }
  for (const [index, step] of steps.entries()) {
    const kind = step.kind === 'sql' ? await kindOf(step.text) : 'plain'
    if (kind === 'control') continue
    if (step.kind === 'sql' && kind === 'alone') {
      close()
      units.push({ kind: 'alone', step: { ...step, no: index + 1 } })
    } else together.push({ ...step, no: index + 1 })
  }
  close()
  return units.length === 0 ? [{ kind: 'together', steps: [] }] : units
}

async function kindOf(text: string): Promise<'plain' | 'alone' | 'control'> {
  if (!suspicious.test(text) && !controlling.test(text)) return 'plain'
  const parsed = (await loadParser()).parse(text)
  const node = parsed.kind === 'parsed' ? parsed.statements[0]?.stmt : undefined
  if (node === undefined) return 'plain'
  if (controlOf(node) !== undefined) return 'control'
  return isAlone(node) ? 'alone' : 'plain'
}
