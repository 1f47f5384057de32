import type { Answer } from '../answer.ts'
import type { Context } from '../context.ts'
import { answerOf, type DownOptions, undoingOf } from './down.ts'
import { upAnswer } from './up.ts'
import { seconds } from '../progress.ts'

/** Takes the newest migrations back and applies what is pending, for work on one that is new. */
export async function redo(
  context: Context,
  count: number | undefined,
  options: DownOptions,
): Promise<Answer> {
  const { migrator, progress, title } = await context.engine()
  const { voice } = context
  const began = performance.now()
  const { down, up } = await migrator.redo(undoingOf(count, options))
  progress.end()
  const durationMs = Math.round(performance.now() - began)
  if (up === undefined) return answerOf(down, { voice, title, took: seconds(durationMs) })
  const answer = upAnswer(up, { voice, title, durationMs })
  return { ...answer, data: { ...answer.data, down } }
}
