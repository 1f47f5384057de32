import type { Language } from '@studioops/contracts/installation'
import type { Passage } from './models.port.ts'

const words = {
  en: {
    label: 'No model answered. This was put together without one, from text that was found:',
    nothing: 'No model answered, and nothing was found that fits the question.',
    sources: 'Sources',
  },
  he: {
    label: 'אף מודל לא ענה. התשובה הורכבה בלי מודל, מטקסט שנמצא:',
    nothing: 'אף מודל לא ענה, ולא נמצא טקסט שמתאים לשאלה.',
    sources: 'מקורות',
  },
} as const satisfies Record<Language, object>

const passagesMax = 5
const excerptMax = 400

/** Hebrew where the question has more Hebrew letters than Latin ones. */
export function languageOf(question: string, otherwise: Language): Language {
  const hebrew = question.match(/[֐-׿]/g)?.length ?? 0
  const latin = question.match(/[A-Za-z]/g)?.length ?? 0
  if (hebrew === latin) return otherwise
  return hebrew > latin ? 'he' : 'en'
}

export type OfflineAnswer = { readonly text: string; readonly citations: readonly Passage[] }

/**
 * The answer of D-9: what was found, quoted and cited, in the language of the question. The same
 * passages make the same text; nothing in them is followed, and nothing can be caused by it.
 *
 * @param passages best first
 */
export function composeOfflineAnswer(
  question: string,
  passages: readonly Passage[],
  otherwise: Language,
): OfflineAnswer {
  const { label, nothing, sources } = words[languageOf(question, otherwise)]
  const citations = passages.filter(({ text }) => text.trim() !== '').slice(0, passagesMax)
  if (citations.length === 0) return { text: nothing, citations }
  const terms = termsOf(question)
  const quotes = citations.map(
    ({ text }, index) => `> ${excerptOf(text, terms).replaceAll('\n', '\n> ')} [${index + 1}]`,
  )
  const list = citations.map(({ title }, index) => `[${index + 1}] ${title.replaceAll('\n', ' ')}`)
  return { text: [label, ...quotes, `**${sources}**`, list.join('\n')].join('\n\n'), citations }
}

const wordPattern = /[\p{L}\p{N}]{2,}/gu

function termsOf(text: string): ReadonlySet<string> {
  return new Set(text.toLowerCase().match(wordPattern) ?? [])
}

/** The sentences that share most words with the question, in the order of the text. */
function excerptOf(text: string, terms: ReadonlySet<string>): string {
  const clean = text.trim()
  if (clean.length <= excerptMax) return clean
  const sentences = clean.split(/(?<=[.!?:])\s+|\n+/).filter((sentence) => sentence !== '')
  const ranked = sentences
    .map((sentence, place) => ({ sentence, place, hits: hitsOf(sentence, terms) }))
    .toSorted((one, other) => other.hits - one.hits || one.place - other.place)
  const chosen: typeof ranked = []
  let length = 0
  for (const entry of ranked) {
    if (length + entry.sentence.length > excerptMax) continue
    chosen.push(entry)
    length += entry.sentence.length + 1
  }
  if (chosen.length === 0) return `${firstGraphemes(clean)}…`
  const inOrder = chosen.toSorted((one, other) => one.place - other.place)
  return inOrder.map(({ sentence }) => sentence).join(' ')
}

function hitsOf(sentence: string, terms: ReadonlySet<string>): number {
  return [...termsOf(sentence)].filter((term) => terms.has(term)).length
}

function firstGraphemes(text: string): string {
  const segments = [...new Intl.Segmenter().segment(text.slice(0, excerptMax * 2))]
  return segments
    .slice(0, excerptMax - 1)
    .map(({ segment }) => segment)
    .join('')
}
