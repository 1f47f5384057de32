import { findDrift, objectionsOfDrift } from '../../preflight/drift.ts'
import { type Answer, objectionLines, paragraphs } from '../answer.ts'
import type { Context } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import { look, untriedObjections } from '../look.ts'

/** Asks whether the ledger, the files and the database say the same. Writes nothing. */
export async function verify(context: Context): Promise<Answer> {
  const engine = await context.engine()
  const { words, paint } = context.voice
  engine.progress.say(words.progress.comparing)
  const status = await engine.migrator.status()
  await using seen = await look(engine, 'declared')
  engine.progress.end()
  const { expected } = seen.elaboration
  const { live } = seen
  const drift =
    expected === undefined
      ? undefined
      : await findDrift({ expected, live, completed: seen.completed })
  const objections = [
    ...seen.files.objections,
    ...status.objections,
    ...untriedObjections(seen),
    ...objectionsOfDrift(drift?.findings ?? []),
  ]
  const isFine = objections.length === 0
  const where = paint('quiet', words.on(engine.title))
  const completed = seen.database.ledger.ran.length
  return {
    exitCode: isFine ? exitCodes.done : exitCodes.refused,
    data: { database: engine.title, completed, objections },
    text: isFine
      ? `${paint('good', words.verify.fine(completed))} ${where}`
      : paragraphs(
          `${paint('bad', words.verify.wrong)} ${where}`,
          objectionLines(objections, context.voice),
        ),
    next: isFine
      ? []
      : [
          { command: 'drift', says: words.nextSteps.drift },
          { command: 'repair --plan', says: words.nextSteps.repairPlan },
        ],
  }
}
