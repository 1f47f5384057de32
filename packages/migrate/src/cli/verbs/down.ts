import type { DownOptions as EngineDown } from '../../engine/verbs.ts'
import type { UndoResult, UndoSelection } from '../../undo/undo.ts'
import { type Answer, objectionLines, paragraphs, type Voice } from '../answer.ts'
import type { Context } from '../context.ts'
import { exitCodeOfRun } from '../exit-codes.ts'
import { seconds } from '../progress.ts'
import { failureText } from './up.ts'

export type DownOptions = {
  readonly to?: string
  /** Ids of exactly those to take back. */
  readonly only?: readonly string[]
  readonly acceptLoss?: string
}

/** Takes migrations back, the newest first, by the inverses that were proven when they ran. */
export async function down(
  context: Context,
  count: number | undefined,
  options: DownOptions,
): Promise<Answer> {
  const { migrator, progress, title } = await context.engine()
  const began = performance.now()
  const result = await migrator.down(undoingOf(count, options))
  progress.end()
  const took = seconds(performance.now() - began)
  return answerOf(result, { voice: context.voice, title, took })
}

/** What is to be taken back, of what the command line says. */
export function undoingOf(count: number | undefined, options: DownOptions): EngineDown {
  return { acceptLoss: options.acceptLoss, selection: selectionOf(count, options) }
}

const idOf = (name: string) => name.replace(/\.sql$/, '')

function selectionOf(count: number | undefined, { to, only }: DownOptions): UndoSelection {
  if (only !== undefined) return { kind: 'ids', migrations: only.map(idOf) }
  if (to !== undefined) return { kind: 'to', migration: idOf(to) }
  return { kind: 'steps', count: count ?? 1 }
}

type Telling = { readonly voice: Voice; readonly title: string; readonly took: string }

/** What became of it, in words. */
export function answerOf(result: UndoResult, telling: Telling): Answer {
  const { voice, title } = telling
  const says = voice.words.nextSteps
  const isDone = result.kind === 'done'
  return {
    exitCode: exitCodeOfRun[result.kind],
    data: { database: title, result },
    text: textOf(result, telling),
    next: isDone
      ? [
          { command: 'status', says: says.status },
          { command: 'up', says: says.up },
        ]
      : [],
  }
}

function textOf(result: UndoResult, { voice, title, took }: Telling): string {
  const { words, paint } = voice
  const where = paint('quiet', words.on(title))
  switch (result.kind) {
    case 'nothing-to-do':
      return `${paint('good', words.down.nothing)} ${where}`
    case 'done':
      return `${paint('good', words.down.done(result.undone.join(', '), took))} ${where}`
    case 'refused':
      return paragraphs(
        `${paint('bad', words.down.refused)} ${words.objections(result.objections.length)}:`,
        objectionLines(result.objections, voice),
        undoneBefore(result.undone, voice),
      )
    case 'failed':
      return paragraphs(undoneBefore(result.undone, voice), failureText(result, voice))
    case 'waiting-timed-out':
      return paint('bad', words.up.timedOut(Math.round(result.waiting.waitedMs / 1_000)))
    case 'stopped':
      return paragraphs(words.up.stopped, undoneBefore(result.undone, voice))
  }
}

function undoneBefore(undone: readonly string[], { words }: Voice): string {
  return undone.length === 0 ? '' : words.down.before(undone.join(', '))
}
