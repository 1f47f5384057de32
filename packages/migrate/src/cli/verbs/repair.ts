import { readFiles } from '../../engine/read-files.ts'
import { acceptEdits } from '../../repair/accept-edits.ts'
import type { RepairResult } from '../../repair/apply-repair.ts'
import type { RepairPlan, RepairReport } from '../../repair/plan-repair.ts'
import { type Answer, objectionLines, paragraphs, type Voice } from '../answer.ts'
import type { Context } from '../context.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { driftText, refusal } from './drift.ts'

export type RepairOptions = {
  readonly plan?: boolean
  /** Why edited files are what has run; nothing else is repaired then. */
  readonly acceptEdit?: string
}

/** Brings declared objects back; with `plan` only says how. Never a reset. */
export async function repair(context: Context, options: RepairOptions): Promise<Answer> {
  if (options.acceptEdit !== undefined) return accept(context, options.acceptEdit)
  const { migrator, progress, title } = await context.engine()
  const { voice } = context
  progress.say(voice.words.progress.comparing)
  if (options.plan === true) {
    const report = await migrator.planRepair()
    progress.end()
    if (report.kind === 'planned') return planAnswer(report.plan, { voice, title })
    return refusal({ objections: report.objections, title, voice })
  }
  const result = await migrator.repair()
  progress.end()
  return resultAnswer(result, { voice, title })
}

/** Lets the ledger say of edited files that they are what has run. */
async function accept(context: Context, reason: string): Promise<Answer> {
  const { migratorOptions, title, progress } = await context.engine()
  const { voice } = context
  const { words, paint } = voice
  const { sources, checksums, formerChecksums } = await readFiles(migratorOptions)
  const result = await acceptEdits({
    ...migratorOptions,
    reason,
    files: sources.map(({ id, rawSha256 }) => ({
      id,
      rawSha256,
      checksum: checksums.get(id) ?? '',
      formerChecksums: formerChecksums.get(id) ?? [],
    })),
  })
  progress.end()
  const where = paint('quiet', words.on(title))
  const data = { database: title, result }
  const end = (exitCode: ExitCode, text: string): Answer => ({ exitCode, data, text, next: [] })
  switch (result.kind) {
    case 'accepted':
      return end(
        exitCodes.done,
        `${paint('good', words.repair.accepted(result.migrations.join(', ')))} ${where}`,
      )
    case 'nothing-to-do':
      return end(exitCodes.done, `${paint('good', words.repair.noEdits)} ${where}`)
    case 'refused':
      return refusal({ objections: result.objections, title, voice })
    case 'failed':
      return end(
        exitCodes.failed,
        `${paint('bad', result.failure.error.message)}\n  → ${result.failure.remedy}`,
      )
    case 'waiting-timed-out':
      return end(exitCodes.waitingTimedOut, paint('bad', words.consolidate.busy))
    case 'stopped':
      return end(exitCodes.stopped, words.up.stopped)
  }
}

type Telling = { readonly voice: Voice; readonly title: string }

function planAnswer(plan: RepairPlan, { voice, title }: Telling): Answer {
  const { words, paint } = voice
  const isIdle = plan.kind === 'nothing-to-do'
  const where = paint('quiet', words.on(title))
  const sql = [
    ...transaction(plan.statements),
    ...plan.indexes.flatMap(({ statements }) => statements.map((text) => `${text};`)),
  ]
  return {
    exitCode: isIdle ? codeOfReports(plan.reports) : exitCodes.pending,
    data: { database: title, plan: withoutRows(plan) },
    text: paragraphs(
      isIdle
        ? `${paint('good', words.repair.nothing)} ${where}`
        : `${words.repair.planned(plan.provenIn)} ${where}`,
      sql.join('\n'),
      reportsText(plan.reports, voice),
    ),
    next: isIdle ? [] : [{ command: 'repair', says: words.nextSteps.repair }],
  }
}

const transaction = (statements: readonly string[]) =>
  statements.length === 0 ? [] : ['begin;', ...statements.map((text) => `${text};`), 'commit;']

const codeOfReports = (reports: readonly RepairReport[]) =>
  reports.length === 0 ? exitCodes.done : exitCodes.refused

/** Rows are for the eyes of whoever sits there, and for no log. */
const withoutRows = (plan: RepairPlan) => ({
  ...plan,
  reports: plan.reports.map(({ key, objection }) => ({ key, objection })),
})

function resultAnswer(result: RepairResult, telling: Telling): Answer {
  const { voice, title } = telling
  const { words, paint } = voice
  const where = paint('quiet', words.on(title))
  switch (result.kind) {
    case 'refused':
      return refusal({ objections: result.objections, title, voice })
    case 'failed':
      return {
        exitCode: exitCodes.failed,
        data: { database: title, result },
        text: `${paint('bad', `${words.repair.failed}: ${result.error.message}`)} ${where}\n  ${result.text}`,
        next: [{ command: 'repair --plan', says: words.nextSteps.repairPlan }],
      }
    case 'nothing-to-do':
      return {
        exitCode: codeOfReports(result.reports),
        data: { database: title, result: { kind: result.kind } },
        text: paragraphs(
          `${paint('good', words.repair.nothing)} ${where}`,
          reportsText(result.reports, voice),
        ),
        next: [],
      }
    case 'repaired':
      return {
        exitCode: result.left.length === 0 ? exitCodes.done : exitCodes.refused,
        data: {
          database: title,
          result: { kind: result.kind, statements: result.statements, left: result.left },
        },
        text: paragraphs(
          result.statements.map((text) => `${text};`).join('\n'),
          reportsText(result.reports, voice),
          driftText(result.left, voice),
          `${paint('good', words.repair.done(result.statements.length))} ${where}`,
        ),
        next: [{ command: 'verify', says: words.nextSteps.verify }],
      }
  }
}

function reportsText(reports: readonly RepairReport[], voice: Voice): string {
  return objectionLines(
    reports.map(({ objection }) => objection),
    voice,
  )
}
