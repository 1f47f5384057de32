/**
 * About how many tokens a text has: four characters of Latin script, two of any other. Tokenizers
 * differ; this one errs on the side of too many.
 */
export function estimateTokens(text: string): number {
  const latin = text.match(/[\u0020-\u007e]/g)?.length ?? 0
  return Math.ceil(latin / 4 + (text.length - latin) / 2)
}

/** Shortened at the end to about so many tokens, with a mark where something is missing. */
export function cutToTokens(text: string, tokensMax: number): string {
  if (estimateTokens(text) <= tokensMax) return text
  let [low, high] = [0, text.length]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (estimateTokens(text.slice(0, middle)) <= tokensMax) low = middle
    else high = middle - 1
  }
  // Half of a surrogate pair is no character.
  return `${text.slice(0, low).replace(/[\uD800-\uDBFF]$/, '')} […]`
}
