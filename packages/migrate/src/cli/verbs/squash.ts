import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openTrial } from '../../engine/declared.ts'
import { engineReasons } from '../../engine/engine-reasons.ts'
import { survey } from '../../engine/verbs.ts'
import { openSession } from '../../execute/session.ts'
import { objectTo } from '../../objection.ts'
import type { Shadow } from '../../shadow/shadow.ts'
import { squash as squashAll, type SquashResult } from '../../squash/squash.ts'
import { type Answer, CommandError } from '../answer.ts'
import type { Context } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import { refusal } from './drift.ts'

export type SquashOptions = {
  readonly through?: string
  readonly name?: string
  /** Prints the file and writes none. */
  readonly print?: boolean
}

/** Makes one proven file of many and writes it beside them. */
export async function squash(context: Context, options: SquashOptions): Promise<Answer> {
  const engine = await context.engine()
  const { voice } = context
  const { title, progress, migratorOptions } = engine
  progress.say(voice.words.progress.planning)
  const session = await openSession(migratorOptions.target)
  try {
    const planning = await survey(session, migratorOptions)
    const { sources, objections } = planning.files
    if (objections.length > 0) return refusal({ objections, title, voice })
    const result = await squashAll({
      sources,
      upTo: options.through?.replace(/\.sql$/, ''),
      id: options.name?.replace(/\.sql$/, ''),
      open: async (): Promise<Shadow> => {
        const shadow = await openTrial(planning)
        if (shadow !== undefined) return shadow
        const { because, remedy } = objectTo(engineReasons.notTried, { migration: '' })
        throw new CommandError(exitCodes.refused, { because, remedy })
      },
    })
    progress.end()
    if (result.kind === 'refused') return refusal({ objections: result.objections, title, voice })
    return await write(context, result, options)
  } finally {
    await session.close()
  }
}

type Squashed = Extract<SquashResult, { kind: 'squashed' }>

async function write(
  { directory, voice }: Context,
  { id, text, replaces, rows, fingerprint }: Squashed,
  { print }: SquashOptions,
): Promise<Answer> {
  const { words, paint } = voice
  const data = { migration: id, replaces, rows, fingerprint, text }
  if (print === true) return { exitCode: exitCodes.done, data, text: text.trimEnd(), next: [] }
  const file = join(directory, `${id}.sql`)
  try {
    await writeFile(file, text, { flag: 'wx' })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    const { because, remedy } = words.exists
    throw new CommandError(exitCodes.refused, { because: because(file), remedy })
  }
  return {
    exitCode: exitCodes.done,
    data: { ...data, file },
    text: `${paint('good', words.squash.made(file, replaces.length))}\n${words.squash.replaced}`,
    next: [{ command: 'plan', says: words.nextSteps.plan }],
  }
}
