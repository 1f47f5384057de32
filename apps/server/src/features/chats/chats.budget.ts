import type { ChatContext } from '@studioops/contracts/chats'

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

type Kind = ChatContext['parts'][number]['kind']

/** Hands out room until there is none, and keeps account of it. */
export function createBudget(tokensMax: number) {
  const parts = new Map<Kind, { tokens: number; included: number; leftOut: number }>()
  let used = 0

  function partOf(kind: Kind) {
    const part = parts.get(kind) ?? { tokens: 0, included: 0, leftOut: 0 }
    parts.set(kind, part)
    return part
  }

  return {
    left: () => Math.max(0, tokensMax - used),
    /** Room for what has to go in, whatever is left. */
    require(kind: Kind, text: string): void {
      const tokens = estimateTokens(text)
      const part = partOf(kind)
      part.tokens += tokens
      part.included += 1
      used += tokens
    },
    /** @param share of all that this kind may take together, 0 to 1. @returns whether there is room */
    take(kind: Kind, text: string, share = 1): boolean {
      const tokens = estimateTokens(text)
      const part = partOf(kind)
      const fits = used + tokens <= tokensMax && part.tokens + tokens <= share * tokensMax
      if (!fits) {
        part.leftOut += 1
        return false
      }
      part.tokens += tokens
      part.included += 1
      used += tokens
      return true
    },
    leaveOut(kind: Kind, count: number): void {
      if (count > 0) partOf(kind).leftOut += count
    },
    report: (): ChatContext => ({
      tokensMax,
      parts: [...parts].map(([kind, part]) => ({ kind, ...part })),
    }),
  }
}
export type Budget = ReturnType<typeof createBudget>
