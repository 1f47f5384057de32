import type { ChatSource } from '@studioops/contracts/chats'
import type { ChatMessage } from '../../integrations/llm/chat-request.ts'
import { visibleText } from '../../integrations/mcp/client/visible-text.ts'
import { cutToTokens } from '../../platform/values/token-estimate.ts'
import type { Budget } from './chats.budget.ts'
import type { FoundPassage, FoundPurchases } from './chats.port.ts'
import { fenced } from './chats.prompt.ts'
import type { Scene, Turn } from './chats.scene.ts'

const shareOfPassages = 0.4
const shareOfPurchases = 0.2
const shareOfItems = 0.5
const itemTokensMax = 3_000
const shownMax = 2_000

export type Sources = ReturnType<typeof createSources>

/** The numbered texts of others that an answer may cite; each goes in only where there is room. */
export function createSources(budget: Budget, fence: string) {
  const sources: ChatSource[] = []
  const texts: string[] = []

  function add(
    source: Omit<ChatSource, 'number' | 'passage'>,
    text: string,
    room: { readonly kind: 'passages' | 'purchases' | 'items' | 'tools'; readonly share: number },
  ): string | undefined {
    const clean = visibleText(text, text.length).trim()
    const shortened = cutToTokens(clean, Math.min(itemTokensMax, budget.left()))
    if (clean === '' || !budget.take(room.kind, shortened, room.share)) return undefined
    const numbered = {
      ...source,
      title: visibleText(source.title, 200),
      number: sources.length + 1,
    }
    sources.push({ ...numbered, passage: cutForPage(shortened) })
    const block = fenced(fence, numbered, shortened)
    texts.push(block)
    return block
  }

  return {
    all: (): readonly ChatSource[] => sources,
    /** What goes beside the question. */
    text: () => texts.join('\n\n'),
    addPassage({ documentId, title, place, text }: FoundPassage, projectId: string): void {
      const source = {
        kind: 'document' as const,
        title,
        documentId,
        projectId,
        ...(place === undefined ? {} : { place }),
      }
      add(source, text, { kind: 'passages', share: shareOfPassages })
    },
    addPurchases({ title, text, leftOut }: FoundPurchases, projectId: string): void {
      const room = { kind: 'purchases', share: shareOfPurchases } as const
      add({ kind: 'purchase', title, projectId }, text, room)
      budget.leaveOut('purchases', leftOut)
    },
    /** What a tool answered. @returns it as the model is given it; undefined where there is no room */
    addResult(
      source: Pick<ChatSource, 'kind' | 'title' | 'url'>,
      text: string,
      kind: 'items' | 'tools',
    ): string | undefined {
      return add(source, text, { kind, share: kind === 'items' ? shareOfItems : 1 })
    },
  }
}

function cutForPage(text: string): string {
  return text.length <= shownMax ? text : `${text.slice(0, shownMax).toWellFormed()}…`
}

/** As much of what was said last as there is room for, oldest first. */
export function recentTurns(budget: Budget, turns: readonly Turn[]): Turn[] {
  const kept: Turn[] = []
  for (const [index, turn] of turns.toReversed().entries()) {
    if (!budget.take('history', turn.message.content)) {
      budget.leaveOut('history', turns.length - index - 1)
      break
    }
    kept.unshift(turn)
  }
  return kept
}

/** The question with what the person answered when asked back. */
export function wholeQuestion({ question, clarifications }: Scene): string {
  const answers = clarifications.map(
    (one) => `You asked: ${one.question}\nThe person: ${one.answer}`,
  )
  return [question, ...answers].join('\n\n')
}

/** The same in the words of the person alone: a question back may hold words of others. */
export function ownWords({ question, clarifications }: Scene): string {
  return [question, ...clarifications.map(({ answer }) => answer)].join('\n\n')
}

export function ownTurns(turns: readonly Turn[]): ChatMessage[] {
  return turns.filter(({ isTainted }) => !isTainted).map(({ message }) => message)
}
