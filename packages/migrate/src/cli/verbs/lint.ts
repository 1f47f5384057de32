import { countFindings, lintText } from '../../lint/print.ts'
import type { ObjectionCode } from '../../objection.ts'
import { toSarif } from '../../lint/sarif.ts'
import { type Answer, paragraphs } from '../answer.ts'
import type { Context } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import { refusal } from './drift.ts'

export type LintOptions = { readonly format?: 'text' | 'json' | 'sarif' }

/** With these nobody can say what the files would do; all others are the business of a plan. */
const stopping: ReadonlySet<ObjectionCode> = new Set([
  'unknown-reference',
  'order-conflict',
  'cycle',
  'late-file-conflict',
  'unparsable',
  'unsupported-statement',
  'mixed-prefixes',
])

/** Says what pending migrations would do to an application that goes on running. */
export async function lint(context: Context, { format = 'text' }: LintOptions): Promise<Answer> {
  const { migrator, progress, title } = await context.engine()
  const { voice, surroundings } = context
  const { words, paint } = voice
  progress.say(words.progress.planning)
  const { plan, findings } = await migrator.lint()
  progress.end()
  const stopped = plan.objections.filter(({ code }) => stopping.has(code))
  if (stopped.length > 0 && format === 'text') return refusal({ objections: stopped, title, voice })
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
        plan.migrations.length === 0
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
