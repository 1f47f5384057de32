/** One step of the way back. */
export type RollbackStep =
  | { readonly kind: 'sql'; readonly text: string }
  /** The rows of an entry of the backup go into a table that the steps before have made. */
  | { readonly kind: 'load'; readonly entry: string; readonly into: string }
  /** A table that was dropped gets its rows back. */
  | { readonly kind: 'restore'; readonly table: string }
  /** Sequences of these tables stand where they stood. */
  | { readonly kind: 'sequences'; readonly tables: readonly string[] }

/** What rows looked like when the consolidation had just ended. */
export type Stamp = {
  readonly table: string
  /** Found by joining the crosswalks as `x`; the rows of sources. */
  readonly moved: { readonly rows: string; readonly sum: string }
  /** The others, with the columns that the way back takes away. */
  readonly others: { readonly rows: string; readonly sum: string }
}

/** What the ledger keeps in `rollback_script`, together with the backup enough to go back. */
export type ConsolidationRollback = {
  /** Tables that are locked before the first step. */
  readonly locked: readonly string[]
  /** Tables whose triggers do not fire. */
  readonly written: readonly string[]
  readonly stamps: readonly Stamp[]
  /** SQL that computes the stamps, one row for each, in their order. */
  readonly stampSql: readonly {
    readonly table: string
    readonly moved: string
    readonly others: string
    /** Condition; the row of the target is `t`. */
    readonly isMoved: string
  }[]
  /** Loads the crosswalks; the stamps and the other steps use them. */
  readonly opening: readonly RollbackStep[]
  readonly steps: readonly RollbackStep[]
}

const heading = '-- studioops-migrate consolidation rollback 1'

/** Whether the text of a ledger row is such a way back; it needs its backup and is no plain SQL. */
export function isConsolidationRollback(text: string | undefined): boolean {
  return text?.startsWith(`${heading} `) === true
}

/** Whoever runs the text as it is gets no further than here: the rows would be missing. */
const barrier = `do $$ begin
  raise exception 'this way back needs its backup: migrate consolidate <spec> --rollback';
end $$
;
`

/**
 * Writes the way back as text that people can read: SQL with comments. Steps that bring kept data
 * back are comments only. Lengths stand before the statements, so that reading it back never depends
 * on what they hold.
 */
export function writeRollback({ opening, steps, ...facts }: ConsolidationRollback): string {
  const head = JSON.stringify({ ...facts, openingSteps: opening.length })
  return `${heading} ${head}\n${barrier}${[...opening, ...steps].map(stepText).join('')}`
}

function stepText(step: RollbackStep): string {
  if (step.kind === 'sql') return `-- sql ${step.text.length}\n${step.text}\n;\n`
  return `-- backup ${JSON.stringify(step)}\n`
}

/** @returns undefined where the text is not what `writeRollback` writes */
export function readRollback(text: string): ConsolidationRollback | undefined {
  const end = text.indexOf('\n')
  if (!text.startsWith(`${heading} `) || end < 0) return undefined
  try {
    const head = JSON.parse(text.slice(heading.length + 1, end)) as Head
    const { openingSteps, ...facts } = head
    const body = text.slice(end + 1)
    if (!body.startsWith(barrier)) return undefined
    const steps = readSteps(body.slice(barrier.length))
    return { ...facts, opening: steps.slice(0, openingSteps), steps: steps.slice(openingSteps) }
  } catch {
    return undefined
  }
}

type Head = Omit<ConsolidationRollback, 'opening' | 'steps'> & { readonly openingSteps: number }

/** @throws Error where a step cannot be read */
function readSteps(text: string): RollbackStep[] {
  const steps: RollbackStep[] = []
  for (let at = 0; at < text.length;) {
    const lineEnd = text.indexOf('\n', at)
    const line = text.slice(at, lineEnd)
    const length = /^-- sql (\d+)$/.exec(line)?.[1]
    if (length === undefined) {
      if (!line.startsWith('-- backup ')) throw new Error(`not a step: ${line}`)
      steps.push(JSON.parse(line.slice('-- backup '.length)) as RollbackStep)
      at = lineEnd + 1
      continue
    }
    const end = lineEnd + 1 + Number(length)
    if (text.slice(end, end + 3) !== '\n;\n') throw new Error('a statement does not end')
    steps.push({ kind: 'sql', text: text.slice(lineEnd + 1, end) })
    at = end + 3
  }
  return steps
}
