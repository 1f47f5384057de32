import { parseArgs } from 'node:util'
import { chooseLanguage } from '@studioops/migrate/cli'
import type { Config } from '../config/config.ts'
import type { Environment } from '../config/sources.ts'
import type { Words } from '../config/variables.ts'
import { verifyReceipts, type Verification } from '../features/projects/index.ts'
import type { ObjectStore } from '../integrations/object-store/object-store.ts'
import type { ConnectionTarget, Database } from '../platform/db/database.ts'
import { openRowsOfProjects } from '../platform/db/rows/rows-of-projects.ts'
import type { Terminal } from './keys.ts'

export const deletionHelp: Words = {
  en: `Usage: studioops deletion verify <receipt>|--all [--json] [--lang en|he]

Looks whether everything that a receipt names is gone: rows of every table, jobs, and objects of the
stores of files; and whether the receipt still is what the audit log says of it. With --all: every
receipt, and whether the stores hold objects that no row names any more.

Exit codes:
  0  everything is gone
  1  something is left, or a receipt was changed, or there is none, or a store could not be read
  3  wrong usage
`,
  he: `שימוש: studioops deletion verify <קבלה>|--all [--json] [--lang en|he]

בדיקה שכל מה שהקבלה מונה אכן נמחק: שורות בכל הטבלאות, משימות ואובייקטים באחסון הקבצים;
ושהקבלה עדיין כפי שיומן הביקורת מעיד עליה. עם ‎--all: כל הקבלות, וגם אובייקטים באחסון
שאף שורה כבר אינה מצביעה עליהם.

קודי יציאה:
  0  הכול נמחק
  1  נשאר משהו, או שקבלה שונתה, או שאין כזאת, או שלא ניתן לקרוא את האחסון
  3  שימוש שגוי
`,
}

const texts = {
  none: { en: 'There is no such receipt.', he: 'אין קבלה כזאת.' },
  changed: {
    en: 'The receipt is not the one that the audit log knows.',
    he: 'הקבלה אינה זו שיומן הביקורת מכיר.',
  },
  left: { en: 'Left behind: ', he: 'נשאר: ' },
  orphans: {
    en: 'Objects in the store that nothing names: ',
    he: 'אובייקטים באחסון ששום דבר אינו מצביע עליהם: ',
  },
  unread: { en: 'This store could not be read: ', he: 'לא ניתן לקרוא את האחסון: ' },
  gone: {
    en: 'Everything is gone, and the receipt is as it was written.',
    he: 'הכול נמחק, והקבלה היא כפי שנכתבה.',
  },
  allGone: {
    en: 'Everything is gone, and the receipts are as they were written: ',
    he: 'הכול נמחק, והקבלות הן כפי שנכתבו: ',
  },
} as const

export type DeletionWork = {
  readonly config: Config
  readonly env: Environment
  readonly openOwner: () => Promise<ConnectionTarget>
  readonly openDatabase: () => Promise<Database>
  readonly openStores: (database: Database) => Promise<readonly ObjectStore[]>
  readonly terminal: Terminal
}

/** `studioops deletion …` (PRJ-4). @returns the exit code */
export async function runDeletion(args: readonly string[], work: DeletionWork): Promise<number> {
  const language = chooseLanguage(args, work.env)
  const { terminal } = work
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      all: { type: 'boolean' },
      json: { type: 'boolean' },
      lang: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  const asked = askedBy(positionals, values.all === true)
  if (values.help === true || asked === undefined) {
    ;(values.help === true ? terminal.out : terminal.tell)(deletionHelp[language])
    return values.help === true ? 0 : 3
  }
  const { receiptId } = asked
  await using rows = await openRowsOfProjects(await work.openOwner())
  const database = await work.openDatabase()
  const stores = await work.openStores(database)
  const found = await verifyReceipts(receiptId, { database, rows, stores })
  if (values.json === true) terminal.out(`${JSON.stringify(found, undefined, 2)}\n`)
  else for (const words of describe(found, receiptId)) terminal.out(`${words[language]}\n`)
  return found.isVerified ? 0 : 1
}

/** Undefined where it is not understood; without an id all are meant. */
function askedBy([command, receiptId, ...more]: readonly string[], isAll: boolean) {
  const isWhole = command === 'verify' && more.length === 0 && (receiptId === undefined) === isAll
  return isWhole ? { receiptId } : undefined
}

const followedBy = (words: Words, text: string): Words => ({
  en: `${words.en}${text}`,
  he: `${words.he}${text}`,
})

function describe({ receipts, orphans, unread, isVerified }: Verification, one?: string): Words[] {
  if (isVerified)
    return [one === undefined ? followedBy(texts.allGone, String(receipts.length)) : texts.gone]
  const faults = receipts.flatMap(({ receiptId, isThere, isUnchanged, left }) => {
    const found = [
      ...(isThere ? [] : [texts.none]),
      ...(isThere && !isUnchanged ? [texts.changed] : []),
      ...Object.entries(left).map(([name, count]) => followedBy(texts.left, `${name} ${count}`)),
    ]
    const before = one === undefined ? `${receiptId}  ` : ''
    return found.map(({ en, he }) => ({ en: `${before}${en}`, he: `${before}${he}` }))
  })
  return [
    ...faults,
    ...(orphans.count === 0 ? [] : [followedBy(texts.orphans, String(orphans.count))]),
    ...orphans.keys.map((key) => ({ en: `  ${key}`, he: `  ${key}` })),
    ...unread.map((kind) => followedBy(texts.unread, kind)),
  ]
}
