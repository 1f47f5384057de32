import type { Sources } from './sources.ts'
import { variableEntries, type Words } from './variables.ts'

/** A name that is set and does nothing. */
export type Stray = {
  readonly name: string
  readonly source: string
  readonly kind: 'misspelt' | 'unknown' | 'obsolete' | 'misplaced'
  /** What it is, and what to do. Never its value. */
  readonly advice: Words
}

type Rule = {
  readonly pattern: RegExp
  readonly kind: 'obsolete' | 'misplaced'
  /** In the environment of a process such a name may belong to another program. */
  readonly inFilesOnly?: true
  readonly advice: Words
}

const remove: Words = { en: 'Remove it.', he: 'יש להסיר אותו.' }
const personal: Words = {
  en: 'Each person enters this on the page Connections, where it is kept encrypted. Remove it here.',
  he: 'כל אדם מזין זאת בדף החיבורים, ושם זה נשמר מוצפן. יש להסיר אותו מכאן.',
}

const rules: readonly Rule[] = [
  {
    pattern: /^(REDIS|CELERY|RABBITMQ|AMQP)_/,
    kind: 'obsolete',
    advice: {
      en: 'Queues, locks and streams live in PostgreSQL; nothing of the kind is needed. Remove it.',
      he: 'תורים, נעילות וזרמים נמצאים ב־PostgreSQL ואין צורך בדבר נוסף. יש להסיר אותו.',
    },
  },
  {
    pattern: /^(DB|POSTGRES|PG)_?(HOST|PORT|NAME|USER|PASSWORD|DATABASE|DB)$/,
    kind: 'obsolete',
    inFilesOnly: true,
    advice: {
      en: 'Write all of it as one DATABASE_URL (or DATABASE_URL_FILE), or remove it for the embedded database.',
      he: 'יש לכתוב הכול כ־DATABASE_URL אחד (או DATABASE_URL_FILE), או להסיר לטובת מסד הנתונים המובנה.',
    },
  },
  {
    pattern: /^(JWT_|SESSION_|APP_)?SECRET(_KEY)?$|^(ENCRYPTION|FERNET|AES)_KEY$/,
    kind: 'obsolete',
    inFilesOnly: true,
    advice: {
      en: 'All keys are derived from STUDIOOPS_MASTER_KEY. Remove it.',
      he: 'כל המפתחות נגזרים מ־STUDIOOPS_MASTER_KEY. יש להסיר אותו.',
    },
  },
  {
    pattern: /^(MONGO|SQLITE|MYSQL)(DB)?_/,
    kind: 'obsolete',
    inFilesOnly: true,
    advice: remove,
  },
  {
    pattern: /^(JIRA|CONFLUENCE|TRELLO|OPENAI|KIMI|MOONSHOT|GLM|ZAI|LLM|COMPANY_LLM)_/,
    kind: 'misplaced',
    inFilesOnly: true,
    advice: personal,
  },
  {
    pattern: /^(NODE_OPTIONS|NODE_EXTRA_CA_CERTS|NODE_COMPILE_CACHE|TZ|UV_THREADPOOL_SIZE)$/,
    kind: 'misplaced',
    inFilesOnly: true,
    advice: {
      en: 'Node reads this before any file. Set it in the environment of the process.',
      he: 'Node קורא אותו לפני כל קובץ. יש להגדיר אותו בסביבה של התהליך.',
    },
  },
]

/** Read by the programs around the server rather than by it. */
const neighbours: ReadonlySet<string> = new Set([
  'MIGRATION_DATABASE_URL',
  'MIGRATE_TEST_URL',
  'MIGRATE_PROPERTY_RUNS',
  'STUDIOOPS_SPECS_DIR',
  'STUDIOOPS_DEV_SERVER',
])

const ownPrefix = /^(STUDIOOPS|MONITORING|METRICS|HEALTH_CHECK|MIGRATE|OUTBOX|DATABASE|OUTBOUND)_/

const known: ReadonlySet<string> = new Set(
  variableEntries.flatMap(([name, { secret }]) => [name, ...(secret ? [`${name}_FILE`] : [])]),
)

/** Names that are set and not read: misspelt, obsolete, in the wrong place, or unknown. */
export function findStrays({ sourceOf }: Sources): Stray[] {
  return [...sourceOf].flatMap(([name, source]) => {
    if (known.has(name) || neighbours.has(name)) return []
    const isFile = source !== 'environment'
    const stray = judge(name, isFile)
    return stray === undefined ? [] : [{ name, source, ...stray }]
  })
}

function judge(name: string, isFile: boolean): Omit<Stray, 'name' | 'source'> | undefined {
  const near = nearest(name)
  if (near !== undefined) return { kind: 'misspelt', advice: suggestion(near) }
  const rule = rules.find(
    ({ pattern, inFilesOnly }) => pattern.test(name) && (isFile || !inFilesOnly),
  )
  if (rule !== undefined) return { kind: rule.kind, advice: rule.advice }
  return isFile || ownPrefix.test(name) ? { kind: 'unknown', advice: unknown } : undefined
}

const unknown: Words = {
  en: 'StudioOps does not read it. Remove it; docs/configuration.md lists what there is.',
  he: 'StudioOps אינו קורא אותו. יש להסיר אותו; הרשימה נמצאת ב־docs/configuration.md.',
}

function suggestion(name: string): Words {
  return { en: `Did you mean ${name}?`, he: `האם הכוונה ל־${name}?` }
}

function nearest(name: string): string | undefined {
  // Short names of other programs (HOME, PATH) are near to everything.
  if (name.length < 6) return undefined
  const upper = name.toUpperCase()
  const most = name.length < 10 ? 1 : 2
  const ranked = [...known]
    .map((candidate) => ({ candidate, distance: distanceBetween(upper, candidate) }))
    .toSorted((a, b) => a.distance - b.distance)
  const best = ranked[0]
  return best !== undefined && best.distance <= most ? best.candidate : undefined
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
export function distanceBetween(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, at) => at)]
  const cell = (row: number, column: number) => rows[row]?.[column] ?? Number.POSITIVE_INFINITY
  for (let row = 1; row <= a.length; row += 1) {
    const line = [row]
    rows.push(line)
    for (let column = 1; column <= b.length; column += 1) {
      const isSame = a[row - 1] === b[column - 1]
      const isSwap = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      line[column] = Math.min(
        cell(row - 1, column) + 1,
        cell(row, column - 1) + 1,
        cell(row - 1, column - 1) + (isSame ? 0 : 1),
        isSwap ? cell(row - 2, column - 2) + 1 : Number.POSITIVE_INFINITY,
      )
    }
  }
  return cell(a.length, b.length)
}
