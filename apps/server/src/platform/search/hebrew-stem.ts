const finals = new Map([
  ['ך', 'כ'],
  ['ם', 'מ'],
  ['ן', 'נ'],
  ['ף', 'פ'],
  ['ץ', 'צ'],
])

const prefixes = new Set('והבלמשכ')
/** As they are after the final letters. */
const suffixes = ['יות', 'ימ', 'ות', 'ית', 'יה', 'ה', 'ת', 'י']
const shortestRoot = 3
const shortestWithoutSuffix = 2

export const isHebrew = (token: string): boolean => /^\p{Script=Hebrew}/u.test(token)

/**
 * A key that the forms of one word share: without what is written onto its front (ו ה ב ל מ ש כ), without
 * one ending, and in the defective spelling. Every letter that can be a prefix goes while three stay: a
 * rule that looks only at the word gives the word with and without prefixes the same key, which a
 * dictionary's best guess would not. What it throws together, the word itself tells apart in the ranking.
 *
 * @param token Hebrew letters only, without points
 */
export function hebrewStem(token: string): string {
  let letters = token.replaceAll(/[ךםןףץ]/gu, (letter) => finals.get(letter) ?? letter)
  while (letters.length > shortestRoot && prefixes.has(letters.charAt(0)))
    letters = letters.slice(1)
  const suffix = suffixes.find(
    (one) => letters.endsWith(one) && letters.length - one.length >= shortestWithoutSuffix,
  )
  if (suffix !== undefined) letters = letters.slice(0, -suffix.length)
  const defective = letters.charAt(0) + letters.slice(1).replaceAll(/[וי]/gu, '')
  return defective.length >= shortestRoot ? defective : letters
}
