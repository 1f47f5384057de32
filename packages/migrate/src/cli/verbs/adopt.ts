import { readdir } from 'node:fs/promises'
import { ranSources } from '../../engine/make-plan.ts'
import { survey } from '../../engine/verbs.ts'
import { openSession } from '../../execute/session.ts'
import { objectTo, type Objection } from '../../objection.ts'
import { extensionsIn } from '../../plan/open-shadow.ts'
import { adoptDrift, type AdoptDriftOptions } from '../../repair/adopt-drift.ts'
import { repairReasons } from '../../repair/repair-reasons.ts'
import { type Answer, CommandError, paragraphs } from '../answer.ts'
import type { Context, Engine } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import { nextPrefix } from '../new-migration.ts'
import { refusal } from './drift.ts'

/** Makes what is in the database, and in no migration, one of them. */
export async function adopt(context: Context): Promise<Answer> {
  const engine = await context.engine()
  const { voice } = context
  const { words, paint } = voice
  const { title, progress, migratorOptions } = engine
  progress.say(words.progress.comparing)
  const options = await optionsFor(context, engine)
  if ('code' in options) return refusal({ objections: [options], title, voice })
  const result = await adoptDrift({ ...migratorOptions, ...options })
  progress.end()
  const where = paint('quiet', words.on(title))
  const data = { database: title, result }
  switch (result.kind) {
    case 'adopted':
      return {
        exitCode: exitCodes.done,
        data,
        text: paragraphs(
          result.text.trimEnd(),
          `${paint('good', words.adopt.done(result.file))} ${where}`,
        ),
        next: [{ command: 'verify', says: words.nextSteps.verify }],
      }
    case 'nothing-to-do':
      return {
        exitCode: exitCodes.done,
        data,
        text: `${paint('good', words.drift.none)} ${where}`,
        next: [],
      }
    case 'refused':
      return refusal({ objections: result.objections, title, voice })
    case 'failed': {
      const { error, remedy } = result.failure
      throw new CommandError(exitCodes.failed, { because: error.message, remedy })
    }
    case 'waiting-timed-out':
      throw new CommandError(exitCodes.waitingTimedOut, {
        because: words.consolidate.busy,
        remedy: '',
      })
    case 'stopped':
      throw new CommandError(exitCodes.stopped, { because: words.up.stopped, remedy: '' })
  }
}

async function optionsFor(
  { directory, voice }: Context,
  { migratorOptions }: Engine,
): Promise<Pick<AdoptDriftOptions, 'id' | 'why' | 'live' | 'trial'> | Objection> {
  const session = await openSession(migratorOptions.target)
  try {
    const planning = await survey(session, migratorOptions)
    const { files, database, options } = planning
    const ran = new Set(database.ledger.ran)
    const waiting = files.sources.find(({ id }) => !ran.has(id))
    if (waiting !== undefined)
      return objectTo(repairReasons.pendingFirst, { migration: waiting.id, file: waiting.file })
    const prefix = nextPrefix(await readdir(directory), new Date())
    if (prefix === undefined) throw new CommandError(exitCodes.refused, voice.words.mixedPrefixes)
    const { live } = database
    if (live === undefined)
      return objectTo(repairReasons.notAdoptable, { migration: '' }, { detail: '' })
    return {
      id: `${prefix}_adopted`,
      why: voice.words.adopt.why,
      live,
      trial: {
        parser: files.parser,
        completed: ranSources(planning),
        target: database.target,
        connection: options.connection,
        shadowServer: options.shadowServer,
        ledgerSchema: options.ledgerSchema,
        extensions: extensionsIn(files.sources.map(({ text }) => text)),
        images:
          options.imageDirectory === undefined ? undefined : { directory: options.imageDirectory },
      },
    }
  } finally {
    await session.close()
  }
}
