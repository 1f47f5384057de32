import { diagnose, type Diagnosis } from '../../doctor/diagnose.ts'
import { ranSources, type Planning } from '../../engine/make-plan.ts'
import { survey } from '../../engine/verbs.ts'
import { openSession } from '../../execute/session.ts'
import type { Objection } from '../../objection.ts'
import { judgeOrder } from '../../order/verdict.ts'
import { elaborate, pathOf, type PendingMigration } from '../../plan/elaborate.ts'
import { type Answer, objectionLines, paragraphs, type Voice } from '../answer.ts'
import type { Context } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import { blockerName } from '../progress.ts'

export type DoctorOptions = { readonly foreignKeys?: boolean }

/** Examines a database and its ledger. Changes nothing; what an undo would do is tried and undone. */
export async function doctor(context: Context, options: DoctorOptions): Promise<Answer> {
  const { migratorOptions, progress, title } = await context.engine()
  const { voice } = context
  progress.say(voice.words.progress.examining)
  const session = await openSession(migratorOptions.target)
  try {
    const planning = await survey(session, migratorOptions)
    const tried = await tryDeclared(planning)
    const diagnosis = await diagnose({
      query: session.rows,
      ledgerSchema: migratorOptions.ledgerSchema,
      ...tried,
      checksForeignKeys: options.foreignKeys === true,
    })
    progress.end()
    return answerOf(diagnosis, voice, title)
  } finally {
    await session.close()
  }
}

/** What has not run, tried on what is declared rather than on what is there. */
async function tryDeclared(planning: Planning) {
  const { files, database, options } = planning
  const completedIds = new Set(database.ledger.ran)
  const verdict = judgeOrder(files.sources, {
    parser: files.parser,
    completed: completedIds,
    searchPath: pathOf(database.target),
  })
  const sources = new Map(files.sources.map((source) => [source.id, source]))
  const pending = verdict.analyses.flatMap((analysis): PendingMigration[] => {
    const [source, checksum] = [sources.get(analysis.id), files.checksums.get(analysis.id)]
    if (source === undefined || checksum === undefined || completedIds.has(source.id)) return []
    return [{ source, checksum, analysis }]
  })
  const elaboration = await elaborate({
    parser: files.parser,
    completed: ranSources(planning),
    pending: verdict.kind === 'ordered' ? pending : [],
    target: database.target,
    images:
      options.imageDirectory === undefined ? undefined : { directory: options.imageDirectory },
    connection: options.connection,
    shadowServer: options.shadowServer,
    ledgerSchema: options.ledgerSchema,
    findsInverses: false,
  })
  const completed = verdict.analyses.filter(({ id }) => completedIds.has(id))
  return { elaboration, completed }
}

function answerOf(diagnosis: Diagnosis, voice: Voice, title: string): Answer {
  const { words, paint } = voice
  const { unfinished, ailments, drift, holder, blockers, indexAdvice, foreignKeys } = diagnosis
  const isHealthy = diagnosis.kind === 'healthy'
  const where = paint('quiet', words.on(title))
  const section = (heading: string, text: string) =>
    text === '' ? '' : `${paint('strong', heading)}\n${text}`
  const told = (findings: readonly { readonly explanation: Objection }[]) =>
    objectionLines(
      findings.map(({ explanation }) => explanation),
      voice,
    )
  const broken = foreignKeys.flatMap(({ objection }) =>
    objection === undefined ? [] : [objection],
  )
  return {
    exitCode: isHealthy ? exitCodes.done : exitCodes.refused,
    data: { database: title, diagnosis },
    text: paragraphs(
      section(words.doctor.unfinished, unfinishedText(unfinished, voice)),
      section(words.doctor.ailments, findingsText(ailments, voice)),
      section(words.doctor.drift, told(drift)),
      section(words.doctor.foreignKeys, objectionLines(broken, voice)),
      section(words.doctor.holder, holder === undefined ? '' : told([holder])),
      section(words.doctor.blockers, blockers.map((one) => `  ${blockerName(one)}`).join('\n')),
      section(words.doctor.indexes, findingsText(indexAdvice, voice)),
      `${isHealthy ? paint('good', words.doctor.healthy) : paint('bad', words.doctor.ailing)} ${where}`,
    ),
    next: nextOf(diagnosis, words),
  }
}

function nextOf({ unfinished, drift }: Diagnosis, { nextSteps }: Voice['words']) {
  const goesOn = unfinished.some(({ remedies }) => remedies.some(({ kind }) => kind === 'finish'))
  return [
    ...(goesOn ? [{ command: 'up', says: nextSteps.upAgain }] : []),
    ...(drift.length > 0 ? [{ command: 'repair --plan', says: nextSteps.repairPlan }] : []),
  ]
}

function unfinishedText(unfinished: Diagnosis['unfinished'], voice: Voice): string {
  const { words, paint } = voice
  return unfinished
    .map(({ explanation, remedies }) =>
      [
        objectionLines([explanation], voice),
        ...remedies.flatMap(({ kind, statements }) => [
          `  ${paint('quiet', `${words.doctor.remedies[kind]}:`)}`,
          ...statements.map((text) => `    ${text.replaceAll(/\s+/g, ' ')};`),
        ]),
      ].join('\n'),
    )
    .join('\n')
}

function findingsText(findings: Diagnosis['ailments'] | Diagnosis['indexAdvice'], voice: Voice) {
  return findings
    .map(({ explanation, statements }) =>
      [
        objectionLines([explanation], voice),
        ...statements.map((text) => `    ${text.replaceAll(/\s+/g, ' ')};`),
      ].join('\n'),
    )
    .join('\n')
}
