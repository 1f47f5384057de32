import { readFile } from 'node:fs/promises'
import { consolidate as carryOut, type ConsolidateResult } from '../../consolidate/consolidate.ts'
import { rollbackConsolidation } from '../../consolidate/rollback-consolidation.ts'
import { readSpec } from '../../consolidate/spec.ts'
import { type Answer, CommandError, paragraphs, type Voice } from '../answer.ts'
import { type Context, openClient } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import { seconds } from '../progress.ts'
import { refusal } from './drift.ts'
import { failureText } from './up.ts'

export type ConsolidateOptions = {
  readonly plan?: boolean
  readonly rehearse?: boolean
  readonly rollback?: boolean
  readonly acceptLoss?: boolean
  /** False with `--no-full-backup`. */
  readonly fullBackup?: boolean
}

/** Puts several tables into one as a specification says, or takes that back. */
export async function consolidate(
  context: Context,
  file: string,
  options: ConsolidateOptions,
): Promise<Answer> {
  const { voice, surroundings } = context
  const { words } = voice
  const text = await readFile(file, 'utf8').catch(() => {
    const { because, remedy } = words.noSpec
    throw new CommandError(exitCodes.refused, { because: because(file), remedy })
  })
  const { config, title } = await context.connection()
  const read = readSpec(text, file)
  if (read.kind === 'refused') return refusal({ objections: read.objections, title, voice })
  const { spec } = read
  const progress = context.progress
  const common = {
    target: { open: () => openClient(config) },
    appVersion: `${surroundings.name} ${surroundings.version}`,
    ...(context.options.ledgerSchema === undefined
      ? {}
      : { ledgerSchema: context.options.ledgerSchema }),
    onEvent: progress.onEvent,
    signal: surroundings.signal,
  }
  if (options.rollback === true) {
    const result = await rollbackConsolidation({
      ...common,
      name: spec.name,
      acceptsLoss: options.acceptLoss === true,
    })
    progress.end()
    return rollbackAnswer(result, { voice, title, file })
  }
  const result = await carryOut({
    ...common,
    spec,
    backupDirectory: context.backupDirectory,
    mode: options.plan === true ? 'plan' : options.rehearse === true ? 'rehearse' : 'apply',
    fullBackup: options.fullBackup !== false,
  })
  progress.end()
  return answerOf(result, { voice, title, file })
}

type Telling = { readonly voice: Voice; readonly title: string; readonly file: string }

function rollbackAnswer(
  result: Awaited<ReturnType<typeof rollbackConsolidation>>,
  { voice, title }: Telling,
): Answer {
  const { words, paint } = voice
  const data = { database: title, result }
  switch (result.kind) {
    case 'refused':
      return refusal({ objections: result.objections, title, voice })
    case 'waiting-timed-out':
      return {
        exitCode: exitCodes.waitingTimedOut,
        data,
        text: paint('bad', words.consolidate.busy),
        next: [],
      }
    case 'stopped':
      return { exitCode: exitCodes.stopped, data, text: words.up.stopped, next: [] }
    case 'rolled-back':
      return {
        exitCode: exitCodes.done,
        data,
        text: `${paint('good', words.consolidate.rolledBack(result.location))} ${paint('quiet', words.on(title))}`,
        next: [{ command: 'status', says: words.nextSteps.status }],
      }
  }
}

// oxlint-disable-next-line complexity -- one sentence for each way in which it ends
function answerOf(result: ConsolidateResult, telling: Telling): Answer {
  const { voice, title, file } = telling
  const { words, paint } = voice
  const where = paint('quiet', words.on(title))
  const data = { database: title, result }
  const says = words.nextSteps
  switch (result.kind) {
    case 'planned':
    case 'rehearsed': {
      const { sql, checklist, estimate } = result.plan
      const isPlan = result.kind === 'planned'
      return {
        exitCode: exitCodes.pending,
        data,
        text: paragraphs(
          sql.trimEnd(),
          voice.language === 'he' ? checklist.he.trimEnd() : checklist.en.trimEnd(),
          result.kind === 'planned'
            ? `${words.consolidate.planned(estimate.seconds)} ${where}`
            : `${paint('good', words.consolidate.rehearsed(seconds(result.lockedMs)))} ${where}`,
        ),
        next: [
          ...(isPlan ? [{ command: `consolidate ${file} --rehearse`, says: says.rehearse }] : []),
          { command: `consolidate ${file}`, says: says.up },
        ],
      }
    }
    case 'done':
      return {
        exitCode: exitCodes.done,
        data,
        text: `${paint('good', words.consolidate.done(result.location ?? '–', result.fullLocation ?? '–'))} ${where}`,
        next: [{ command: `consolidate ${file} --rollback`, says: says.rollback }],
      }
    case 'nothing-to-do':
      return {
        exitCode: exitCodes.done,
        data,
        text: `${paint('good', words.up.nothing)} ${where}`,
        next: [],
      }
    case 'refused':
      return refusal({ objections: result.objections, title, voice })
    case 'failed':
      return { exitCode: exitCodes.failed, data, text: failureText(result, voice), next: [] }
    case 'waiting-timed-out':
      return {
        exitCode: exitCodes.waitingTimedOut,
        data,
        text: paint('bad', words.consolidate.busy),
        next: [],
      }
    case 'stopped':
      return { exitCode: exitCodes.stopped, data, text: words.up.stopped, next: [] }
  }
}
