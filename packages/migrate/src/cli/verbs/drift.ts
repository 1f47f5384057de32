import { engineReasons } from '../../engine/engine-reasons.ts'
import { objectTo } from '../../objection.ts'
import type { DriftFinding } from '../../preflight/drift.ts'
import { type Answer, objectionLines, paragraphs, type Voice } from '../answer.ts'
import type { Context } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import { alignColumns } from '../terminal.ts'

/** Compares what the completed migrations declare with what is there. Writes nothing. */
export async function drift(context: Context): Promise<Answer> {
  const { migrator, progress, title } = await context.engine()
  const { voice } = context
  const { words, paint } = voice
  progress.say(words.progress.comparing)
  const { findings, comparison, because } = await migrator.drift()
  progress.end()
  if (because !== undefined) {
    const objections = [objectTo(engineReasons.notTried, { migration: '' }, { detail: because })]
    return refusal({ objections, title, voice })
  }
  const shown = findings.filter(({ kind }) => kind !== 'cosmetic')
  const blocks = findings.some((finding) => finding.blocks)
  const where = paint('quiet', words.on(title))
  return {
    exitCode: blocks ? exitCodes.refused : exitCodes.done,
    data: { database: title, comparison, findings },
    text:
      shown.length === 0
        ? `${paint('good', words.drift.none)} ${where}`
        : paragraphs(driftText(shown, voice), `${words.drift.summary(shown.length)} ${where}`),
    next: [
      ...(blocks ? [{ command: 'repair --plan', says: words.nextSteps.repairPlan }] : []),
      ...(shown.every(({ kind }) => kind === 'environment')
        ? []
        : [{ command: 'drift --adopt', says: words.nextSteps.adopt }]),
    ],
  }
}

/** Something could not be found out; every reason with its remedy. */
export function refusal({
  objections,
  title,
  voice,
}: {
  readonly objections: Parameters<typeof objectionLines>[0]
  readonly title: string
  readonly voice: Voice
}): Answer {
  const { words, paint } = voice
  return {
    exitCode: exitCodes.refused,
    data: { database: title, objections },
    text: paragraphs(
      `${paint('bad', words.up.refused)} ${words.objections(objections.length)}:`,
      objectionLines(objections, voice),
    ),
    next: [],
  }
}

/** What blocks comes with its remedy; what is only there, by name. */
export function driftText(findings: readonly DriftFinding[], voice: Voice): string {
  const { words, paint } = voice
  const serious = findings.filter(({ blocks }) => blocks)
  const rest = findings.filter(({ blocks }) => !blocks)
  const rows = rest.map(({ kind, objectKind, object }) => [
    paint('careful', words.drift.kinds[kind]),
    `${objectKind} ${object}`,
  ])
  return paragraphs(
    objectionLines(
      serious.map(({ explanation }) => explanation),
      voice,
    ),
    rows.length === 0 ? '' : alignColumns(rows).join('\n'),
  )
}
