import { importLedger, type ImportResult } from '../../adapters/import-ledger.ts'
import { readDirectory } from '../../adapters/read-directory.ts'
import type { Tool } from '../../ledger/other-tools.ts'
import { type Answer, objectionLines, paragraphs, type Voice } from '../answer.ts'
import type { Context } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import { refusal } from './drift.ts'

export type ImportOptions = { readonly from?: Tool; readonly plan?: boolean }

/** Takes over what another tool has applied, once a replay has shown that it is there. */
export async function importFrom(context: Context, options: ImportOptions): Promise<Answer> {
  const engine = await context.engine()
  const { voice, directory } = context
  const { title, progress, migratorOptions } = engine
  const { target, ledgerSchema, connection, shadowServer, imageDirectory, appVersion, signal } =
    migratorOptions
  progress.say(voice.words.progress.planning)
  const result = await importLedger({
    target,
    directory: await readDirectory(directory, { tool: migratorOptions.tool }),
    from: options.from,
    ledgerSchema,
    connection,
    shadowServer,
    imageDirectory,
    appVersion,
    signal,
    isDryRun: options.plan === true,
  })
  progress.end()
  return answerOf(result, voice, title)
}

function answerOf(result: ImportResult, voice: Voice, title: string): Answer {
  if (result.kind === 'refused') return refusal({ objections: result.objections, title, voice })
  const { words, paint } = voice
  const { kind, tool, applied, pending, warnings } = result
  const says = words.nextSteps
  const told = kind === 'proven' ? words.import.proven : words.import.done
  return {
    exitCode: kind === 'proven' ? exitCodes.pending : exitCodes.done,
    data: { database: title, result },
    text: paragraphs(
      warnings.length === 0
        ? ''
        : `${paint('careful', words.warnings)}\n${objectionLines(warnings, voice)}`,
      `${paint('good', told(tool, applied.length, pending.length))} ${paint('quiet', words.on(title))}`,
    ),
    next:
      kind === 'proven'
        ? [{ command: 'import', says: says.import }]
        : [{ command: 'plan', says: says.plan }],
  }
}
