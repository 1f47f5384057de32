import type { Query } from '../catalog/query.ts'
import { readServerError } from '../shadow/server-error.ts'
import type { Probe, ProbePlan, Question } from './probe.ts'

export type RunProbesOptions = {
  readonly query: Query
  /** Milliseconds that one question may take. */
  readonly timeoutMs: number
  /** `search_path` of the migrations: expressions of the authors are read with it. */
  readonly searchPath: string
  /** Bytes of a table by its name; small tables are asked first. */
  readonly sizeOf: (table: string) => number
  readonly major: number
}

/** Asks every question in the open transaction, each in a savepoint of its own. */
export async function runProbes(
  plans: readonly ProbePlan[],
  options: RunProbesOptions,
): Promise<Probe[]> {
  const { query, timeoutMs, searchPath } = options
  // With the policies on, rows would be hidden; so the server says that it would hide some.
  await query(
    `select set_config('statement_timeout', $1, true), set_config('search_path', $2, true),
       set_config('row_security', 'off', true)`,
    [String(Math.max(1, Math.round(timeoutMs))), searchPath],
  )
  try {
    return await askInOrder(plans, options)
  } finally {
    await query(
      `select set_config('statement_timeout', '0', true), set_config('search_path', '', true)`,
    )
  }
}

async function askInOrder(
  plans: readonly ProbePlan[],
  options: RunProbesOptions,
): Promise<Probe[]> {
  const { sizeOf } = options
  const order = plans
    .map((plan, index) => ({ plan, index }))
    .toSorted((a, b) => sizeOf(a.plan.table) - sizeOf(b.plan.table) || a.index - b.index)
  const probes: { readonly probe: Probe; readonly index: number }[] = []
  for (const { plan, index } of order) probes.push({ probe: await runProbe(plan, options), index })
  return probes.toSorted((a, b) => a.index - b.index).map(({ probe }) => probe)
}

async function runProbe(plan: ProbePlan, options: RunProbesOptions): Promise<Probe> {
  const { question, ...place } = plan
  const outcome = await outcomeOf(question, options)
  return { ...place, query: handQuery(question), outcome }
}

async function outcomeOf(question: Question, options: RunProbesOptions): Promise<Probe['outcome']> {
  const { query } = options
  if (question.kind === 'none') return { kind: 'skipped', because: question.because }
  if (question.kind === 'rows') return rowOutcome(question, query)
  const answer = await tried(query, textOfValues(question))
  if (answer.kind === 'rows') return { kind: 'passed' }
  if (!isAboutData(answer.sqlstate)) return unanswered(answer)
  const { culprit } = question
  const found =
    culprit === undefined || options.major < 16 ? undefined : await rowOutcome(culprit, query)
  const key = found?.kind === 'failed' ? found.key : {}
  return { kind: 'failed', key, sqlstate: answer.sqlstate }
}

async function rowOutcome(
  question: Question & { kind: 'rows' },
  query: Query,
): Promise<Probe['outcome']> {
  const answer = await tried(query, `${textOfRows(question, true)} limit 1`)
  if (answer.kind === 'rows') {
    const [row] = answer.rows
    if (row === undefined) return { kind: 'passed' }
    const key = Object.fromEntries(
      question.key.map(({ name }, index) => [name, String(row[`k${index + 1}`])]),
    )
    return { kind: 'failed', key, sqlstate: undefined }
  }
  if (question.computesAll === true && isAboutData(answer.sqlstate))
    return { kind: 'failed', key: {}, sqlstate: answer.sqlstate }
  return unanswered(answer)
}

type Refusal = { readonly kind: 'refused'; readonly sqlstate: string; readonly message: string }
type Answer =
  | { readonly kind: 'rows'; readonly rows: readonly Readonly<Record<string, unknown>>[] }
  | Refusal

function unanswered({ sqlstate, message }: Refusal): Probe['outcome'] {
  if (sqlstate === '57014') return { kind: 'timed-out' }
  return { kind: 'skipped', because: `${sqlstate}: ${isAboutData(sqlstate) ? 'data' : message}` }
}

/** Values that are wrong (22), and rules of domains (23): the answer, not an accident. */
function isAboutData(sqlstate: string): boolean {
  return /^2[23]/.test(sqlstate)
}

async function tried(query: Query, text: string): Promise<Answer> {
  await query('savepoint studioops_probe')
  try {
    const { rows } = await query(text)
    return { kind: 'rows', rows }
  } catch (thrown) {
    const error = readServerError(thrown)
    if (error === undefined) throw thrown
    return { kind: 'refused', sqlstate: error.sqlstate, message: error.message }
  } finally {
    await query('rollback to savepoint studioops_probe')
    await query('release savepoint studioops_probe')
  }
}

function textOfRows(question: Question & { kind: 'rows' }, isNumbered: boolean): string {
  const list = question.key.map(({ expression, name }, index) =>
    isNumbered
      ? `(${expression})::text as k${index + 1}`
      : expression === name
        ? expression
        : `${expression} as ${isNameLike(name) ? name : `key_${index + 1}`}`,
  )
  const where = question.where === '' ? '' : ` where ${question.where}`
  const grouped = isNumbered && question.grouped !== '' ? groupedByText(question) : question.grouped
  return `select ${list.length === 0 ? '1 as found' : list.join(', ')} from ${question.from}${where}${grouped}`
}

/** Two values may be written alike and be different, or the other way round: 1.0 and 1.00 are equal. */
function groupedByText({ key }: Question & { kind: 'rows' }): string {
  const list = key.map(({ expression }) => `(${expression})`).join(', ')
  return ` group by ${list} having count(*) > 1`
}

function isNameLike(name: string): boolean {
  return /^(?:"(?:[^"]|"")*"|[a-z_][a-z0-9_$]*)$/.test(name) && name !== 'ctid'
}

function textOfValues({ expressions, from, where }: Question & { kind: 'values' }): string {
  const list = expressions.map((expression, index) => `count(${expression}) as c${index + 1}`)
  return `select ${list.join(', ')} from ${from}${where === '' ? '' : ` where ${where}`}`
}

/** What the operator runs to see all of it. */
function handQuery(question: Question): string {
  switch (question.kind) {
    case 'none':
      return ''
    case 'rows':
      return textOfRows(question, false)
    case 'values':
      return question.culprit === undefined
        ? textOfValues(question)
        : textOfRows(question.culprit, false)
  }
}
