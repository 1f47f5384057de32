import type { Job } from '@studioops/contracts/jobs'
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { problemBody, refusal } from '../../testing/problems.ts'
import { aSession } from '../../testing/samples.ts'
import { show } from '../../testing/show.tsx'
import { JobsPage } from './jobs-page.tsx'

const id = '2f4b8a52-7a31-4d5c-9a53-0c8b5b1b8a11'

function sampleJob(changes: Partial<Job> = {}): Job {
  return {
    id,
    kind: 'connections.check',
    state: 'queued',
    cause: 'schedule',
    isCancelling: false,
    attempts: 0,
    attemptsMax: 6,
    createdAt: '2026-11-21T08:40:00.000Z',
    ...changes,
  }
}

const given = (job: Job) => ({ 'GET /jobs': () => ({ jobs: [job] }) })

describe('the background jobs of a person', () => {
  it.each<{ is: string; changes: Partial<Job>; english: RegExp; hebrew: RegExp }>([
    { is: 'next', changes: { ahead: 0 }, english: /It is next/, hebrew: /היא הבאה בתור/ },
    {
      is: 'behind others',
      changes: { ahead: 2 },
      english: /2.? jobs go first/,
      hebrew: /שתי משימות לפניה/,
    },
    {
      is: 'under way',
      changes: { state: 'running', progress: { done: 3, total: 5 } },
      english: /3.? of .?5/,
      hebrew: /3.? מתוך .?5/,
    },
    { is: 'stuck', changes: { state: 'stuck' }, english: /fallen silent/, hebrew: /השתתק/ },
    {
      is: 'being stopped',
      changes: { state: 'running', isCancelling: true },
      english: /being stopped/,
      hebrew: /נעצרת/,
    },
    {
      is: 'done',
      changes: { state: 'done' },
      english: /comes round by itself/,
      hebrew: /חוזרת מעצמה/,
    },
  ])('say in both languages that one is $is [JOB-4]', async ({ changes, english, hebrew }) => {
    await show(<JobsPage />, { answers: given(sampleJob(changes)) })
    expect((await screen.findByRole('article')).textContent).toMatch(english)
    cleanup()
    await show(<JobsPage />, { language: 'he', answers: given(sampleJob(changes)) })
    expect((await screen.findByRole('article')).textContent).toMatch(hebrew)
  })

  it('are counted by kind for those who run the workspace, with why they were given up [JOB-8]', async () => {
    const session = aSession()
    const account = { ...session.session.account, role: 'admin' as const }
    await show(<JobsPage />, {
      answers: {
        'GET /session': () => ({ session: { ...session.session, account } }),
        'GET /jobs': () => ({ jobs: [] }),
        'GET /admin/jobs': () => ({
          kinds: [{ kind: 'connections.check', queued: 12, running: 1, dead: 2 }],
          dead: [
            {
              kind: 'connections.check',
              problem: problemBody('job.worker-lost'),
              count: 2,
              lastAt: '2026-11-21T08:40:00.000Z',
            },
          ],
        }),
      },
    })
    const all = await screen.findByRole('region', { name: 'All jobs of the workspace' })
    await waitFor(() => expect(all.textContent).toContain('12'))
    expect(all.textContent).toContain('ended in the middle')
  })

  it('say why one was given up, and try it again when told so [JOB-8]', async () => {
    const job = sampleJob({ state: 'dead', attempts: 6, problem: problemBody('job.worker-lost') })
    const { requests } = await show(<JobsPage />, {
      answers: { ...given(job), [`POST /jobs/${id}/retry`]: () => ({ job: sampleJob() }) },
    })

    const dead = await screen.findByRole('region', { name: 'Given up' })
    expect(within(dead).getByRole('alert').textContent).toContain('ended in the middle')
    fireEvent.click(screen.getByRole('button', { name: 'Try again now' }))

    await waitFor(() => expect(requests.filter(({ method }) => method === 'POST')).toHaveLength(1))
  })

  it('are cancelled by their person, and say when that came too late [JOB-8]', async () => {
    await show(<JobsPage />, {
      answers: {
        ...given(sampleJob({ state: 'running' })),
        [`POST /jobs/${id}/cancel`]: () => refusal('job.not-open'),
      },
    })
    fireEvent.click(await screen.findByRole('button', { name: 'Cancel' }))
    expect((await screen.findByRole('alert')).textContent).toContain('moved on')
  })

  it('say that there are none, and why they cannot be shown', async () => {
    await show(<JobsPage />, { answers: { 'GET /jobs': () => ({ jobs: [] }) } })
    expect(await screen.findByText('No background jobs yet')).toBeTruthy()
    cleanup()
    await show(<JobsPage />, { answers: { 'GET /jobs': () => refusal('database.unavailable') } })
    expect(await screen.findByRole('button', { name: 'Try again' })).toBeTruthy()
  })
})
