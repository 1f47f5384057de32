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

type Known = { readonly names: readonly (string | undefined)[]; readonly text: string }

function cleanerFor(error: ServerError, text: string): Clean {
  const names = [error.schema, error.table, error.column, error.dataType, error.constraint]
  if (isRaised(error)) return (sentence) => keepWords(sentence, { names, text })
  // With a place in our own text, the error is about that text and not about a row.
  if (error.position !== undefined && error.code?.startsWith('42')) return (sentence) => sentence
  // Names are quoted like values, and a name may come from a row.
  const quotesNames = /^(0A|2B|3D|3F|40|42|53|55|57|58)/.test(error.code ?? '')
  if (quotesNames) return (sentence) => hideUnknownNames(sentence, { names, text })
  return (sentence) => hideQuoted(sentence, { names, text })
}

/** The author of a RAISE may put anything into any part of the error. */
function isRaised({ code, routine }: ServerError): boolean {
  return routine === 'exec_stmt_raise' || code?.startsWith('P0') === true
}

function keepWords(sentence: string, { names, text }: Known): string {
  const words = sentence
    .split(/(\s+)/)
    .map((word) => (names.includes(word) || text.includes(word) ? word : hidden))
  return words.join('').replaceAll(/…(\s*…)+/g, hidden)
}

function hideUnknownNames(sentence: string, { names, text }: Known): string {
  return sentence.replaceAll(/"([^"]*)"/g, (quotation, name: string) =>
    names.includes(name) || hasWord(text, name) ? quotation : `"${hidden}"`,
  )
}

function hasWord(text: string, word: string): boolean {
  const isPart = (character: string | undefined) => /[\p{L}\p{N}_$]/u.test(character ?? '')
  for (let at = text.indexOf(word); at !== -1 && word !== ''; at = text.indexOf(word, at + 1))
    if (!isPart(text[at - 1]) && !isPart(text[at + word.length])) return true
  return false
}

/** From the first unknown quotation to the end of the last, because values may hold quotes. */
function hideQuoted(sentence: string, { names, text }: Known): string {
  const quotations = [...sentence.matchAll(/"([^"]*)"/g)]
  const first = quotations.find(([, token = '']) => !names.includes(token))?.index
  if (first === undefined) return sentence
  const last = sentence.lastIndexOf('"')
  if (text.includes(sentence.slice(first + 1, last))) return sentence
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
