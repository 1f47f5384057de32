import { type Answer, objectionLines, paragraphs } from '../answer.ts'
import type { Context } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'

/** Asks whether the ledger, the files and the database say the same. Writes nothing. */
export async function verify(context: Context): Promise<Answer> {
  const { migrator, progress, title } = await context.engine()
  const { voice } = context
  const { words, paint } = voice
  progress.say(words.progress.comparing)
  const { isFine, objections, extras, status } = await migrator.verify()
  progress.end()
  const where = paint('quiet', words.on(title))
  const completed = status.migrations.filter((row) => row.status === 'completed').length
  return {
    exitCode: isFine ? exitCodes.done : exitCodes.refused,
    data: { database: title, completed, objections, extras },
    text: paragraphs(
      isFine
        ? `${paint('good', words.verify.fine(completed))} ${where}`
        : `${paint('bad', words.verify.wrong)} ${where}`,
      objectionLines(objections, voice),
      extras.length === 0
        ? ''
        : `${words.verify.extras(extras.length)}\n${objectionLines(extras, voice)}`,
    ),
    next: isFine
      ? extras.length === 0
        ? []
        : [{ command: 'drift --adopt', says: words.nextSteps.adopt }]
      : [
          { command: 'drift', says: words.nextSteps.drift },
          { command: 'repair --plan', says: words.nextSteps.repairPlan },
        ],
  }
}
