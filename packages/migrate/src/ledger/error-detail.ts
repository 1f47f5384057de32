/** What PostgreSQL says about an error, as the driver gives it. */
export type ServerError = {
  readonly message: string
  readonly code?: string | undefined
  readonly severity?: string | undefined
  readonly detail?: string | undefined
  readonly hint?: string | undefined
  readonly position?: string | undefined
  readonly internalQuery?: string | undefined
  readonly schema?: string | undefined
  readonly table?: string | undefined
  readonly column?: string | undefined
  readonly dataType?: string | undefined
  readonly constraint?: string | undefined
  readonly routine?: string | undefined
}

/** Parts of an error that hold no value of any row. */
export type SafeError = {
  readonly sqlstate: string | undefined
  readonly message: string
  readonly detail: string | undefined
  readonly hint: string | undefined
  readonly schema: string | undefined
  readonly table: string | undefined
  readonly columnName: string | undefined
  readonly constraint: string | undefined
}

const hidden = '…'

/**
 * Takes the values of rows out of an error, because errors are stored and logged. What stands in the
 * text of the statement or names an object stays; of the rest, everything that may be a value goes.
 *
 * @param text the statement that failed; `''` where there is none
 */
export function withoutValues(error: ServerError, text: string): SafeError {
  const clean = cleanerFor(error, text)
  return {
    sqlstate: error.code,
    message: clean(error.message),
    detail: error.detail === undefined ? undefined : cleanDetail(error, error.detail, clean),
    hint: error.hint === undefined ? undefined : clean(error.hint),
    schema: error.schema,
    table: error.table,
    columnName: error.column,
    constraint: error.constraint,
  }
}

type Clean = (sentence: string) => string

function cleanerFor(error: ServerError, text: string): Clean {
  const names = [error.schema, error.table, error.column, error.dataType, error.constraint]
  const isKnown = (token: string) => names.includes(token) || text.includes(token)
  if (isRaised(error)) return (sentence) => keepWords(sentence, isKnown)
  // Names are quoted like values; a statement that is not built at run time can only quote names.
  const quotesNames = /^(0A|2B|3D|3F|40|42|53|55|57|58)/.test(error.code ?? '')
  if (quotesNames && error.internalQuery === undefined) return (sentence) => sentence
  return (sentence) => hideQuoted(sentence, isKnown)
}

/** The author of a RAISE may put anything into any part of the error. */
function isRaised({ code, routine }: ServerError): boolean {
  return routine === 'exec_stmt_raise' || code?.startsWith('P0') === true
}

function keepWords(sentence: string, isKnown: (token: string) => boolean): string {
  const words = sentence.split(/(\s+)/).map((word) => (isKnown(word) ? word : hidden))
  return words.join('').replaceAll(/…(\s*…)+/g, hidden)
}

/** From the first unknown quotation to the end of the last, because values may hold quotes. */
function hideQuoted(sentence: string, isKnown: (token: string) => boolean): string {
  const known = [...sentence.matchAll(/"([^"]*)"/g)]
  const first = known.find(([, token = '']) => !isKnown(token))?.index
  if (first === undefined) return sentence
  const last = sentence.lastIndexOf('"')
  return `${sentence.slice(0, first)}"${hidden}"${sentence.slice(last + 1)}`
}

const keyDetail =
  /^Key \((?<columns>.*?)\)=\(.*\) (?<tail>already exists\.|is duplicated\.|conflicts with .*|is not present in table .*|is still referenced from table .*)$/s

/** Details of data errors are made of values, but for which columns they stand in. */
function cleanDetail(error: ServerError, detail: string, clean: Clean): string | undefined {
  const isAboutRows = /^(2[1-9]|44|P|X)/.test(error.code ?? '')
  if (isRaised(error) || !isAboutRows) return clean(detail)
  const { columns, tail = '' } = keyDetail.exec(detail)?.groups ?? {}
  if (columns === undefined) return undefined
  const end = tail.startsWith('conflicts with') ? 'conflicts with another key.' : tail
  return `Key (${columns})=(${hidden}) ${end}`
}
