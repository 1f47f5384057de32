import { countFindings, lintText } from '../../lint/print.ts'
import { lint as findAll } from '../../lint/lint.ts'
import { toSarif } from '../../lint/sarif.ts'
import { preflight } from '../../preflight/preflight.ts'
import { type Answer, paragraphs } from '../answer.ts'
import type { Context } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import { look, untriedObjections } from '../look.ts'
import { refusal } from './drift.ts'

export type LintOptions = { readonly format?: 'text' | 'json' | 'sarif' }

/** Says what pending migrations would do to an application that goes on running. */
export async function lint(context: Context, { format = 'text' }: LintOptions): Promise<Answer> {
  const engine = await context.engine()
  const { voice, surroundings } = context
  const { title, progress, migratorOptions } = engine
  const { words, paint } = voice
  progress.say(words.progress.planning)
  await using seen = await look(engine, 'pending')
  const { elaboration, session } = seen
  progress.end()
  const stopped = [...seen.orderObjections, ...untriedObjections(seen), ...elaboration.objections]
  if (stopped.length > 0 && format === 'text') return refusal({ objections: stopped, title, voice })
  const { tables } = await preflight({
    query: session.rows,
    elaboration,
    ledgerSchema: migratorOptions.ledgerSchema,
  })
  const findings = await findAll(elaboration, { tables })
  const counts = countFindings(findings)
  const exitCode = counts.error > 0 || stopped.length > 0 ? exitCodes.refused : exitCodes.done
  const sarif = () =>
    toSarif(findings, { toolVersion: surroundings.version, root: surroundings.cwd })
  const formats = {
    sarif: () => JSON.stringify(sarif(), undefined, 2),
    json: () => JSON.stringify(findings, undefined, 2),
    text: () =>
      paragraphs(
        lintText(findings, voice.language),
        elaboration.migrations.length === 0
          ? words.lint.nothing
          : findings.length === 0
            ? paint('good', words.lint.clean)
            : words.lint.summary(counts.error, counts.warning, counts.info),
      ),
  }
  return {
    exitCode,
    data: { database: title, findings, objections: stopped },
    text: formats[format](),
    next:
      format === 'text' && counts.error + counts.warning > 0
        ? [{ command: 'up --online', says: words.nextSteps.online }]
        : [],
  }
}
