import { fireEvent, screen } from '@testing-library/react'
import { expect, it, vi } from 'vitest'
import { OfflineError, ProblemError, UnreadableAnswerError } from '../lib/problem.ts'
import { problemBody } from '../testing/problems.ts'
import { show } from '../testing/show.tsx'
import { ProblemNotice } from './problem-notice.tsx'

const refused = new ProblemError(problemBody('jira.timeout', { host: 'jira.example.com' }))

it('says what happened, what to do, and the tracking number [ERR-4, ERR-5]', async () => {
  await show(<ProblemNotice error={refused} />)
  const notice = screen.getByRole('alert')
  expect(notice.textContent).toContain('Jira at jira.example.com did not answer in time.')
  expect(notice.textContent).toContain('Try again in a moment.')
  expect(notice.textContent).toContain(refused.problem.correlation_id)
})

it('says it in Hebrew on a Hebrew page [ERR-2]', async () => {
  await show(<ProblemNotice error={refused} />, { language: 'he' })
  expect(screen.getByRole('alert').textContent).toContain('לא ענתה בזמן')
})

it('lists the steps where there are several', async () => {
  await show(<ProblemNotice error={new ProblemError(problemBody('login.failed'))} />)
  expect(screen.getAllByRole('listitem')).toHaveLength(2)
})

it('offers to try again only where that can help [ERR-5]', async () => {
  const onRetry = vi.fn()
  await show(<ProblemNotice error={refused} onRetry={onRetry} />)
  fireEvent.click(screen.getByRole('button', { name: 'Try again' }))
  expect(onRetry).toHaveBeenCalledOnce()
})

it('offers no useless repetition [ERR-5]', async () => {
  const gone = new ProblemError(problemBody('story.not-found'))
  await show(<ProblemNotice error={gone} onRetry={() => {}} />)
  expect(screen.queryByRole('button', { name: 'Try again' })).toBeNull()
})

it('explains a problem that stands in a reply', async () => {
  await show(<ProblemNotice error={problemBody('jira.unclear')} />)
  expect(screen.getByRole('alert').textContent).toContain('Nothing is created a second time.')
})

it.each([
  [new OfflineError('away'), 'The server cannot be reached.'],
  [
    new UnreadableAnswerError(502, undefined),
    'Something other than this product’s server answered.',
  ],
  [new TypeError('x is undefined'), 'This part of the page failed.'],
])('has words for what never came from the server', async (error, message) => {
  await show(<ProblemNotice error={error} />)
  expect(screen.getByRole('alert').textContent).toContain(message)
  expect(screen.getByRole('alert').textContent).not.toContain('x is undefined')
})

it('counts down to the moment when it can help to try again', async () => {
  const busy = problemBody('request.too-many', { seconds: 1 }, { retry_after_seconds: 1 })
  await show(<ProblemNotice error={busy} onRetry={() => {}} />)
  const retry = screen.getByRole<HTMLButtonElement>('button', { name: 'Try again' })
  expect(screen.getByRole('timer').textContent).toMatch(/Possible again in .*1.* s/)
  expect(retry.disabled).toBe(true)
  await screen.findByText('Possible again now.')
  expect(retry.disabled).toBe(false)
})

it('copies the tracking number', async () => {
  const writeText = vi.fn(() => Promise.resolve())
  Object.defineProperty(navigator, 'clipboard', { value: { writeText }, configurable: true })
  await show(<ProblemNotice error={refused} />)
  fireEvent.click(screen.getByRole('button', { name: /Copy/ }))
  expect(writeText).toHaveBeenCalledWith(refused.problem.correlation_id)
})
