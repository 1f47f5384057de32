import { LRUCache } from 'lru-cache'
import { stemmer } from 'stemmer'
import { hebrewStem, isHebrew } from './hebrew-stem.ts'

/** Of the rules below and of the form of the lists: what was made by others is made again. */
export const termsVersion = 2

/** Marks of the kinds of terms; a word itself has none. No token begins with one of them. */
const kinds = { stem: '~', gram: '#' } as const

const longestToken = 64
/** Points of vowels and of cantillation. The maqaf between them joins words and becomes a space. */
const points = /[\u0591-\u05BD\u05BF\u05C1\u05C2\u05C4\u05C5\u05C7]/gu
const words = /[\p{L}\p{N}]+(?:['’"”״׳][\p{L}\p{N}]+)*/gu

/** Words as they are compared: case, points, gershayim and the form of the letters do not count. */
export function tokensOf(text: string): string[] {
  const plain = text
    .normalize('NFKC')
    .replaceAll(points, '')
    .replaceAll('\u05BE', ' ')
    .toLowerCase()
  return Array.from(plain.matchAll(words), ([word]) =>
    word.replaceAll(/['’"”״׳]/gu, '').slice(0, longestToken),
  )
}

const stemOf = (token: string) =>
  isHebrew(token) ? hebrewStem(token) : /^[a-z]+$/u.test(token) ? stemmer(token) : token

/** Most of a text are words that were there before. */
const knownForms = new LRUCache<string, readonly string[]>({ max: 20_000 })

/** The stem, and the word itself where it says more than the stem. */
function formsOf(token: string): readonly string[] {
  const known = knownForms.get(token)
  if (known !== undefined) return known
  const stem = stemOf(token)
  const forms = stem === token ? [kinds.stem + stem] : [kinds.stem + stem, token]
  knownForms.set(token, forms)
  return forms
}

/** Every three letters of a word with its ends marked, by which names and codes are found in part. */
function gramsOf(token: string): string[] {
  const letters = Array.from(`^${token}$`)
  return letters.slice(2).map((_, index) => kinds.gram + letters.slice(index, index + 3).join(''))
}

const isCode = (token: string) => /\p{N}/u.test(token) && token.length >= 4

export type TextTerms = {
  /** How often each term stands in it, 255 at most. */
  readonly counts: ReadonlyMap<string, number>
  /** Number of words. */
  readonly length: number
}

/** What an item is found by. Parts of words are found in its name, and in codes wherever they stand. */
export function termsOf({ text, name = '' }: { text: string; name?: string }): TextTerms {
  const counts = new Map<string, number>()
  const count = (term: string) => {
    counts.set(term, Math.min(255, (counts.get(term) ?? 0) + 1))
  }
  const named = tokensOf(name)
  const said = tokensOf(text)
  for (const token of [...named, ...said]) for (const form of formsOf(token)) count(form)
  for (const token of new Set([...named, ...said.filter(isCode)])) gramsOf(token).forEach(count)
  return { counts, length: named.length + said.length }
}

/** Words that a question is asked with and that no answer is recognised by. */
const askingWords = new Set(
  (
    'a about an and are as at be by can did do does for from had has have how i in is it its me my of on or ' +
    'our should that the their there this to was we were what when where which who whom whose why will with ' +
    'would you your ' +
    'אבל או אותה אותו אותם איזה אילו איך אין איפה איתו אל אלה אלו אם אנחנו אני אף את אתה אתם בה בהם בו ' +
    'גם היא הוא היה היו הם הן זאת זה זו יש כאשר כי כל כמה כמו כן לא לה להיות להם לו לי לנו למה לפי מה מהו ' +
    'מהי מי מתי על עם של שלה שלהם שלו שלי שלנו תוך'
  ).split(' '),
)

export type QuestionTerm = {
  readonly term: string
  readonly weight: number
  readonly token: string
}

/** What the word itself adds to its stem, and what a third of its letters adds where it is not known. */
const weights = { stem: 1, word: 0.6, gram: 0.12 }

/** What to look for. A term that two words share counts for both. */
export function questionTerms(question: string): QuestionTerm[] {
  const all = [...new Set(tokensOf(question))]
  const telling = all.filter((token) => !askingWords.has(token))
  const asked = telling.length > 0 ? telling : all
  return asked.flatMap((token) =>
    formsOf(token).map((term, index) => ({
      term,
      weight: index === 0 ? weights.stem : weights.word,
      token,
    })),
  )
}

/** Parts of names and codes that a word may be meant for which nobody has written. */
export function partTerms(token: string): QuestionTerm[] {
  return gramsOf(token).map((term) => ({ term, weight: weights.gram, token }))
}
