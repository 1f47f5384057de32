/** The first words of a statement, lower case, without comments; `''` where there are fewer. */
export function headOf(text: string, words = 3): string {
  return withoutLeadingComments(text)
    .slice(0, 400)
    .replaceAll(/\/\*.*?\*\/|--[^\n]*/gs, ' ')
    .trim()
    .toLowerCase()
    .split(/[\s;(]+/)
    .slice(0, words)
    .join(' ')
}

/** Comments of PostgreSQL nest. */
function withoutLeadingComments(text: string): string {
  let rest = text.trimStart()
  while (rest.startsWith('--') || rest.startsWith('/*')) {
    const end = rest.startsWith('--') ? rest.indexOf('\n') : endOfBlock(rest)
    if (end === -1) return ''
    rest = rest.slice(end).trimStart()
  }
  return rest
}

function endOfBlock(text: string): number {
  let depth = 0
  for (const { 0: mark, index } of text.matchAll(/\/\*|\*\//g)) {
    depth += mark === '/*' ? 1 : -1
    if (depth === 0) return index + 2
  }
  return -1
}

/** What a statement does to the transaction that it stands in. */
export type Control = 'begin' | 'commit' | 'chain' | 'rollback' | 'prepare'

/** Reads transaction control from a statement; undefined for everything else and for savepoints. */
export function controlOf(text: string): Control | undefined {
  const head = headOf(text, 5)
  if (/^(begin|start transaction)\b/.test(head)) return 'begin'
  if (/^(commit|rollback) prepared\b/.test(head)) return 'prepare'
  if (/^prepare transaction\b/.test(head)) return 'prepare'
  if (/^(commit|end)\b/.test(head)) return /\band chain\b/.test(head) ? 'chain' : 'commit'
  if (/^rollback( work| transaction)? to\b/.test(head)) return undefined
  if (/^(rollback|abort)\b/.test(head)) return 'rollback'
  return undefined
}

/** Whether a statement only sets something for the rest of the session. */
export function isSessionSetting(text: string): boolean {
  const head = headOf(text, 2)
  if (/^set (local|transaction|constraints)\b/.test(head)) return false
  if (/^(set|reset)\b/.test(head)) return true
  return /^select\s+(pg_catalog\s*\.\s*)?set_config\s*\(.*,\s*('?f(alse)?'?)\s*\)\s*$/is.test(
    text.trim(),
  )
}

/** Whether a statement sets its transaction's isolation level, which no query may precede. */
export function isTransactionSetting(text: string): boolean {
  return /^set (local )?transaction\b/.test(headOf(text))
}

/** Whether a statement makes a table that ends with the session. */
export function makesTemporary(text: string): boolean {
  return /^create (local |global )?temp(orary)?\b/.test(headOf(text))
}

/** Whether a statement gives an enum type a new value. */
export function addsEnumValue(text: string): boolean {
  return headOf(text, 2) === 'alter type' && /\badd\s+value\b/i.test(text)
}

const quickHeads =
  /^(create (or replace )?(table|type|function|procedure|view|schema|sequence|domain|extension)|comment on|grant|set|reset)\b/

/** Whether a statement neither reads rows nor waits for those who do, as far as its words tell. */
export function isQuick(text: string): boolean {
  return (
    quickHeads.test(headOf(text, 4)) && !/\bas\s*\(?\s*(select|with|table|values)\b/i.test(text)
  )
}

const makes =
  /^create (?:unlogged )?table (?:if not exists )?((?:"(?:[^"]|"")+"|[\w$]+)(?:\.(?:"(?:[^"]|"")+"|[\w$]+))?)/i
const alters = /^alter table (?:only )?((?:"(?:[^"]|"")+"|[\w$]+)(?:\.(?:"(?:[^"]|"")+"|[\w$]+))?)/i
const indexes =
  /^create (?:unique )?index (?:if not exists )?(?:(?:"(?:[^"]|"")+"|[\w$]+) )?on (?:only )?((?:"(?:[^"]|"")+"|[\w$]+)(?:\.(?:"(?:[^"]|"")+"|[\w$]+))?)/i

/** The table that a statement makes, as it stands there. */
export function tableMadeBy(text: string): string | undefined {
  return makes.exec(oneLine(text))?.[1]
}

/** The table that a statement changes or builds an index of, as it stands there. */
export function tableWorkedOn(text: string): string | undefined {
  const line = oneLine(text)
  return (alters.exec(line) ?? indexes.exec(line))?.[1]
}

/**
 * Whether a file does nothing but make tables and shape those that it has just made: nothing in it can
 * set anything for the session, call anything, or leave a row behind.
 */
export function makesTablesOnly(texts: readonly string[]): boolean {
  const made = new Set<string>()
  return texts.every((text) => {
    const table = isQuick(text) ? tableMadeBy(text) : undefined
    const isNew = table !== undefined && !/^create .*\bif not exists\b/i.test(oneLine(text))
    if (isNew && !/^"?pg_temp/i.test(table)) return made.add(table)
    return made.has(tableWorkedOn(text) ?? '')
  })
}

const oneLine = (text: string) => withoutLeadingComments(text).slice(0, 400).replaceAll(/\s+/g, ' ')
