import type { LockMode } from '../shadow/lock-modes.ts'
import type { TableSize } from './finding.ts'

/** How long a lock is held: for a moment, or for as long as the work over all rows takes. */
export type Work = 'moment' | 'scan' | 'index' | 'rewrite' | 'update'

/** A lock and what is done under it. */
export type Effort = {
  readonly mode: LockMode
  /** Tables that are locked, qualified and quoted. */
  readonly tables: readonly string[]
  readonly work: Work
  /** Tables whose rows the work goes through; default: `tables`. */
  readonly over?: readonly string[]
}

export type Sizes = ReadonlyMap<string, TableSize>

/** Below this a table is done before anybody notices. */
const smallMaxBytes = 8 * 1024 * 1024
const smallMaxRows = 50_000

/** Megabytes in a second, on modest disks; only the order of magnitude is meant. */
const paceMb: Readonly<Record<Exclude<Work, 'moment'>, number>> = {
  scan: 300,
  index: 60,
  rewrite: 40,
  update: 15,
}

/** Whether the work is known to be over at once. */
export function isSmall({ work, tables, over = tables }: Effort, sizes: Sizes): boolean {
  if (work === 'moment') return false
  return over.every((name) => {
    const size = sizes.get(name)
    return size !== undefined && size.bytes <= smallMaxBytes && (size.rows ?? 0) <= smallMaxRows
  })
}

/** Who waits, and for how long, as a sentence in both languages. */
export function blocksOf(
  effort: Effort,
  sizes: Sizes,
): { readonly en: string; readonly he: string } {
  const mode = effort.mode.toUpperCase()
  const tables = effort.tables.join(', ')
  const who = waiters[effort.mode]
  const howLong = duration(effort, sizes)
  return {
    en: `${mode} on ${tables}: ${who.en} ${howLong.en}.`,
    he: `${mode} על ${tables}: ${who.he} ${howLong.he}.`,
  }
}

const both = (en: string, he: string) => ({ en, he })
const onlyReads = both('reads go on, writes wait', 'קריאות ממשיכות, כתיבות ממתינות')
const onlySchema = both(
  'reads and writes go on; other schema changes and VACUUM wait',
  'קריאות וכתיבות ממשיכות; שינויי סכמה אחרים ו-VACUUM ממתינים',
)
const onlyRows = both(
  'reads and other writes go on; whoever wants to change the same rows waits',
  'קריאות וכתיבות אחרות ממשיכות; מי שרוצה לשנות אותן שורות ממתין',
)

const waiters: Readonly<Record<LockMode, { readonly en: string; readonly he: string }>> = {
  'access share': both('nobody waits but DROP and ALTER', 'רק DROP ו-ALTER ממתינים'),
  'row share': onlyRows,
  'row exclusive': onlyRows,
  'share update exclusive': onlySchema,
  share: onlyReads,
  'share row exclusive': onlyReads,
  exclusive: onlyReads,
  'access exclusive': both('nobody reads or writes', 'איש אינו קורא או כותב'),
}

function duration({ work, mode, tables, over = tables }: Effort, sizes: Sizes) {
  if (work === 'moment') return mode === 'access exclusive' ? queueing : momentary
  const long = doing[work]
  const known = over.flatMap((name) => sizes.get(name) ?? [])
  if (known.length < over.length)
    return both(`${long.en}, which grows with the table`, `${long.he}, זמן שגדל עם הטבלה`)
  const bytes = known.reduce((sum, size) => sum + size.bytes, 0)
  const seconds = Math.max(1, Math.round(bytes / (paceMb[work] * 1024 * 1024)))
  const rows = rowsOf(known)
  return both(
    `${long.en} (${sizeText(bytes)}${rows.en}; roughly ${timeText(seconds, timeUnits.en)})`,
    `${long.he} (${sizeText(bytes)}${rows.he}; בערך ${timeText(seconds, timeUnits.he)})`,
  )
}

const momentary = both('for a moment', 'לרגע')
const queueing = both(
  'for a moment; but while it waits for a longer query or transaction, all that come after it wait as well',
  'לרגע; אבל בזמן שהיא ממתינה לשאילתה או טרנזקציה ארוכה, ממתינות גם כל אלה שאחריה',
)

const doing: Readonly<
  Record<Exclude<Work, 'moment'>, { readonly en: string; readonly he: string }>
> = {
  scan: both('while all rows are read', 'בזמן שכל השורות נקראות'),
  index: both('while the index is built', 'בזמן שהאינדקס נבנה'),
  rewrite: both('while all rows are written anew', 'בזמן שכל השורות נכתבות מחדש'),
  update: both(
    'until the transaction ends, after all rows have been changed',
    'עד סוף הטרנזקציה, אחרי שכל השורות שונו',
  ),
}

function rowsOf(sizes: readonly TableSize[]) {
  const counts = sizes.flatMap(({ rows }) => rows ?? [])
  if (counts.length < sizes.length) return both('', '')
  const rows = counts.reduce((sum, count) => sum + count, 0).toLocaleString('en-US')
  return both(`, ${rows} rows`, `, ${rows} שורות`)
}

function sizeText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), units.length - 1)
  const value = bytes / 1024 ** power
  return `${value >= 10 ? Math.round(value) : Math.round(value * 10) / 10} ${units[power]}`
}

type Units = { readonly s: string; readonly min: string; readonly h: string }
const timeUnits = {
  en: { s: 's', min: 'min', h: 'h' },
  he: { s: 'שניות', min: 'דקות', h: 'שעות' },
} as const satisfies Record<string, Units>

function timeText(seconds: number, units: Units): string {
  if (seconds < 120) return `${seconds} ${units.s}`
  if (seconds < 7_200) return `${Math.round(seconds / 60)} ${units.min}`
  return `${Math.round(seconds / 3_600)} ${units.h}`
}
