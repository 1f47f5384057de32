/** Letters and figures only, without case, vowel points and marks: what makes two texts the same. */
export function bareWords(text: string): string[] {
  return text
    .normalize('NFKC')
    .replaceAll(/[\u0591-\u05C7\u200E\u200F\u202A-\u202E\u2066-\u2069]/g, '')
    .toLowerCase()
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .filter((word) => word !== '')
}

const bare = (text: string) => bareWords(text).join(' ')

const negations = new Set(
  'not no never without cannot dont doesnt isnt wont must only לא אין אינו אינה אינם אסור ללא בלי רק'.split(
    ' ',
  ),
)

const isFigure = (word: string) => /\p{N}/u.test(word)

/** What turns the meaning of a sentence round when it is lost. */
function pivots(words: readonly string[], isPivot: (word: string) => boolean): string {
  return words.filter(isPivot).toSorted().join(' ')
}

const isNegation = (word: string) => negations.has(word)
const isPivot = (word: string) => isFigure(word) || isNegation(word)

/** How much of the words of a text another one has too: 0 to 1. */
export function likeness(text: string, other: string): number {
  const words = new Set(bareWords(text))
  if (words.size === 0) return 0
  const others = new Set(bareWords(other))
  return [...words].filter((word) => others.has(word)).length / words.size
}

/** From where on a reworded criterion still counts as the same one. */
const sameFrom = 0.8

/**
 * Whether one criterion says what another one says: word for word but for case, marks and vowel
 * points, as a part of it, or reworded a little without a figure or a negation lost.
 */
export function saysTheSame(criterion: string, other: string): boolean {
  const [wanted, given] = [bare(criterion), bare(other)]
  if (wanted === '' || given === '') return false
  const [words, others] = [wanted.split(' '), given.split(' ')]
  if (` ${given} `.includes(` ${wanted} `))
    return pivots(words, isNegation) === pivots(others, isNegation)
  return (
    likeness(criterion, other) >= sameFrom && pivots(words, isPivot) === pivots(others, isPivot)
  )
}

/** Whether two texts are the same but for case, marks, white space and vowel points. */
export function isSameText(text: string, other: string): boolean {
  return bare(text) === bare(other)
}

/** Letters that Hebrew writes together with the word after them. */
const prefixes = ['ו', 'ש', 'ה', 'ב', 'ל', 'מ', 'כ', 'שה', 'וה', 'וש', 'מה', 'של']

/** The first of these words or phrases that the text has, as whole words; Hebrew also with a prefix. */
export function findWord(text: string, words: readonly string[]): string | undefined {
  const inside = ` ${bare(text)} `
  return words.find((word) => {
    const wanted = bare(word)
    if (wanted === '') return text.includes(word)
    const forms = /^\p{Script=Hebrew}/u.test(wanted)
      ? ['', ...prefixes].map((prefix) => prefix + wanted)
      : [wanted]
    return forms.some((form) => inside.includes(` ${form} `))
  })
}
