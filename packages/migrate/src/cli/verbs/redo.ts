import type { Answer } from '../answer.ts'
import type { Context } from '../context.ts'
import { answerOf, type DownOptions, takeBack } from './down.ts'
import { up } from './up.ts'

/** Takes the newest migrations back and applies what is pending, for work on one that is new. */
export async function redo(
  context: Context,
  count: number | undefined,
  options: DownOptions,
): Promise<Answer> {
  const engine = await context.engine()
  const result = await takeBack(engine, count, options)
  if (result.kind !== 'done') {
    engine.progress.end()
    return answerOf(result, { voice: context.voice, title: engine.title, took: '' })
  }
  const applied = await up(context, {})
  return { ...applied, data: { ...applied.data, undone: result.undone } }
}
