const scripts = {
  he: /\p{Script=Hebrew}/gu,
  ar: /\p{Script=Arabic}/gu,
  ru: /\p{Script=Cyrillic}/gu,
  latin: /\p{Script=Latin}/gu,
} as const

/** The commonest words, which no text of some length does without. */
const commonWords: Readonly<Record<string, ReadonlySet<string>>> = {
  en: new Set(
    'the of and to in is that for it with as on be are this was by not from or'.split(' '),
  ),
  de: new Set('der die und in den von zu das mit sich des auf für ist im dem nicht ein'.split(' ')),
  fr: new Set('le de la et les des en un du une que est pour qui dans a par plus pas'.split(' ')),
  es: new Set('de la que el en y los del se las por un para con no una su al lo como'.split(' ')),
}

const lettersMin = 20

/**
 * The language of most of a text, as an ISO 639-1 code: by script, and where several share one, by
 * their commonest words.
 *
 * @returns undefined where there are too few letters, or none of the languages that are known
 */
export function detectLanguage(text: string): string | undefined {
  const sample = text.slice(0, 20_000)
  const counts = Object.entries(scripts).map(
    ([script, pattern]) => [script, sample.match(pattern)?.length ?? 0] as const,
  )
  const [script, letters] = counts.reduce((best, next) => (next[1] > best[1] ? next : best))
  if (letters < lettersMin) return undefined
  return script === 'latin' ? byCommonWords(sample) : script
}

function byCommonWords(sample: string): string | undefined {
  const words = sample.toLowerCase().match(/\p{L}+/gu) ?? []
  const shares = Object.entries(commonWords).map(
    ([language, common]) =>
      [language, words.filter((word) => common.has(word)).length / words.length] as const,
  )
  const [language, share] = shares.reduce((best, next) => (next[1] > best[1] ? next : best))
  return share > 0.05 ? language : undefined
}
