import { randomUUID } from 'node:crypto'
import { countGraphemes } from '@studioops/contracts/limits'
import {
  cancelOperation,
  checkOperation,
  createAnyway,
  linkOperation,
  listOperations,
} from '@studioops/contracts/operations'
import { answerRun, type RunEvent, stopRun } from '@studioops/contracts/runs'
import * as api from '@studioops/contracts/stories'
import { describe, expect } from 'vitest'
import { demoPeople } from '../../simulators/demo-data.ts'
import { startTestApp, type TestApp } from '../../testing/test-app.ts'
import type { TestClient } from '../../testing/test-client.ts'
import { test } from '../../testing/test.ts'

const requirement =
  'A customer pays with a saved Visa card. The card is charged once. A failed payment is explained.'

const input = {
  requirement,
  format: 'bdd' as const,
  language: 'en' as const,
  projectKey: 'PAY',
  issueType: 'Story',
}

const textOf = (events: readonly { event: RunEvent }[]) => {
  const from = events.findLastIndex(
    ({ event }) => event.type === 'provider' || event.type === 'reset',
  )
  return events
    .slice(from + 1)
    .map(({ event }) => (event.type === 'assistant_token' ? event.text : ''))
    .join('')
}

async function written(client: TestClient, change: Partial<typeof input> = {}) {
  const { story } = await client.call(api.createStory, { body: { ...input, ...change } })
  const { run } = await client.call(api.writeStory, { params: { storyId: story.id }, body: {} })
  const events = await client.follow(run.id)
  const shown = await client.call(api.getStory, { params: { storyId: story.id } })
  return { story: shown.story, run, events }
}

function approve(client: TestClient, story: api.Story, headers?: Record<string, string>) {
  const body = {
    version: story.versions.at(-1)?.number ?? 0,
    payloadHash: story.preview?.payloadHash ?? '',
  }
  return client.try(api.approveStory, { params: { storyId: story.id }, body }, headers)
}

/** Waits until the operation of the story has come to rest. */
async function settled(
  client: TestClient,
  storyId: string,
  states: readonly string[] = ['done', 'refused', 'needs-user'],
) {
  for (let round = 0; round < 200; round += 1) {
    const { story } = await client.call(api.getStory, { params: { storyId } })
    if (story.operation !== undefined && states.includes(story.operation.state)) return story
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error('the operation did not settle')
}

/** How many issues Jira has made. */
function creates(app: TestApp): number {
  const { creates: made } = app.jira.simulator.counters() as { creates: { total: number } }
  return made.total
}

function contentOf(story: api.Story) {
  const newest = story.versions.at(-1)
  if (newest === undefined) throw new Error('nothing was written')
  return newest.content
}

describe('writing a story', () => {
  test('streams it, checks it and shows what Jira will get [STY-1, STY-6, STY-14, STR-2, STR-3]', async ({
    app,
  }) => {
    const client = await app.withModel()
    const { story, events } = await written(client)

    expect(events[0]?.event).toMatchObject({ type: 'provider', model: 'demo-writer' })
    expect(events.at(-1)?.event).toMatchObject({
      type: 'done',
      state: 'complete',
      version: 1,
      fallback: false,
    })
    const seqs = events.map(({ id }) => Number(id.split('.')[1]))
    expect(seqs).toEqual(seqs.map((_, index) => index))

    const content = contentOf(story)
    expect(JSON.parse(textOf(events))).toMatchObject({ kind: 'story', summary: content.summary })
    expect(story.versions).toMatchObject([{ number: 1, source: 'model', brokenRules: [] }])
    expect(countGraphemes(content.summary)).toBeLessThanOrEqual(150)
    expect(content.storyPoints).toBeLessThanOrEqual(3)
    expect(story.preview).toMatchObject({
      projectKey: 'PAY',
      issueType: 'Story',
      rawFormat: 'wiki',
      labels: [expect.stringMatching(/^so-[a-z2-7]{10}$/)],
      notes: [],
    })
    expect(story.preview?.rawDescription).toMatch(/^h2\. Story/)
    expect(story.preview?.description).toContain('## Acceptance Criteria')
    expect(story.preview?.description).toContain('## STLC notes')
    expect(story.preview?.fields).toEqual([{ name: 'Story Points', value: expect.any(String) }])
  })

  test('goes on after any event for a client that was cut off [STR-4]', async ({ app }) => {
    const client = await app.withModel()
    const { run, events } = await written(client)
    const middle = events[Math.floor(events.length / 2)]
    const rest = await client.follow(run.id, { lastEventId: middle?.id ?? '' })
    expect(rest).toEqual(events.slice(events.findIndex(({ id }) => id === middle?.id) + 1))
  })

  test('stops when told so: the request to the model is cut [STR-3]', async ({ app }) => {
    const client = await app.withModel()
    app.model.simulator.setPace({ firstTokenMs: 1, gapMs: 20 })
    const { story } = await client.call(api.createStory, { body: input })
    const { run } = await client.call(api.writeStory, { params: { storyId: story.id }, body: {} })
    await client.follow(run.id, { until: (event) => event.type === 'assistant_token' })
    await client.call(stopRun, { params: { runId: run.id } })
    app.model.simulator.setPace({ firstTokenMs: 1, gapMs: 0 })

    const events = await client.follow(run.id)
    expect(events.at(-1)?.event).toMatchObject({ type: 'done', state: 'stopped' })
    expect(app.model.simulator.counters()).toMatchObject({ open: 0 })
    const shown = await client.call(api.getStory, { params: { storyId: story.id } })
    expect(shown.story.versions).toEqual([])
  })

  test('is refused while it is being written', async ({ app }) => {
    const client = await app.withModel()
    app.model.simulator.setPace({ firstTokenMs: 100, gapMs: 5 })
    const { story } = await client.call(api.createStory, { body: input })
    const params = { storyId: story.id }
    const { run } = await client.call(api.writeStory, { params, body: {} })
    expect(await client.try(api.writeStory, { params, body: {} })).toMatchObject({
      ok: false,
      status: 409,
      problem: { code: 'story.busy' },
    })
    await client.call(stopRun, { params: { runId: run.id } })
    app.model.simulator.setPace({ firstTokenMs: 1, gapMs: 0 })
  })

  test('asks back when something is missing, and goes on with the answer [AI-6, STY-16, STR-2]', async ({
    app,
  }) => {
    const client = await app.withModel()
    const { story } = await client.call(api.createStory, {
      body: { ...input, requirement: 'Save cards' },
    })
    const { run } = await client.call(api.writeStory, { params: { storyId: story.id }, body: {} })
    const asked = (await client.follow(run.id)).at(-1)
    expect(asked?.event).toMatchObject({ type: 'clarify', question: expect.any(String) })

    // A reload keeps the question.
    const { story: reloaded } = await client.call(api.getStory, { params: { storyId: story.id } })
    const { requestId = '' } = reloaded.run?.question ?? {}
    expect(reloaded.run?.state).toBe('waiting')
    const answer = { params: { runId: run.id }, body: { requestId, answer: 'Visa and Mastercard' } }
    await client.call(answerRun, answer)
    expect(await client.try(answerRun, answer)).toMatchObject({
      ok: false,
      problem: { code: 'run.not-waiting' },
    })
    const events = await client.follow(run.id, { lastEventId: asked?.id ?? '' })
    expect(events.map(({ event }) => event.type)).toContain('clarified')
    expect(events.at(-1)?.event).toMatchObject({ type: 'done', state: 'complete' })
  })

  test('lets the model repair what breaks a rule, at most twice [STY-11, STY-10]', async ({
    app,
  }) => {
    const client = await app.withModel()
    const { story } = await client.call(api.createStory, {
      body: { ...input, requirement: '@@raw {"kind":"story"}' },
    })
    const { run } = await client.call(api.writeStory, { params: { storyId: story.id }, body: {} })
    const events = await client.follow(run.id)
    const rounds = events.filter(({ event }) => event.type === 'provider')
    expect(rounds.length).toBeLessThanOrEqual(3)
    expect(events.at(-1)?.event.type).toBe('done')
  })

  test('changes a story by an instruction and keeps the rest [STY-15]', async ({ app }) => {
    const client = await app.withModel()
    const { story } = await written(client)
    const { run } = await client.call(api.writeStory, {
      params: { storyId: story.id },
      body: { instruction: 'Add that a receipt is sent by e-mail' },
    })
    await client.follow(run.id)
    const refined = (await client.call(api.getStory, { params: { storyId: story.id } })).story
    expect(refined.versions).toHaveLength(2)
    const [before, after] = refined.versions
    expect(after?.instruction).toContain('receipt')
    expect(after?.content.acceptanceCriteria.join(' ')).toMatch(/receipt/i)
    for (const criterion of before?.content.acceptanceCriteria ?? [])
      expect(after?.content.acceptanceCriteria).toContain(criterion)
  })

  test('writes Hebrew for a Hebrew story [D-28, STY-9]', async ({ app }) => {
    const client = await app.withModel('noa.levi', 'he')
    const { story } = await written(client, {
      requirement: 'לקוח משלם בכרטיס ויזה שמור. החיוב נעשה פעם אחת. תשלום שנכשל מוסבר.',
      language: 'he' as never,
      projectKey: 'STU',
    })
    expect(story.versions[0]?.content.summary).toMatch(/[א-ת]/)
    expect(story.preview?.description).toContain('## קריטריוני קבלה')
    // Labels are not on the create screen of this project.
    expect(story.preview?.notes).toContain('marker-in-description')
    expect(story.preview?.labels).toEqual([])
  })
})

describe('without the model', () => {
  test('gives a labelled offline draft that nobody can approve as it is [D-9, AI-2, AI-4]', async ({
    app,
  }) => {
    const client = await app.signedIn('maya.green')
    const { story, events } = await written(client)
    expect(events.map(({ event }) => event.type)).toEqual(['error', 'assistant_token', 'done'])
    expect(events[0]?.event).toMatchObject({ problem: { code: 'model.not-configured' } })
    expect(events.at(-1)?.event).toMatchObject({ state: 'offline', fallback: true })
    expect(story.versions[0]).toMatchObject({ source: 'offline' })

    expect(await approve(client, story)).toMatchObject({
      ok: false,
      problem: { code: 'story.offline-draft' },
    })
  })

  test.for([
    ['dies', { kind: 'die', after: 10 }, 'model.broke-off'],
    ['ends without a reason', { kind: 'no-finish', after: 10 }, 'model.broke-off'],
    [
      'reports an error in the stream',
      { kind: 'error-in-stream', after: 10 },
      'model.server-error',
    ],
    ['has no credit', { kind: 'quota' }, 'model.quota'],
    ['is away', { kind: 'away' }, 'model.unreachable'],
  ] as const)(
    'takes back what was said when it %s, and goes on offline [D-9, LLM-6]',
    async ([, fault, code], { app }) => {
      const client = await app.withModel()
      app.model.simulator.faults.set({ fault })
      const { story, events } = await written(client)
      app.model.simulator.faults.clear()

      const types = events.map(({ event }) => event.type)
      // What was said is taken back before the reason is told; a model that said nothing has nothing to take back.
      const saidFirst = types.slice(0, types.indexOf('error')).includes('assistant_token')
      expect(types.slice(0, types.indexOf('error')).includes('reset')).toBe(saidFirst)
      expect(events.find(({ event }) => event.type === 'error')?.event).toMatchObject({
        problem: { code },
      })
      expect(events.at(-1)?.event).toMatchObject({ state: 'offline', fallback: true })
      expect(story.versions.map(({ source }) => source)).toEqual(['offline'])
    },
  )
})

describe('correcting by hand', () => {
  test('makes a version of its own and refuses a stale one [STY-15]', async ({ app }) => {
    const client = await app.withModel()
    const { story } = await written(client)
    const content = { ...contentOf(story), summary: 'Pay with a saved card, once' }
    const params = { storyId: story.id }
    const edited = await client.call(api.editStory, { params, body: { basedOn: 1, content } })
    expect(edited.story.versions.at(-1)).toMatchObject({ number: 2, source: 'edit' })
    expect(edited.story.preview?.summary).toBe(content.summary)
    expect(edited.story.preview?.payloadHash).not.toBe(story.preview?.payloadHash)
    expect(
      await client.try(api.editStory, { params, body: { basedOn: 1, content } }),
    ).toMatchObject({
      ok: false,
      problem: { code: 'story.version-changed' },
    })
  })

  test('keeps what breaks a rule, and refuses to approve it [STY-5, STY-10]', async ({ app }) => {
    const client = await app.withModel()
    const { story } = await written(client)
    const content = { ...contentOf(story), summary: 'ש'.repeat(151), storyPoints: 5 }
    const { story: edited } = await client.call(api.editStory, {
      params: { storyId: story.id },
      body: { basedOn: 1, content },
    })
    expect(edited.versions.at(-1)?.brokenRules).toEqual(['summary.length', 'points.limit'])
    expect(await approve(client, edited)).toMatchObject({
      ok: false,
      problem: { code: 'story.not-ready' },
    })
  })
})

describe('approving', () => {
  test('creates the issue in Jira, with what was shown [STY-17, CON-10, D-25]', async ({ app }) => {
    const client = await app.withModel()
    const { story } = await written(client)
    const before = creates(app)
    expect(await approve(client, story)).toMatchObject({ ok: true, status: 202 })
    const done = await settled(client, story.id)

    expect(done.state).toBe('created')
    expect(done.operation).toMatchObject({ state: 'done', key: expect.stringMatching(/^PAY-\d+$/) })
    expect(creates(app)).toBe(before + 1)
    const token = demoPeople[0]?.personalAccessToken
    const issue = await fetch(`${app.jira.url}/rest/api/2/issue/${done.operation?.key}`, {
      headers: { authorization: `Bearer ${token}` },
    })
    const { fields } = (await issue.json()) as { fields: Record<string, unknown> }
    expect(fields).toMatchObject({
      summary: story.preview?.summary,
      description: story.preview?.rawDescription,
      labels: story.preview?.labels,
    })
  })

  test('twice gives one issue, however it is pressed [STY-18, D-12]', async ({ app }) => {
    const client = await app.withModel()
    const { story } = await written(client)
    const before = creates(app)
    const key = { 'idempotency-key': randomUUID() }
    const answers = await Promise.all([
      approve(client, story, key),
      approve(client, story),
      approve(client, story),
    ])
    expect(answers.every((answer) => answer.ok)).toBe(true)
    await settled(client, story.id)
    await approve(client, story)
    expect(creates(app)).toBe(before + 1)
  })

  test('of something else than was shown is refused [D-25]', async ({ app }) => {
    const client = await app.withModel()
    const { story } = await written(client)
    const body = { version: 1, payloadHash: 'another' }
    expect(
      await client.try(api.approveStory, { params: { storyId: story.id }, body }),
    ).toMatchObject({ ok: false, problem: { code: 'story.payload-changed' } })
  })

  test('whose answer is lost finds the issue and makes no second [D-12, STY-18]', async ({
    app,
  }) => {
    const client = await app.withModel()
    const { story } = await written(client)
    const before = creates(app)
    app.jira.simulator.faults.set({
      fault: { kind: 'effect-then-lost' },
      route: 'POST /rest/api/2/issue',
      times: 1,
    })
    await approve(client, story)
    const done = await settled(client, story.id)
    app.jira.simulator.faults.clear()
    expect(done.operation).toMatchObject({ state: 'done', key: expect.any(String) })
    expect(creates(app)).toBe(before + 1)
  })

  test('waits while Jira is away, says so, and is carried out once [D-10]', async ({ app }) => {
    const client = await app.withModel()
    const { story } = await written(client)
    const before = creates(app)
    app.jira.simulator.faults.set({ fault: { kind: 'away' } })
    await approve(client, story)
    const waiting = await waitFor(async () => {
      const shown = (await client.call(api.getStory, { params: { storyId: story.id } })).story
      return shown.operation?.problem === undefined ? undefined : shown
    })
    expect(waiting.state).toBe('approved')
    expect(waiting.operation).toMatchObject({
      state: 'planned',
      problem: { code: 'jira.unreachable' },
      nextAttemptAt: expect.any(String),
    })
    const { operations } = await client.call(listOperations, { query: {} })
    expect(operations.map(({ storyId }) => storyId)).toContain(story.id)

    app.jira.simulator.faults.clear()
    // Nothing has left, so there is nothing to look for among the issues that are there.
    app.jira.simulator.faults.set({
      fault: { kind: 'status', status: 503 },
      route: 'GET /rest/api/2/issue/PAY-*',
    })
    await client.call(checkOperation, { params: { operationId: waiting.operation?.id ?? '' } })
    const done = await settled(client, story.id)
    expect(done.state).toBe('created')
    expect(creates(app)).toBe(before + 1)
    app.jira.simulator.faults.clear()
  })

  test('whose answer is lost is not looked for before Jira allows it', async ({ app }) => {
    const client = await app.withModel()
    const { story } = await written(client)
    const { faults } = app.jira.simulator
    faults.set({ fault: { kind: 'effect-then-lost' }, route: 'POST *', times: 1 })
    faults.set({
      fault: { kind: 'too-many-requests', retryAfter: '60' },
      route: 'GET /rest/api/2/issue/PAY-*',
    })
    await approve(client, story)
    const waiting = await waitFor(async () => {
      const { operation } = (await client.call(api.getStory, { params: { storyId: story.id } }))
        .story
      return operation?.problem?.code === 'jira.rate-limited' ? operation : undefined
    })
    const waitMs = Date.parse(waiting.nextAttemptAt ?? '') - Date.parse(waiting.updatedAt)
    expect(waitMs).toBe(60_000)
    faults.clear()
    await client.call(checkOperation, { params: { operationId: waiting.id } })
    expect((await settled(client, story.id)).state).toBe('created')
  })

  test('finds a lost issue by its description where labels are not on the screen [D-12]', async ({
    app,
  }) => {
    const client = await app.withModel()
    const { story } = await written(client, { projectKey: 'STU' })
    expect(story.preview?.notes).toContain('marker-in-description')
    const before = creates(app)
    app.jira.simulator.faults.set({
      fault: { kind: 'effect-then-lost' },
      route: 'POST /rest/api/2/issue',
      times: 1,
    })
    await approve(client, story)
    const done = await settled(client, story.id)
    app.jira.simulator.faults.clear()
    expect(done.operation).toMatchObject({ state: 'done', key: expect.stringMatching(/^STU-/) })
    expect(creates(app)).toBe(before + 1)
  })

  test('can be taken back while it waits, and then given again', async ({ app }) => {
    const client = await app.withModel()
    const { story } = await written(client)
    app.jira.simulator.faults.set({ fault: { kind: 'away' } })
    await approve(client, story)
    const waiting = await waitFor(async () => {
      const shown = (await client.call(api.getStory, { params: { storyId: story.id } })).story
      return shown.operation?.problem === undefined ? undefined : shown
    })
    const params = { operationId: waiting.operation?.id ?? '' }
    await client.call(cancelOperation, { params })
    app.jira.simulator.faults.clear()
    const draft = (await client.call(api.getStory, { params: { storyId: story.id } })).story
    expect(draft.state).toBe('draft')
    await approve(client, draft)
    expect((await settled(client, story.id)).state).toBe('created')
  })

  test('asks for what the project requires, and remembers it for the next story [CON-11]', async ({
    app,
  }) => {
    const client = await app.withModel()
    const { story } = await written(client, { projectKey: 'OPS' })
    expect(story.preview?.asked).toMatchObject([
      { name: 'Assigned Team', kind: 'choice', values: [], problem: 'missing' },
    ])
    const params = { storyId: story.id }
    const body = { version: 1, payloadHash: story.preview?.payloadHash ?? '' }
    expect(await client.try(api.approveStory, { params, body })).toMatchObject({
      ok: false,
      problem: { code: 'story.fields-missing' },
    })
    const fill = (value: string) =>
      client.call(api.fillJiraFields, {
        params,
        body: { values: { customfield_10200: [value] } },
      })
    const wrong = await fill('99999')
    expect(wrong.story.preview?.asked).toMatchObject([{ problem: 'not-a-choice' }])
    const filled = await fill('10302')
    expect(filled.story.preview?.fields).toContainEqual({
      name: 'Assigned Team',
      value: 'Platform',
    })
    await approve(client, filled.story)
    expect(await settled(client, story.id)).toMatchObject({ state: 'created' })

    const { story: next } = await written(client, { projectKey: 'OPS' })
    expect(next.preview?.asked).toMatchObject([{ values: ['10302'], isRemembered: true }])
  })

  test('learns from a refusal what a silent Jira requires, and asks for it [CON-11] [STY-17]', async ({
    app,
  }) => {
    const client = await app.withModel()
    const { faults } = app.jira.simulator
    for (const route of ['GET *createmeta*', 'GET *editmeta'])
      faults.set({ fault: { kind: 'status', status: 404 }, route })
    const { story } = await written(client, { projectKey: 'OPS', issueType: 'Task' })
    expect(story.preview).toMatchObject({
      asked: [],
      notes: expect.arrayContaining(['metadata-unknown']),
    })
    await approve(client, story)
    const refused = await settled(client, story.id)
    expect(refused.operation).toMatchObject({
      state: 'refused',
      problem: { code: 'jira.field-required' },
    })
    expect(refused.operation?.problem?.title).toContain('Assigned Team')
    expect(refused.preview?.asked).toMatchObject([{ name: 'Assigned Team', problem: 'missing' }])
    // What other issues of the project hold is offered; where there is none, it is typed.
    const [first] = refused.preview?.asked[0]?.options ?? []
    const filled = await client.call(api.fillJiraFields, {
      params: { storyId: story.id },
      body: { values: { customfield_10200: [first?.id ?? 'Platform'] } },
    })
    await approve(client, filled.story)
    expect(await settled(client, story.id)).toMatchObject({ state: 'created' })
    faults.clear()
  })

  test('asks a person when it cannot be told, and never creates by itself [D-12]', async ({
    app,
  }) => {
    const client = await app.withModel()
    const { story } = await written(client)
    const before = creates(app)
    // Nothing is created, but the answer is lost: nobody can tell that from a lost effect.
    app.jira.simulator.faults.set({
      fault: { kind: 'status', status: 502, body: 'html' },
      route: 'POST /rest/api/2/issue',
    })
    await approve(client, story)
    const unclear = await settled(client, story.id)
    app.jira.simulator.faults.clear()
    expect(unclear.operation?.state).toBe('needs-user')
    expect(creates(app)).toBe(before)

    const params = { operationId: unclear.operation?.id ?? '' }
    expect(await client.try(linkOperation, { params, body: { key: 'PAY-1' } })).toMatchObject({
      ok: false,
      problem: { code: 'operation.other-issue' },
    })
    await client.call(createAnyway, { params })
    const done = await settled(client, story.id, ['done'])
    expect(done.operation?.marker).not.toBe(unclear.operation?.marker)
    expect(creates(app)).toBe(before + 1)
  })

  test('closes the story: nothing of it can be changed any more', async ({ app }) => {
    const client = await app.withModel()
    const { story } = await written(client)
    await approve(client, story)
    await settled(client, story.id)
    const params = { storyId: story.id }
    for (const answer of [
      await client.try(api.updateStory, { params, body: { requirement: 'x' } }),
      await client.try(api.deleteStory, { params }),
      await client.try(api.writeStory, { params, body: {} }),
    ])
      expect(answer).toMatchObject({ ok: false, problem: { code: 'story.already-approved' } })
  })
})

describe('after a crash', () => {
  test('an approval is carried out once by the next process [D-12, STY-18]', async ({ app }) => {
    const client = await app.withModel()
    const { story } = await written(client)
    const before = creates(app)
    app.jira.simulator.faults.set({ fault: { kind: 'away' } })
    await approve(client, story)
    await app.restart()
    app.jira.simulator.faults.clear()
    const operation = (await client.call(api.getStory, { params: { storyId: story.id } })).story
      .operation
    await client.try(checkOperation, { params: { operationId: operation?.id ?? '' } })
    expect((await settled(client, story.id)).state).toBe('created')
    expect(creates(app)).toBe(before + 1)
  })

  test('a generation goes on with a reset, and readers with it [STR-4]', async ({ app }) => {
    const client = await app.withModel()
    app.model.simulator.setPace({ firstTokenMs: 1, gapMs: 30 })
    const { story } = await client.call(api.createStory, { body: input })
    const { run } = await client.call(api.writeStory, { params: { storyId: story.id }, body: {} })
    const seen = await client.follow(run.id, {
      until: (event, count) => event.type === 'assistant_token' && count > 3,
    })
    app.model.simulator.setPace({ firstTokenMs: 1, gapMs: 0 })
    await app.restart()
    const rest = await client.follow(run.id, { lastEventId: seen.at(-1)?.id ?? '' })

    expect(rest.map(({ event }) => event.type)).toContain('reset')
    const ids = [...seen, ...rest].map(({ id }) => Number(id.split('.')[1]))
    expect(ids).toEqual(ids.map((_, index) => index))
    expect(rest.at(-1)?.event).toMatchObject({ type: 'done', state: 'complete', version: 1 })
    expect(JSON.parse(textOf(rest))).toMatchObject({ kind: 'story' })
  })
})

describe('isolation [ID-13]', () => {
  test('nobody sees or touches the stories, runs and operations of somebody else', ({ app }) =>
    expectIsolation(app))

  test('holds without the row policies too: each net alone', async () => {
    await using app = await startTestApp()
    await app.copy.asOwner((db) =>
      db.query(`do $$ declare name text; begin
        for name in select relname from pg_class where relrowsecurity loop
          execute format('alter table %I disable row level security', name);
        end loop; end $$`),
    )
    await expectIsolation(app)
  })
})

async function expectIsolation(app: TestApp) {
  const [noa, daniel] = [await app.withModel('noa.levi'), await app.withModel('daniel.cohen')]
  const { story, run } = await written(noa)
  await noa.call(api.listJiraProjects, {})
  await approve(noa, story)
  const { operation } = await settled(noa, story.id)
  const params = { storyId: story.id }
  const operationParams = { operationId: operation?.id ?? '' }

  const answers = [
    await daniel.try(api.getStory, { params }),
    await daniel.try(api.updateStory, { params, body: { requirement: 'mine' } }),
    await daniel.try(api.deleteStory, { params }),
    await daniel.try(api.writeStory, { params, body: {} }),
    await daniel.try(api.approveStory, { params, body: { version: 1, payloadHash: 'x' } }),
    await daniel.try(stopRun, { params: { runId: run.id } }),
    await daniel.try(answerRun, {
      params: { runId: run.id },
      body: { requestId: 'x', answer: 'x' },
    }),
    await daniel.try(checkOperation, { params: operationParams }),
    await daniel.try(linkOperation, { params: operationParams, body: { key: 'PAY-1' } }),
    await daniel.try(createAnyway, { params: operationParams }),
    await daniel.try(cancelOperation, { params: operationParams }),
  ]
  for (const answer of answers) expect(answer).toMatchObject({ ok: false, status: 404 })
  expect((await daniel.fetch(`/api/runs/${run.id}/events`)).status).toBe(404)
  const { stories } = await daniel.call(api.listStories, { query: {} })
  expect(stories.map(({ id }) => id)).not.toContain(story.id)
  const { operations } = await daniel.call(listOperations, { query: {} })
  expect(operations.map(({ id }) => id)).not.toContain(operation?.id)
  app.jira.simulator.faults.set({ fault: { kind: 'away' } })
  expect(await daniel.try(api.listJiraProjects, {})).toMatchObject({ ok: false })
  app.jira.simulator.faults.clear()
  expect((await app.visitor().fetch(`/api/stories/${story.id}`)).status).toBe(401)
}

async function waitFor<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let round = 0; round < 200; round += 1) {
    const found = await look()
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error('it did not happen')
}
