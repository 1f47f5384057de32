import type { MigrationPlan } from '../../engine/migration-plan.ts'
import type { Answer, NextStep } from '../answer.ts'
import { paragraphs } from '../answer.ts'
import type { Context } from '../context.ts'
import type { Words } from '../english.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { planText } from '../print-plan.ts'

export type PlanOptions = {
  readonly writeAfter?: boolean
  readonly applyOrder?: boolean
  readonly contract?: boolean
  readonly online?: boolean
  readonly acceptUnproven?: string
  readonly to?: string
  readonly details?: boolean
}

/** Says what would run. Writes nothing to the database, and to the files only what was asked for. */
export async function plan(context: Context, options: PlanOptions): Promise<Answer> {
  const { migrator, title, progress } = await context.engine()
  const { voice } = context
  progress.say(voice.words.progress.planning)
  const writes = options.writeAfter === true || options.applyOrder === true
  const before = writes ? await migrator.plan(runOf(options)) : undefined
  const found =
    before?.proposal === undefined && before !== undefined
      ? before
      : await migrator.plan({ ...runOf(options), applyOrder: writes })
  progress.end()
  const written = before?.proposal === undefined ? [] : Object.keys(before.proposal.after)
  const text = planText(found, voice, { title, details: options.details === true })
  const files = written.map((id) => `${id}.sql`).join(', ')
  return {
    exitCode: exitCodeOf(found),
    data: { database: title, plan: found, written },
    text: paragraphs(written.length === 0 ? '' : voice.words.plan.written(files), text),
    next: nextSteps(found, voice.words, flagsOf(options)),
  }
}

/** What a run is allowed, of what the command line says. */
export function runOf({ contract, online, acceptUnproven, to }: PlanOptions) {
  return { contract, online, acceptUnproven, to }
}

/** What the run needs as well, because the plan was made with it. */
function flagsOf({ online, contract, to }: PlanOptions): string {
  return [
    online === true ? ' --online' : '',
    contract === true ? ' --contract' : '',
    to === undefined ? '' : ` --to ${to}`,
  ].join('')
}

function exitCodeOf({ kind, held }: MigrationPlan): ExitCode {
  if (kind === 'refused') return exitCodes.refused
  return kind === 'ready' || held.length > 0 ? exitCodes.pending : exitCodes.done
}

/** What to do about a plan; the first is what most people will want. */
export function nextSteps(
  found: MigrationPlan,
  { nextSteps: says }: Words,
  flags = '',
): readonly NextStep[] {
  if (found.kind === 'ready')
    return [
      { command: `up${flags}`, says: says.up },
      { command: 'lint', says: says.lint },
    ]
  if (found.kind === 'nothing-to-do')
    return found.held.length > 0 ? [{ command: 'up --contract', says: says.upContract }] : []
  const codes = new Set(found.objections.map(({ code }) => code))
  const unproven = codes.has('inverse-unproven') || codes.has('needs-server')
  return [
    ...(found.proposal === undefined
      ? []
      : [{ command: 'plan --write-after', says: says.applyOrder }]),
    ...(codes.has('drift')
      ? [
          { command: 'drift', says: says.drift },
          { command: 'repair --plan', says: says.repairPlan },
        ]
      : []),
    ...(unproven ? [{ command: 'up --accept-unproven="…"', says: says.acceptUnproven }] : []),
  ]
}
