import type { ChatContext } from '@studioops/contracts/chats'
import { estimateTokens } from '../../platform/values/token-estimate.ts'

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
