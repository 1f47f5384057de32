import type { StatusReport, StatusRow } from '../../engine/status.ts'
import type { Holder } from '../../ledger/lease.ts'
import { type Answer, objectionLines, paragraphs, type Voice } from '../answer.ts'
import type { Context } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import { seconds } from '../progress.ts'
import { alignColumns, shorten } from '../terminal.ts'

/** Says where every migration stands; writes nothing. */
export async function status(context: Context): Promise<Answer> {
  const { migrator, title } = await context.engine()
  const { voice } = context
  const report = await migrator.status()
  const { words, paint } = voice
  const pending = report.pending.length
  const completed = report.migrations.filter((row) => row.status === 'completed').length
  const isRefused = report.objections.length > 0
  return {
    exitCode: isRefused ? exitCodes.refused : pending > 0 ? exitCodes.pending : exitCodes.done,
    data: { database: title, status: report },
    text: paragraphs(
      report.migrations.length === 0 ? words.status.empty : statusTable(report, voice),
      report.holder === undefined ? '' : words.status.holder(holderText(report.holder)),
      isRefused
        ? `${paint('bad', words.objections(report.objections.length))}\n${objectionLines(report.objections, voice)}`
        : '',
      `${words.status.summary(completed, pending)} ${paint('quiet', words.on(title))}`,
    ),
    next: pending > 0 ? [{ command: 'plan', says: words.nextSteps.plan }] : [],
  }
}

function statusTable({ migrations }: StatusReport, voice: Voice): string {
  const { words, paint } = voice
  const { columns } = words.status
  const head = [columns.migration, columns.status, columns.when, columns.took, columns.detail]
  const rows = migrations.map((row) => [
    paint('strong', row.id),
    stateCell(row, voice),
    row.completedAt === undefined ? '' : `${row.completedAt.slice(0, 16).replace('T', ' ')}Z`,
    row.durationMs === undefined ? '' : seconds(row.durationMs),
    detailOf(row, voice),
  ])
  return alignColumns([head.map((cell) => paint('quiet', cell)), ...rows]).join('\n')
}

const tones = {
  completed: 'good',
  pending: 'careful',
  in_progress: 'name',
  failed: 'bad',
  rolled_back: 'careful',
} as const

function stateCell({ status: state = 'pending' }: StatusRow, { words, paint }: Voice): string {
  return paint(tones[state], words.status.states[state])
}

function detailOf(row: StatusRow, { words, width }: Voice): string {
  const { statementsDone: done, statementsTotal: total } = row
  const isUnfinished = row.status === 'failed' || row.status === 'in_progress'
  const parts = [
    row.hasFile ? '' : words.status.noFile,
    isUnfinished && done !== undefined && total !== undefined
      ? words.status.statements(done, total)
      : '',
    row.status === 'failed' ? (row.error ?? '') : '',
  ]
  return shorten(parts.filter((part) => part !== '').join('; '), Math.max(40, width - 60))
}

function holderText({ host, pid, migration, position, total }: Holder): string {
  const what = migration === undefined ? '' : `: ${position ?? '?'}/${total ?? '?'} ${migration}`
  return `${host} (pid ${pid})${what}`
}
