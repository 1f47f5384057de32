import { parseArgs } from 'node:util'
import { chooseLanguage } from '@studioops/migrate/cli'
import type { Config } from '../config/config.ts'
import type { Environment } from '../config/sources.ts'
import type { Words } from '../config/variables.ts'
import { verifyReceipt, type ReceiptFindings } from '../features/projects/index.ts'
import type { ConnectionTarget, Database } from '../platform/db/database.ts'
import { rowsOfProject } from '../platform/db/rows/rows-of-project.ts'
import type { Terminal } from './keys.ts'

export const deletionHelp: Words = {
  en: `Usage: studioops deletion verify <receipt> [--json] [--lang en|he]

Looks whether everything that a receipt names is gone: rows of every table, jobs, and objects of the
store; and whether the receipt still is what the audit log says of it.

Exit codes:
  0  everything is gone
  1  something is left, or the receipt was changed, or there is none
  3  wrong usage
`,
  he: `שימוש: studioops deletion verify <קבלה> [--json] [--lang en|he]

בדיקה שכל מה שהקבלה מונה אכן נמחק: שורות בכל הטבלאות, משימות ואובייקטים באחסון;
ושהקבלה עדיין כפי שיומן הביקורת מעיד עליה.

קודי יציאה:
  0  הכול נמחק
  1  נשאר משהו, או שהקבלה שונתה, או שאין כזאת
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
  gone: {
    en: 'Everything is gone, and the receipt is as it was written.',
    he: 'הכול נמחק, והקבלה היא כפי שנכתבה.',
  },
} as const

export type DeletionWork = {
  readonly config: Config
  readonly env: Environment
  readonly openOwner: () => Promise<ConnectionTarget>
  readonly openDatabase: () => Promise<Database>
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
      json: { type: 'boolean' },
      lang: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  const [command, receiptId, ...more] = positionals
  const isWhole = command === 'verify' && receiptId !== undefined && more.length === 0
  if (values.help === true || !isWhole) {
    ;(values.help === true ? terminal.out : terminal.tell)(deletionHelp[language])
    return values.help === true ? 0 : 3
  }
  const target = await work.openOwner()
  const findings = await verifyReceipt(receiptId, {
    database: await work.openDatabase(),
    rowsOf: (projectId) => rowsOfProject(target, projectId),
  })
  if (values.json === true) terminal.out(`${JSON.stringify(findings, undefined, 2)}\n`)
  else for (const words of describe(findings)) terminal.out(`${words[language]}\n`)
  return findings.isVerified ? 0 : 1
}

function describe({ isThere, isUnchanged, left }: ReceiptFindings): Words[] {
  if (!isThere) return [texts.none]
  const found = Object.entries(left).map(([name, count]) => ({
    en: `${texts.left.en}${name} ${count}`,
    he: `${texts.left.he}${name} ${count}`,
  }))
  if (isUnchanged && found.length === 0) return [texts.gone]
  return [...(isUnchanged ? [] : [texts.changed]), ...found]
}
