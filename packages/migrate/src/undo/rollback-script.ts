import type { InverseLoss, InverseStep } from '../inverse/pre-image.ts'
import type { ProvenInverse } from '../plan/elaboration.ts'
import type { DataLoss } from '../shadow/losses.ts'

/** What a table or column that the inverse removes held when the migration had just ended. */
export type Stamp = {
  /** As in `discards`: qualified and quoted. */
  readonly object: string
  readonly rows: number
  /** Sum of the hashes of all rows, as decimal digits; the order of rows does not matter. */
  readonly sum: string
}

/** What the ledger keeps in `rollback_script`: enough to go back without any file. */
export type RollbackScript = {
  readonly kind: 'exact' | 'lossy'
  readonly origin: 'hand' | 'generated'
  readonly steps: readonly InverseStep[]
  readonly losses: readonly InverseLoss[]
  readonly discards: readonly DataLoss[]
  /** What was in `discards` when the migration ended; empty where nothing was, or nobody looked. */
  readonly stamps: readonly Stamp[]
  /** Statements that it undoes, from the first; undefined: all of the migration. */
  readonly upTo?: number
}

const heading = '-- studioops-migrate rollback 1'

/**
 * Writes an inverse as text that people can read and run: SQL with comments. Steps that bring kept
 * data back are comments only. Lengths stand before the statements, so that reading it back never
 * depends on what they hold.
 */
export function rollbackScriptOf(
  inverse: Exclude<ProvenInverse, { kind: 'none' }>,
  { stamps = [], upTo }: { readonly stamps?: readonly Stamp[]; readonly upTo?: number } = {},
): string {
  const { kind, origin, losses, discards, steps } = inverse
  const facts = {
    kind,
    origin,
    losses: losses.map((one) => ({ ...one, loss: withoutNumbers(one.loss) })),
    discards: discards.map(withoutNumbers),
    stamps,
    ...(upTo === undefined ? {} : { upTo }),
  }
  const parts = steps.map((step) =>
    step.kind === 'sql'
      ? `-- sql ${step.text.length}\n${step.text}\n;\n`
      : `-- restore ${JSON.stringify(step.preImage)}\n`,
  )
  return `${heading} ${JSON.stringify(facts)}\n${parts.join('')}`
}

/** Numbers of the shadow mean nothing elsewhere, and would make two equal scripts differ. */
function withoutNumbers({ oid: _, attnum: __, ...loss }: DataLoss): DataLoss {
  return loss
}

/** @returns undefined where the text is not what `rollbackScriptOf` writes, such as SQL of a person */
export function readRollbackScript(text: string): RollbackScript | undefined {
  if (!text.startsWith(`${heading} `)) return undefined
  const end = text.indexOf('\n')
  const facts = parse<Omit<RollbackScript, 'steps'>>(text.slice(heading.length + 1, end))
  const steps = readSteps(text.slice(end + 1))
  return facts === undefined || steps === undefined ? undefined : { ...facts, steps }
}

function readSteps(text: string): InverseStep[] | undefined {
  const steps: InverseStep[] = []
  for (let at = 0; at < text.length;) {
    const step = stepAt(text, at)
    if (step === undefined) return undefined
    steps.push(step.step)
    at = step.end
  }
  return steps
}

function stepAt(text: string, at: number): { step: InverseStep; end: number } | undefined {
  const lineEnd = text.indexOf('\n', at)
  const line = text.slice(at, lineEnd === -1 ? undefined : lineEnd)
  const length = /^-- sql (\d+)$/.exec(line)?.[1]
  if (length !== undefined) {
    const start = lineEnd + 1
    const end = start + Number(length)
    const hasEnd = text.slice(end, end + 3) === '\n;\n'
    return hasEnd
      ? { step: { kind: 'sql', text: text.slice(start, end) }, end: end + 3 }
      : undefined
  }
  if (!line.startsWith('-- restore ') || lineEnd === -1) return undefined
  const preImage = parse<Extract<InverseStep, { kind: 'restore' }>['preImage']>(line.slice(11))
  return preImage && { step: { kind: 'restore', preImage }, end: lineEnd + 1 }
}

function parse<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T
  } catch {
    return undefined
  }
}
