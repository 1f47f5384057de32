import type { Tool } from './tool.ts'
import { ToolRefusal } from './tool-refusal.ts'

/** Characters of a result as JSON that a model is given. */
export const resultMax = 100_000
const shortestCut = 500

type Shortened = {
  readonly text: string
  readonly value: Readonly<Record<string, unknown>>
}

/**
 * A result that fits: where it is too long, its longest texts are cut, each with a mark at its end.
 *
 * @throws ToolRefusal `mcp.result-too-large` for a reading tool whose result cannot be cut so far
 */
export function shortened<Client>(
  value: Readonly<Record<string, unknown>>,
  { name, effect, whole }: Pick<Tool<Client>, 'name' | 'effect' | 'whole'>,
): Shortened {
  const text = JSON.stringify(value)
  // What was written was written; its answer is never turned into a failure.
  if (text.length <= resultMax || effect !== 'read') return { text, value }
  for (let most = resultMax / 2; !whole && most >= shortestCut; most /= 2) {
    const cut = withShortTexts(value, Math.floor(most))
    const shorter = JSON.stringify(cut)
    if (shorter.length <= resultMax) return { text: shorter, value: cut }
  }
  const facts = { tool: name, size: text.length, limit: resultMax }
  throw new ToolRefusal('mcp.result-too-large', { facts })
}

function withShortTexts<T>(value: T, most: number): T {
  const cut: unknown = JSON.parse(JSON.stringify(value), (_key, member: unknown) =>
    typeof member === 'string' && member.length > most
      ? `${member.slice(0, most).toWellFormed()}… [${member.length - most} more characters]`
      : member,
  )
  // Only texts were changed, and texts they stayed.
  return cut as T
}
