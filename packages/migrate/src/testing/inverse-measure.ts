import { diffFacts } from '../catalog/fingerprint.ts'
import { deriveInverse, statementsOf } from '../inverse/derive-inverse.ts'
import { proveInverse } from '../inverse/prove-inverse.ts'
import { lossesOf, type DataLoss } from '../shadow/losses.ts'
import { openShadow, type Shadow } from '../shadow/shadow.ts'
import type { ShadowStatement } from '../shadow/replay.ts'
import { type History, historyFrom, type HistoryFile } from './history.ts'
import { randomSteps } from './choices.ts'
import { textOf } from './sql-parts.ts'

/** What became of one generated migration on its way back. */
export type Measured = {
  readonly history: number
  readonly file: string
  readonly text: string
  /** `not-run`: the migration itself failed, which says nothing about its inverse. */
  readonly verdict: 'exact' | 'lossy' | 'none' | 'unproven' | 'not-run'
  readonly detail: string
  /** Whether something was lost that no flag names. */
  readonly isDishonest: boolean
}

/** Up, down and up again for every file of a history of pure DDL. */
export async function measureInverses(seed: number, steps: number): Promise<Measured[]> {
  const history: History = historyFrom(randomSteps(seed, steps), { rows: false })
  const shadow = await openShadow()
  const measured: Measured[] = []
  try {
    for (const file of history.files) {
      const one = await measure(shadow, file, seed)
      measured.push(one)
      if (one.verdict === 'none' || one.verdict === 'unproven' || one.verdict === 'not-run') break
    }
  } finally {
    await shadow.close()
  }
  return measured
}

async function measure(shadow: Shadow, file: HistoryFile, history: number): Promise<Measured> {
  const up = statementsOfFile(file)
  const told = { history, file: file.id, text: up.map(({ text }) => text).join(';\n') }
  const before = await shadow.facts()
  const replay = await shadow.replay(up)
  if (replay.kind === 'failed')
    return { ...told, verdict: 'not-run', detail: replay.error.message, isDishonest: false }
  const after = await shadow.facts()
  const seen: DataLoss[] = replay.observations.flatMap(({ losses }) => losses)
  const inverse = await deriveInverse({
    query: shadow.query,
    transaction: 'none',
    before,
    after,
    losses: seen,
  })
  if (inverse.kind === 'none')
    return { ...told, verdict: 'none', detail: inverse.because, isDishonest: false }
  const down = statementsOf(inverse).map((text) => ({ text }))
  const restored = await shadow.replay(down, { observe: false })
  if (restored.kind === 'failed')
    return { ...told, verdict: 'unproven', detail: restored.error.message, isDishonest: false }
  const proof = await proveInverse(shadow, { up, down })
  const detail =
    proof.kind === 'proven'
      ? ''
      : proof.kind === 'failed'
        ? `${proof.step}: ${proof.error.message}`
        : `${proof.step}: ${proof.keys.join(', ')}`
  const gone = lossesOf(diffFacts(before, after)).filter(({ kind }) => kind !== 'sequence')
  return {
    ...told,
    verdict: proof.kind === 'proven' ? inverse.kind : 'unproven',
    detail,
    isDishonest: inverse.kind === 'exact' && gone.some(({ kind }) => kind !== 'retyped-column'),
  }
}

function statementsOfFile({ preamble, operations }: HistoryFile): ShadowStatement[] {
  const settings = preamble
    .split('\n')
    .filter((line) => line.startsWith('set '))
    .map((line) => ({ text: line.replace(/;$/, '') }))
  const statements = operations.map(({ parts }) => {
    const text = textOf(parts)
    return { text, txClass: /\bconcurrently\b/i.test(text) ? ('alone' as const) : ('tx' as const) }
  })
  return [...settings, ...statements]
}
