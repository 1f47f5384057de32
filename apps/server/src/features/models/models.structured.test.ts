import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { AnswerDone, AskModels, Question } from './models.port.ts'
import { createAskStructured } from './models.structured.ts'

const schema = z.object({ tools: z.array(z.string()) })
const reply = { name: 'plan', schema: z.toJSONSchema(schema) }
const question = {
  userId: '0',
  purpose: 'chat',
  language: 'en',
  messages: [{ role: 'user', content: 'which?' }],
  reply,
  schema,
} as const

const end: AnswerDone = {
  type: 'done',
  state: 'complete',
  fallback: false,
  text: '',
  reasoning: '',
  toolCalls: [],
  finishReason: 'stop',
  provider: 'p',
  model: 'm',
}

/** Whoever answers, word by word as it is told. */
function port(...answers: readonly Partial<AnswerDone>[]) {
  const asked: Question[] = []
  const ask: AskModels = async (next) => {
    const answer = answers[asked.length]
    asked.push(next)
    return { ...end, ...answer }
  }
  const messages = () =>
    asked.map((one) => (typeof one.messages === 'function' ? one.messages({}) : one.messages))
  return { ask, messages }
}

describe('an answer in a shape', () => {
  it('is read where it fits, whatever stands around it [LLM-4]', async () => {
    const { ask, messages } = port({ text: 'Here:\n```json\n{"tools":["a"]}\n```' })
    const answer = await createAskStructured(ask)(question)
    expect(answer).toMatchObject({ kind: 'read', value: { tools: ['a'] } })
    expect(messages()).toHaveLength(1)
  })

  it('is asked for once more with what was wrong where it does not fit [LLM-4]', async () => {
    const { ask, messages } = port({ text: '{"tools":"a"}' }, { text: '{"tools":["a"]}' })
    expect(await createAskStructured(ask)(question)).toMatchObject({ kind: 'read' })
    const [, repair = []] = messages()
    expect(repair.map(({ role }) => role)).toEqual(['user', 'assistant', 'user'])
    expect(repair[1]?.content).toBe('{"tools":"a"}')
    expect(repair[2]?.content).toMatch(/expected array/)
  })

  it('is not asked for a third time', async () => {
    const { ask, messages } = port(
      { text: 'no' },
      { text: '{"tools":["a"]', finishReason: 'length' },
    )
    const answer = await createAskStructured(ask)(question)
    expect(answer).toMatchObject({ kind: 'unreadable', problem: /cut off/ })
    expect(messages()).toHaveLength(2)
  })

  it('is not repaired when the person has stopped it [STR-3]', async () => {
    const { ask, messages } = port({ state: 'stopped', text: '{"to' })
    expect(await createAskStructured(ask)(question)).toEqual({ kind: 'stopped' })
    expect(messages()).toHaveLength(1)
  })
})
