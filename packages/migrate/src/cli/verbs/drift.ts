import { findDrift, type DriftFinding } from '../../preflight/drift.ts'
import { type Answer, objectionLines, paragraphs, type Voice } from '../answer.ts'
import type { Context } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import { look, untriedObjections } from '../look.ts'
import { alignColumns } from '../terminal.ts'

export type DriftOptions = { readonly ignore?: readonly string[] }

/** Compares what the completed migrations declare with what is there. Writes nothing. */
export async function drift(context: Context, { ignore }: DriftOptions): Promise<Answer> {
  const engine = await context.engine()
  const { voice } = context
  const { words, paint } = voice
  engine.progress.say(words.progress.comparing)
  await using seen = await look(engine, 'declared')
  engine.progress.end()
  const objections = untriedObjections(seen)
  const { expected } = seen.elaboration
  if (expected === undefined) return refusal({ objections, title: engine.title, voice })
  const { kind, findings } = await findDrift({
    expected,
    live: seen.live,
    completed: seen.completed,
    ...(ignore === undefined ? {} : { ignore }),
  })
  const shown = findings.filter(({ kind: how }) => how !== 'cosmetic')
  const blocks = findings.some((finding) => finding.blocks)
  const where = paint('quiet', words.on(engine.title))
  return {
    exitCode: blocks ? exitCodes.refused : exitCodes.done,
    data: { database: engine.title, comparison: kind, findings },
    text:
      shown.length === 0
        ? `${paint('good', words.drift.none)} ${where}`
        : paragraphs(driftText(shown, voice), `${words.drift.summary(shown.length)} ${where}`),
    next: blocks ? [{ command: 'repair --plan', says: words.nextSteps.repairPlan }] : [],
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
