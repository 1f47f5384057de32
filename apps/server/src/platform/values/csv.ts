export type CsvRecord = {
  /** Where it begins; the first line is 1. */
  readonly line: number
  readonly cells: readonly string[]
}

/**
 * A cell and what ends it, for each sign that may stand between cells. Each part can match whatever
 * the part before has left, so nothing is ever tried twice.
 */
const cells = {
  ',': /(?:"([^"]*(?:""[^"]*)*)"?)?([^,\n]*)(,|\n|$)/gy,
  ';': /(?:"([^"]*(?:""[^"]*)*)"?)?([^;\n]*)(;|\n|$)/gy,
  '\t': /(?:"([^"]*(?:""[^"]*)*)"?)?([^\t\n]*)(\t|\n|$)/gy,
} as const
const delimiters = [',', ';', '\t'] as const

/**
 * Reads RFC 4180, with any of `,` `;` tab between cells, whichever the first line has most of.
 * Lines without any text are left out. Never throws: a quote that nobody closes ends with the file.
 */
export function readCsv(text: string): CsvRecord[] {
  const sign = delimiterOf(text)
  const records: CsvRecord[] = []
  let line = 1
  let record = { line, cells: [] as string[] }
  for (const [whole, quoted = '', rest = '', end] of text.matchAll(cells[sign])) {
    line += whole.split('\n').length - 1
    record.cells.push(quoted.replaceAll('""', '"') + rest.replace(/\r$/, ''))
    if (end === sign) continue
    if (record.cells.some((cell) => cell.trim() !== '')) records.push(record)
    record = { line, cells: [] }
  }
  return records
}

function delimiterOf(text: string): keyof typeof cells {
  const [first = ''] = text.split('\n', 1)
  const counts = delimiters.map((sign) => first.split(sign).length)
  return delimiters[counts.indexOf(Math.max(...counts))] ?? ','
}

/** Signs with which a spreadsheet begins a formula (OWASP, CSV injection). */
const formula = /^[=+\-@\t\r＝＋－＠]/
const bidiControls = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** A cell as text that no spreadsheet carries out, and without marks of direction (HE-8). */
export function safeCell(text: string): string {
  const clean = text.replaceAll(bidiControls, '').replaceAll('\0', '')
  return formula.test(clean) ? `'${clean}` : clean
}

/** The text that `safeCell` was given. */
export function openedCell(text: string): string {
  const clean = text.replaceAll(bidiControls, '')
  return clean.startsWith("'") && formula.test(clean.slice(1)) ? clean.slice(1) : clean
}

/** RFC 4180 with CRLF and a mark of UTF-8, as spreadsheets want Hebrew. Cells are safe already. */
export function writeCsv(rows: readonly (readonly string[])[]): string {
  const quoted = (cell: string) =>
    /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
  return `\uFEFF${rows.map((row) => `${row.map(quoted).join(',')}\r\n`).join('')}`
}

export type Decoded = {
  readonly text: string
  readonly encoding: 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1255'
}

/** What the bytes say: by their mark, as UTF-8 where they are, else as Windows writes Hebrew. */
export function decodeText(bytes: Uint8Array): Decoded {
  const marked = markOf(bytes)
  if (marked !== undefined) return { encoding: marked, text: new TextDecoder(marked).decode(bytes) }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return { encoding: 'utf-8', text }
  } catch {
    const text = new TextDecoder('windows-1255').decode(bytes)
    return { encoding: 'windows-1255', text }
  }
}

function markOf([first, second, third]: Uint8Array) {
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8'
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  return undefined
}
