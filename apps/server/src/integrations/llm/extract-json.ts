/** A brace that can begin an object of JSON: a name in quotes or the end must follow. */
const opening = /\{\s*["}]/g

const thoughtEnd = '</think>'

/** An answer of nothing but braces must not keep the server busy. */
const objectsMax = 1_000

/**
 * Finds the JSON object of an answer that has code fences, prose or `<think>` text around it.
 *
 * @returns the text of the object, which `JSON.parse` reads; of several, the longest. Undefined when
 *   there is none, also when it was cut off. Never throws.
 */
export function extractJson(text: string): string | undefined {
  const end = text.lastIndexOf(thoughtEnd)
  const isThoughtful = end !== -1 && !text.trimStart().startsWith('{')
  const afterThought = isThoughtful ? objectIn(text.slice(end + thoughtEnd.length)) : undefined
  return afterThought ?? objectIn(text)
}

function objectIn(text: string): string | undefined {
  let longest: string | undefined
  let from = 0
  for (let count = 0; count < objectsMax; count += 1) {
    opening.lastIndex = from
    const start = opening.exec(text)?.index
    const end = start === undefined ? undefined : closingBrace(text, start)
    // What never closes was cut off; an object inside it would be a part that looks like the whole.
    if (start === undefined || end === undefined) return longest
    const json = text.slice(start, end + 1)
    if (json.length > (longest?.length ?? 0) && isJson(json)) longest = json
    from = end + 1
  }
  return longest
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Where the object that begins at `start` ends; braces inside strings do not count. */
function closingBrace(text: string, start: number): number | undefined {
  let depth = 0
  for (let at = start; at < text.length; at += 1) {
    const character = text[at]
    if (character === '"') at = closingQuote(text, at)
    else if (character === '{') depth += 1
    else if (character === '}') depth -= 1
    if (depth === 0) return at
  }
  return undefined
}

/** Where the string that begins at `start` ends; the length of the text when it does not. */
function closingQuote(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1
    else if (text[at] === '"') return at
  }
  return text.length
}
