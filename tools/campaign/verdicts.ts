import { loadParser } from '../../packages/migrate/src/text/parser.ts'
import {
  mistakeOf,
  type OrderTrial,
  tally,
  type TrialKind,
  tryOrders,
} from '../../packages/migrate/src/testing/order-trials.ts'
import { startServer } from '../../packages/migrate/src/testing/server.ts'
import {
  openTrialPglite,
  openTrialServer,
} from '../../packages/migrate/src/testing/trial-database.ts'

export type VerdictsOptions = {
  readonly histories: number
  /** Of the first history; each after it has the next number. */
  readonly seed: number
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

/** Asks about the order of generated histories, and compares the answers with a server. */
export async function runVerdicts(options: VerdictsOptions): Promise<'passed' | 'failed'> {
  const { histories, seed, signal, say } = options
  const parser = await loadParser()
  const running = await startServer()
  const trials: OrderTrial[] = []
  let mistakes = 0
  try {
    await using server = await openTrialServer(running.connection)
    await using shadow = await openTrialPglite()
    for (let at = seed; at < seed + histories && !signal.aborted; at += 1) {
      const found = await tryOrders({ parser, server, shadow, seed: at })
      trials.push(...found)
      for (const mistake of found.flatMap((trial) => mistakeOf(trial) ?? [])) {
        mistakes += 1
        say(`seed ${at}: ${mistake}`)
      }
      if ((at - seed + 1) % 50 === 0) say(`${at - seed + 1} histories`)
    }
  } finally {
    await running.stop()
  }
  for (const line of tableOf(trials)) say(line)
  const { unsafe, found, safe, falseAlarms } = tally(trials, 'analyser')
  const isGoodEnough = found >= 0.99 * unsafe && falseAlarms <= 0.03 * safe
  return mistakes === 0 && isGoodEnough ? 'passed' : 'failed'
}

const kinds: readonly (readonly [kind: TrialKind, words: string])[] = [
  ['declared', 'as declared'],
  ['mutated', 'one reference changed'],
  ['moved', 'one file declared elsewhere'],
  ['late', 'one file after others that ran'],
]

function tableOf(trials: readonly OrderTrial[]): string[] {
  const rows = [
    ...kinds.map(([kind, words]) =>
      row(
        words,
        trials.filter((trial) => trial.kind === kind),
      ),
    ),
    row('all', trials),
  ]
  const head = ['', 'unsafe', 'texts alone', 'with shadow', 'safe', 'texts alone', 'with shadow']
  const widths = head.map((cell, at) =>
    Math.max(...[head, ...rows].map((cells) => (cells[at] ?? cell).length)),
  )
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  ')
  return ['', 'found among the unsafe, false alarms among the safe:', line(head), ...rows.map(line)]
}

function row(words: string, trials: readonly OrderTrial[]): string[] {
  const [texts, both] = [tally(trials, 'analyser'), tally(trials, 'shadow')]
  return [
    words,
    String(texts.unsafe),
    share(texts.found, texts.unsafe),
    share(both.found, both.unsafe),
    String(texts.safe),
    share(texts.falseAlarms, texts.safe),
    share(both.falseAlarms, both.safe),
  ]
}

const share = (part: number, whole: number) =>
  whole === 0 ? '–' : `${((100 * part) / whole).toFixed(2)} %`
