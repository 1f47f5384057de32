import { expect, it, vi } from 'vitest'
import { OfflineError, ProblemError } from '../lib/problem.ts'
import { problemBody } from '../testing/problems.ts'
import { createQueryClient } from './query-client.ts'

type Retry = (failures: number, error: Error) => boolean

function retryRule() {
  const queries = createQueryClient({ onSessionOver: () => {} })
  return queries.getDefaultOptions().queries?.retry as Retry
}

it.each([
  ['jira.timeout', true],
  ['server.busy', true],
  ['request.invalid', false],
  ['story.not-found', false],
] as const)('after %s a read is repeated: %s [UI-5]', (code, isRepeated) => {
  expect(retryRule()(0, new ProblemError(problemBody(code)))).toBe(isRepeated)
})

it('repeats a read that did not reach the server, but not for ever [UI-5]', () => {
  const lost = new OfflineError('away')
  expect([0, 1, 2, 3].map((failures) => retryRule()(failures, lost))).toEqual([
    true,
    true,
    true,
    false,
  ])
})

it('never repeats a write by itself [UI-5]', () => {
  const { mutations } = createQueryClient({ onSessionOver: () => {} }).getDefaultOptions()
  expect(mutations?.retry).toBe(false)
})

it('hears of the end of the session wherever it shows, and of nothing else [ID-10]', async () => {
  const onSessionOver = vi.fn()
  const queries = createQueryClient({ onSessionOver, retries: 0 })
  const fail = (code: 'session.expired' | 'login.failed') => () =>
    Promise.reject(new ProblemError(problemBody(code)))
  await queries.fetchQuery({ queryKey: ['a'], queryFn: fail('login.failed') }).catch(() => {})
  expect(onSessionOver).not.toHaveBeenCalled()
  await queries.fetchQuery({ queryKey: ['b'], queryFn: fail('session.expired') }).catch(() => {})
  expect(onSessionOver).toHaveBeenCalledOnce()
})
