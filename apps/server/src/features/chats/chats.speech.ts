import type { ChatMessage as StoredMessage } from '@studioops/contracts/chats'
import type { AnswerEvent, ToldEvent } from '../models/index.ts'
import type { RunContext } from '../runs/index.ts'

type Discarded = StoredMessage['discarded'][number]

/**
 * Passes an answer on as it comes, over several rounds of tools. What broke off is taken back
 * visibly, and what earlier rounds had said is said again: it is never continued by another model.
 */
export function createSpeech(run: RunContext) {
  let said = ''
  let round = ''
  let model = ''
  let isFirst = true
  let isThinking = false
  const discarded: Discarded[] = []

  function announce(event: Extract<AnswerEvent, { type: 'status' }>): void {
    model = event.model
    if (!isFirst) return
    isFirst = false
    run.emit({ type: 'provider', model, attempt: event.attempt, round: 0 })
    if (said !== '') run.emit({ type: 'assistant_token', text: said })
  }

  function speak(text: string): void {
    const gap = said !== '' && round === '' ? '\n\n' : ''
    round += gap + text
    run.emit({ type: 'assistant_token', text: gap + text })
  }

  function takeBack({ reason, discarded: text }: Extract<AnswerEvent, { type: 'reset' }>): void {
    run.emit({ type: 'reset', reason, discarded: said.length + round.length })
    if (text !== '') discarded.push({ text, reason, model })
    round = ''
    isFirst = true
  }

  function hear(event: ToldEvent): void {
    if (event.type === 'thinking' && !isThinking) run.emit({ type: 'thinking' })
    isThinking = event.type === 'thinking'
    if (event.type === 'status') announce(event)
    else if (event.type === 'token') speak(event.text)
    else if (event.type === 'reset') takeBack(event)
  }

  return {
    hear,
    /** What was said stays, whatever becomes of the next round. */
    endRound(): void {
      said += round
      round = ''
    },
    text: () => said + round,
    model: () => model,
    discarded: () => discarded,
  }
}
export type Speech = ReturnType<typeof createSpeech>
