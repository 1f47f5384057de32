import type { RunEvent } from '@studioops/contracts/runs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { emptyProgress, reduceRun, type RunProgress } from './run-progress.ts'
import { problemBody } from '../testing/problems.ts'

const numbered = (events: readonly RunEvent[]) =>
  events.map((event, seq) => ({ id: `${1 + Math.floor(seq / 4)}.${seq}`, event }))
const play = (events: readonly RunEvent[]): RunProgress =>
  numbered(events).reduce(reduceRun, emptyProgress)

const provider = (model: string, attempt = 1, round = 0): RunEvent => ({
  type: 'provider',
  model,
  attempt,
  round,
})
const token = (text: string): RunEvent => ({ type: 'assistant_token', text })
const reset: RunEvent = { type: 'reset', reason: 'broke-off', discarded: 1 }
const done: RunEvent = { type: 'done', state: 'complete', version: 1, fallback: false }

const someEvent: fc.Arbitrary<RunEvent> = fc.oneof(
  fc.string().map(token),
  fc.constantFrom<RunEvent>(provider('one'), provider('two', 2), reset, { type: 'thinking' }, done),
)

describe('the state of a run', () => {
  it('is the same when any part of the stream is replayed [STR-4]', () => {
    fc.assert(
      fc.property(
        fc.array(someEvent, { maxLength: 30 }),
        fc.nat(30),
        fc.nat(30),
        (events, a, b) => {
          const straight = numbered(events)
          const replayed = [...straight.slice(0, a), ...straight.slice(Math.min(a, b))]
          expect(replayed.reduce(reduceRun, emptyProgress)).toEqual(play(events))
        },
      ),
    )
  })

  it('never splices two attempts: what was reset is kept apart, with its model [D-9]', () => {
    const state = play([provider('one'), token('{"a'), reset, provider('two', 2), token('{"b"}')])

    expect(state.text).toBe('{"b"}')
    expect(state.dropped).toEqual([{ text: '{"a', reason: 'broke-off', model: 'one' }])
    expect(state.attempts.map(({ model }) => model)).toEqual(['one', 'two'])
  })

  it('keeps the text of an attempt that the next one replaces without a reset', () => {
    const state = play([provider('one'), token('{"a'), provider('one', 1, 1)])

    expect(state.text).toBe('')
    expect(state.dropped).toMatchObject([{ text: '{"a', reason: 'replaced' }])
  })

  it('begins the offline answer afresh after an error [D-9]', () => {
    const error: RunEvent = { type: 'error', problem: problemBody('model.unreachable') }
    const offline: RunEvent = { type: 'done', state: 'offline', version: 1, fallback: true }
    const state = play([provider('one'), token('{"a'), error, token('{"b"'), token('}'), offline])

    expect(state.text).toBe('{"b"}')
    expect(state.problem?.code).toBe('model.unreachable')
    expect(state.done).toEqual({ state: 'offline', version: 1, fallback: true })
  })

  it('keeps what was written when the run ends as partial after an error', () => {
    const error: RunEvent = { type: 'error', problem: problemBody('model.broke-off') }
    const partial: RunEvent = { type: 'done', state: 'partial', fallback: false }

    expect(play([provider('one'), token('{"a'), error, partial]).text).toBe('{"a')
  })

  it('holds the question until it is answered, and then both [AI-6]', () => {
    const clarify: RunEvent = {
      type: 'clarify',
      requestId: 'q1',
      question: 'Which?',
      options: ['A'],
    }
    const clarified: RunEvent = { type: 'clarified', requestId: 'q1', answer: 'A' }
    const asked = [provider('one'), token('{"kind":"clarify"'), clarify]

    expect(play(asked)).toMatchObject({ text: '', question: { requestId: 'q1', options: ['A'] } })
    const answered = play([...asked, clarified])
    expect(answered.question).toBeUndefined()
    expect(answered.answered).toEqual([{ question: 'Which?', answer: 'A' }])
    expect(answered.dropped).toEqual([])
  })

  it('drops an open question when the run is stopped', () => {
    const clarify: RunEvent = { type: 'clarify', requestId: 'q1', question: 'Which?', options: [] }
    const stopped: RunEvent = { type: 'done', state: 'stopped', fallback: false }

    expect(play([clarify, stopped]).question).toBeUndefined()
  })
})
