import { connectionState } from '@studioops/contracts/connections'
import { describe, expect, it } from 'vitest'
import { gates, stateOf } from './connections.policy.ts'

const at = (minute: number) => new Date(2026, 0, 1, 0, minute)

describe('stateOf', () => {
  it.each([
    { state: 'untested', check: undefined },
    { state: 'untested', check: { changedAt: at(1), passedAt: undefined, isFailing: false } },
    { state: 'passed', check: { changedAt: at(1), passedAt: at(2), isFailing: false } },
    { state: 'changed', check: { changedAt: at(2), passedAt: at(1), isFailing: false } },
    {
      state: 'unverified',
      check: { changedAt: at(1), passedAt: at(2), isFailing: false, verdict: 'unverifiable' },
    },
    { state: 'failing', check: { changedAt: at(1), passedAt: at(2), isFailing: true } },
  ] as const)('is $state', ({ state, check }) => {
    expect(stateOf(check)).toBe(state)
  })
})

describe('gates [CFG-17]', () => {
  const stories = (jira: never, model: never) =>
    gates({ jira, model, trello: 'passed' }).find(({ name }) => name === 'stories')?.state

  it.each(
    connectionState.options.flatMap((jira) =>
      connectionState.options.map((model) => [jira, model]),
    ),
  )('Jira %s, model %s: open only with both, closed by a refused token alone', (jira, model) => {
    const withJira = model === 'passed' ? 'open' : 'degraded'
    const expected = { failing: 'broken', passed: withJira }[jira as string] ?? 'needs-setup'
    expect(stories(jira as never, model as never)).toBe(expected)
  })

  it.each(connectionState.options)(
    'Trello %s: its boards open once it was tested [CON-4]',
    (trello) => {
      const boards = gates({ jira: 'passed', model: 'passed', trello }).find(
        ({ name }) => name === 'boards',
      )
      const expected = { failing: 'broken', passed: 'open', unverified: 'open' } as const
      expect(boards?.state).toBe(Reflect.get(expected, trello) ?? 'needs-setup')
    },
  )
})
