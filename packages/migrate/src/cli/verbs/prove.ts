import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeProofs } from '../../engine/make-proofs.ts'
import { proofsName, readProofs } from '../../engine/proofs.ts'
import { readFiles } from '../../engine/read-files.ts'
import { createManifest, writeManifest } from '../../text/manifest.ts'
import { type Answer, objectionLines, paragraphs } from '../answer.ts'
import type { Context } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'

export type ProveOptions = {
  /** Writes nothing; says whether what lies there is about these files. */
  readonly check?: boolean
}

/**
 * Proves all migrations on an empty database, without a server, and leaves beside them what a first
 * start and a start with nothing to do need to be quick.
 */
export async function prove(context: Context, { check }: ProveOptions): Promise<Answer> {
  const { voice, progress } = context
  const { words, paint } = voice
  const options = await context.files()
  const known = await readProofs(options.directory)
  const count = known?.migrations.length ?? 0
  if (check === true)
    return {
      exitCode: known === undefined ? exitCodes.pending : exitCodes.done,
      data: { isCurrent: known !== undefined, migrations: count },
      text:
        known === undefined
          ? paint('careful', words.prove.outdated)
          : paint('good', words.prove.current(count)),
      next: known === undefined ? [{ command: 'prove', says: words.nextSteps.prove }] : [],
    }
  progress.say(words.progress.planning)
  const made = await makeProofs(options)
  progress.end()
  if (made.kind === 'refused')
    return {
      exitCode: exitCodes.refused,
      data: { objections: made.objections },
      text: paragraphs(
        `${paint('bad', words.prove.refused)} ${words.objections(made.objections.length)}:`,
        objectionLines(made.objections, voice),
      ),
      next: [],
    }
  const { sources, parser } = await readFiles(options)
  await writeManifest(options.directory, createManifest(sources, parser))
  const text = `${JSON.stringify(made.proofs, undefined, 2)}\n`
  await writeFile(join(options.directory, proofsName), text)
  const { migrations } = made.proofs
  return {
    exitCode: exitCodes.done,
    data: { isCurrent: true, migrations: migrations.length },
    text: paint('good', words.prove.done(migrations.length, options.directory)),
    next: [],
  }
}
