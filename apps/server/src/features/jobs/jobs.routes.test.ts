import { randomUUID } from 'node:crypto'
import * as api from '@studioops/contracts/jobs'
import { describe, expect } from 'vitest'
import { test } from '../../testing/test.ts'
import type { TestApp } from '../../testing/test-app.ts'

type Row = { readonly name: string; readonly state: string; readonly runs?: string }

/** As a worker of another node would have left it; nobody here knows its kind, so it stays. */
async function plant(app: TestApp, { name, state, runs = `now() + interval '1 hour'` }: Row) {
  const id = randomUUID()
  const isEnded = ['done', 'dead', 'cancelled'].includes(state)
  await app.copy.asOwner((db) =>
    // oxlint-disable-next-line house/bans -- the time is an expression of this file
    db.query(
      `insert into background_jobs (id, user_id, kind, payload, written_by, cause, state, attempts,
        run_at, lease_until, ended_at, error_code)
       select $1, id, 'connections.check', '{"system":"jira"}', '1', 'button', $3, 2, ${runs},
        case when $3 = 'running' then now() + interval '1 hour' end,
        case when $4 then now() end, case when $4 then 'job.worker-lost' end
       from users where employee_id = $2`,
      [id, name, state, isEnded],
    ),
  )
  return id
}

describe('the background jobs of a person', () => {
  test('are theirs alone, and show state, cause and reason [JOB-4, ID-13]', async ({ app }) => {
    const noa = await app.signedIn('noa.levi')
    const maya = await app.signedIn('maya.green')
    const jobId = await plant(app, { name: 'noa.levi', state: 'dead' })
    const { jobs } = await noa.call(api.listJobs, { query: {} })
    expect(jobs.find(({ id }) => id === jobId)).toMatchObject({
      state: 'dead',
      cause: 'button',
      problem: { code: 'job.worker-lost' },
    })
    const others = await maya.call(api.listJobs, { query: {} })
    expect(others.jobs.map(({ id }) => id)).not.toContain(jobId)
    for (const deed of [api.cancelJob, api.retryJob])
      expect(await maya.try(deed, { params: { jobId } })).toMatchObject({
        ok: false,
        problem: { code: 'job.not-found' },
      })
  })

  test('are cancelled while they wait, and tried again afterwards [JOB-8]', async ({ app }) => {
    const noa = await app.signedIn('noa.levi')
    const jobId = await plant(app, { name: 'noa.levi', state: 'queued' })
    const params = { jobId }
    expect((await noa.call(api.cancelJob, { params })).job.state).toBe('cancelled')
    expect(await noa.try(api.cancelJob, { params })).toMatchObject({
      problem: { code: 'job.not-open' },
    })
    await noa.call(api.retryJob, { params })
    await expect
      .poll(async () =>
        (await noa.call(api.listJobs, { query: {} })).jobs.find(({ id }) => id === jobId),
      )
      .toMatchObject({ state: 'done' })
  })

  test('are counted for those who run the workspace, without whose they are [JOB-8]', async ({
    app,
  }) => {
    const owner = await app.signedIn('noa.levi')
    const member = await app.signedIn('maya.green')
    await plant(app, { name: 'maya.green', state: 'dead' })
    const counts = await owner.call(api.getJobCounts, {})
    expect(counts.kinds.find(({ kind }) => kind === 'connections.check')?.dead).toBeGreaterThan(0)
    expect(JSON.stringify(counts)).not.toMatch(/maya|jira/)
    expect(await member.try(api.getJobCounts, {})).toMatchObject({ ok: false, status: 403 })
  })
})
