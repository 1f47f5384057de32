import { listAuditEvents } from '@studioops/contracts/audit'
import { saveModel } from '@studioops/contracts/connections'
import { answerRun } from '@studioops/contracts/runs'
import * as api from '@studioops/contracts/stories'
import * as rulesApi from '@studioops/contracts/story-rule-settings'
import * as templatesApi from '@studioops/contracts/story-templates'
import * as promptsApi from '@studioops/contracts/story-prompts'
import { describe, expect } from 'vitest'
import type { TestApp } from '../../testing/test-app.ts'
import type { TestClient } from '../../testing/test-client.ts'
import { test } from '../../testing/test.ts'

/** So much that the simulated model estimates it at 8 points. */
const requirement = [
  'An accountant exports the open invoices as a spreadsheet.',
  'The file is named after the month.',
  'Amounts are shown in shekels and in the original currency.',
  'Paid invoices are left out.',
  'The export of 10,000 invoices is ready within 5 seconds.',
  'A second press while it runs begins no second export.',
  'The file is kept for 30 days.',
].join(' ')

const input = {
  requirement,
  format: 'classic' as const,
  language: 'en' as const,
  projectKey: 'PAY',
  issueType: 'Story',
}

async function written(client: TestClient, change: Partial<typeof input> = {}) {
  const { story } = await client.call(api.createStory, { body: { ...input, ...change } })
  const { run } = await client.call(api.writeStory, { params: { storyId: story.id }, body: {} })
  const events = await client.follow(run.id)
  return { events, story: await shown(client, story.id) }
}

const shown = async (client: TestClient, storyId: string) =>
  (await client.call(api.getStory, { params: { storyId } })).story

const approval = (story: api.Story) => ({
  version: story.versions.at(-1)?.number ?? 0,
  payloadHash: story.preview?.payloadHash ?? '',
})

const approve = (client: TestClient, story: api.Story) =>
  client.try(api.approveStory, { params: { storyId: story.id }, body: approval(story) })

async function settled(client: TestClient, storyId: string, states: readonly string[]) {
  for (let round = 0; round < 400; round += 1) {
    const story = await shown(client, storyId)
    if (story.operation !== undefined && states.includes(story.operation.state)) return story
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error('the operation did not settle')
}

function creates(app: TestApp): number {
  const { creates: made } = app.jira.simulator.counters() as { creates: { total: number } }
  return made.total
}

const newestOf = (story: api.Story) => {
  const newest = story.versions.at(-1)
  if (newest === undefined) throw new Error('nothing was written')
  return newest
}

describe('a story that is too large', () => {
  test('is cut into children within the limit, and no criterion is lost [STY-8]', async ({
    app,
  }) => {
    const client = await app.withModel()
    const { story } = await written(client)
    const { content, children = [], brokenRules } = newestOf(story)
    expect(content.storyPoints).toBe(8)
    expect(children.length).toBeGreaterThan(1)
    expect(children.every((child) => child.content.storyPoints <= 3)).toBe(true)
    expect(brokenRules).toEqual([])
    expect(story.coverage?.map(({ criterion }) => criterion)).toEqual(content.acceptanceCriteria)
    expect(story.coverage?.every((row) => row.children.length > 0)).toBe(true)
  })

  test('becomes a whole with linked children in one approval, once [STY-17] [STY-18] [D-25]', async ({
    app,
  }) => {
    const client = await app.withModel()
    const { story } = await written(client)
    const { children = [] } = newestOf(story)
    const { preview } = story
    expect(preview?.children.map(({ summary }) => summary)).toEqual(
      children.map((child) => child.content.summary),
    )
    // The points of the whole are those of its children.
    expect(preview?.fields.map(({ name }) => name)).not.toContain('Story Points')
    const before = creates(app)
    const answers = await Promise.all([approve(client, story), approve(client, story)])
    expect(answers.every(({ ok }) => ok)).toBe(true)
    const done = await settled(client, story.id, ['done'])
    expect(creates(app)).toBe(before + 1 + children.length)
    expect(done.issues.map(({ child, state }) => ({ child, state }))).toEqual([
      { child: undefined, state: 'done' },
      ...children.map((_, child) => ({ child, state: 'done' })),
    ])
    expect(done.state).toBe('created')
    expect(done.issueKey).toBe(done.issues[0]?.key)
    const { stories } = await client.call(api.listStories, { query: {} })
    expect(stories.find(({ id }) => id === story.id)).toMatchObject({
      issueKey: done.issueKey,
      children: children.length,
    })
    expect(new Set(done.issues.map(({ key }) => key)).size).toBe(children.length + 1)
  })

  test(
    'whose child Jira refuses is mended and approved again; what is made stays made [STY-17]',
    { timeout: 120_000 },
    async ({ app }) => {
      const client = await app.withModel()
      const { story } = await written(client)
      const { children = [], content, number } = newestOf(story)
      const before = creates(app)
      const { faults } = app.jira.simulator
      const route = 'POST /rest/api/2/issue'
      faults.set({ fault: { kind: 'latency', latencyMs: 300 }, route })
      await approve(client, story)
      while (creates(app) === before) await new Promise((resolve) => setTimeout(resolve, 5))
      faults.set({ fault: { kind: 'status', status: 400, body: 'json' }, route })
      const stopped = await settled(client, story.id, ['partial'])
      faults.clear()
      expect(stopped.state).toBe('approved')
      expect(stopped.preview?.left?.length).toBeGreaterThan(0)
      const corrected = children.map((child) => ({
        ...child,
        content: { ...child.content, summary: `${child.content.summary} (corrected)` },
      }))
      const { story: mended } = await client.call(api.editStory, {
        params: { storyId: story.id },
        body: { basedOn: number, content, children: corrected },
      })
      expect((await approve(client, stopped)).ok).toBe(false)
      expect((await approve(client, mended)).ok).toBe(true)
      const done = await settled(client, story.id, ['done'])
      expect(creates(app)).toBe(before + 1 + children.length)
      expect(done.issues.filter(({ key }) => key === undefined)).toEqual([])
    },
  )

  test('goes into an epic without an issue of its own, where that is wanted', async ({ app }) => {
    const client = await app.withModel()
    const { story } = await written(client)
    const extras = { epicKey: 'PAY-1', splitUnder: 'epic' as const, labels: ['invoices'] }
    const params = { storyId: story.id }
    const { story: changed } = await client.call(api.updateStory, { params, body: { extras } })
    expect(changed.preview).toMatchObject({ isCreated: false })
    expect(changed.preview?.children[0]?.labels).toContain('invoices')
    expect(changed.preview?.joins.every(({ to }) => to === 'PAY-1')).toBe(true)
    expect(changed.preview?.payloadHash).not.toBe(story.preview?.payloadHash)
  })
})

describe('what was written by hand', () => {
  test('survives a regeneration, and what the model wanted is told [STY-15]', async ({ app }) => {
    const client = await app.withModel()
    const { story } = await written(client, {
      requirement: 'A customer pays with a saved Visa card. The card is charged once.',
    })
    const params = { storyId: story.id }
    const { content, number } = newestOf(story)
    const own = 'A receipt in Hebrew is sent within 60 seconds.'
    await client.call(api.editStory, {
      params,
      body: {
        basedOn: number,
        content: {
          ...content,
          summary: 'Ours, as the team calls it',
          acceptanceCriteria: [own, ...content.acceptanceCriteria.slice(1)],
        },
      },
    })
    for (const instruction of [
      'Make it shorter',
      'Add a criterion about logs',
      'Change the title',
    ]) {
      const { run } = await client.call(api.writeStory, { params, body: { instruction } })
      await client.follow(run.id)
    }
    const refined = newestOf(await shown(client, story.id))
    expect(refined.content.summary).toBe('Ours, as the team calls it')
    expect(refined.content.acceptanceCriteria).toContain(own)
    expect(refined.content.acceptanceCriteria).not.toContain(content.acceptanceCriteria[0])
    expect(refined.edits.fields).toContain('summary')
  })

  test('comes back with the version that is restored', async ({ app }) => {
    const client = await app.withModel()
    const { story } = await written(client, { requirement: 'A customer pays with a Visa card.' })
    const params = { storyId: story.id }
    const { content, number } = newestOf(story)
    await client.call(api.editStory, {
      params,
      body: { basedOn: number, content: { ...content, summary: 'Another' } },
    })
    const stale = { params, body: { version: number, basedOn: number } }
    expect(await client.try(api.restoreStoryVersion, stale)).toMatchObject({
      problem: { code: 'story.version-changed' },
    })
    const body = { version: number, basedOn: number + 1 }
    const { story: restored } = await client.call(api.restoreStoryVersion, { params, body })
    expect(newestOf(restored)).toMatchObject({
      source: 'restore',
      restoredFrom: number,
      content: { summary: content.summary },
    })
  })
})

async function askedOf(app: TestApp, client: TestClient, model: string) {
  const { url: baseUrl, key: apiKey } = app.model
  await client.call(saveModel, { body: { baseUrl, model, apiKey } })
}

describe('a cut whose parts are too large', () => {
  test('is cut once more, and every criterion of the whole is still in a part [STY-8]', async ({
    app,
  }) => {
    const client = await app.withModel()
    await askedOf(app, client, 'demo-writer:coarse')
    const { story } = await written(client)
    const { content, children = [], brokenRules } = newestOf(story)
    expect(children.length).toBeGreaterThan(3)
    expect(new Set(children.map(({ level }) => level))).toEqual(new Set([2]))
    expect(children.every(({ splitFrom }) => /, part \d of 3$/.test(splitFrom ?? ''))).toBe(true)
    expect(children.every((child) => child.content.storyPoints <= 3)).toBe(true)
    expect(story.coverage?.map(({ criterion }) => criterion)).toEqual(content.acceptanceCriteria)
    expect(story.coverage?.every((row) => row.children.length > 0)).toBe(true)
    expect(brokenRules).toEqual([])
  })

  test('a third time asks the person; after three answers it is left to them, and cannot be approved [STY-8] [STY-16]', async ({
    app,
  }) => {
    const client = await app.withModel()
    await askedOf(app, client, 'demo-writer:uncut')
    const { story } = await client.call(api.createStory, { body: input })
    const params = { storyId: story.id }
    const { run } = await client.call(api.writeStory, { params, body: {} })
    let lastEventId: string | undefined
    for (let asked = 0; asked < 3; asked += 1) {
      const events = await client.follow(run.id, lastEventId === undefined ? {} : { lastEventId })
      const last = events.at(-1)
      lastEventId = last?.id
      if (last?.event.type !== 'clarify') throw new Error(`it ended with ${last?.event.type}`)
      const { question, options, requestId } = last.event
      expect(question).toContain('still too large after two cuts')
      await client.call(answerRun, {
        params: { runId: run.id },
        body: { requestId, answer: options[0] ?? '' },
      })
    }
    const end = await client.follow(run.id, lastEventId === undefined ? {} : { lastEventId })
    expect(end.at(-1)?.event.type).toBe('done')
    const left = await shown(client, story.id)
    expect(newestOf(left)).toMatchObject({ brokenRules: ['points.limit'] })
    expect(newestOf(left).children).toBeUndefined()
    expect(await approve(client, left)).toMatchObject({ problem: { code: 'story.not-ready' } })
  })
})

describe('rules', () => {
  test('of the person, the project and the workspace hold on the server [STY-7] [STY-12]', async ({
    app,
  }) => {
    const client = await app.withModel()
    const { story } = await written(client, { requirement: 'A customer pays with a Visa card.' })
    const set = (max: number) =>
      client.call(rulesApi.setOwnRule, {
        params: { rule: 'invest.small' },
        body: { params: { criteria: max } },
      })
    await set(1)
    const strict = await shown(client, story.id)
    expect(newestOf(strict).brokenRules).toEqual(['invest.small'])
    expect(await approve(client, strict)).toMatchObject({ problem: { code: 'story.not-ready' } })
    await client.call(rulesApi.setOwnRule, { params: { rule: 'invest.small' }, body: {} })
    expect(newestOf(await shown(client, story.id)).brokenRules).toEqual([])
    const bad = { params: { rule: 'points.limit' as const }, body: { params: { max: 'x' } } }
    expect(await client.try(rulesApi.setOwnRule, bad)).toMatchObject({
      problem: { code: 'story.bad-rule' },
    })
  })

  test('can be bypassed by an admin alone, for one version, with a reason [STY-13]', async ({
    app,
  }) => {
    const [admin, member] = [await app.withModel(), await app.withModel('daniel.cohen')]
    const own = { params: { rule: 'invest.small' as const } }
    await admin.call(rulesApi.setOwnRule, { ...own, body: { params: { criteria: 1 } } })
    const { story } = await written(admin, { requirement: 'A customer pays with a Visa card.' })
    const call = {
      params: { storyId: story.id },
      body: { version: 1, reason: 'A pilot of one day' },
    }
    expect(await member.try(api.bypassRules, call)).toMatchObject({ ok: false, status: 403 })
    expect(await approve(admin, story)).toMatchObject({ problem: { code: 'story.not-ready' } })
    const unreasoned = { ...call, body: { version: 1, reason: ' x ' } }
    expect(await admin.try(api.bypassRules, unreasoned)).toMatchObject({
      problem: { code: 'request.invalid' },
    })
    const another = { ...call, body: { ...call.body, version: 2 } }
    expect(await admin.try(api.bypassRules, another)).toMatchObject({
      problem: { code: 'story.version-changed' },
    })
    const { story: bypassed } = await admin.call(api.bypassRules, call)
    expect(bypassed.bypass).toMatchObject({ version: 1, rules: ['invest.small'] })
    expect((await approve(admin, bypassed)).ok).toBe(true)
    await admin.call(rulesApi.setOwnRule, { ...own, body: {} })
    const { events } = await admin.call(listAuditEvents, { query: { action: 'rule.bypass' } })
    expect(events[0]?.facts).toMatchObject({ reason: 'A pilot of one day', rules: 'invest.small' })
  })

  test('that the workspace locks are changed by nobody else [STY-12]', async ({ app }) => {
    const [admin, member] = [await app.withModel(), await app.withModel('daniel.cohen')]
    const params = { rule: 'invest.estimable' as const }
    const body = { mode: 'block' as const, isLocked: true }
    expect(await member.try(rulesApi.setWorkspaceRule, { params, body })).toMatchObject({
      status: 403,
    })
    await admin.call(rulesApi.setWorkspaceRule, { params, body })
    const off = { params, body: { mode: 'off' as const } }
    expect(await member.try(rulesApi.setOwnRule, off)).toMatchObject({
      problem: { code: 'story.rule-locked' },
    })
    const { rules } = await member.call(rulesApi.listStoryRules, { query: {} })
    expect(rules.find(({ rule }) => rule === 'invest.estimable')).toMatchObject({
      mode: 'block',
      lockedBy: 'workspace',
    })
    await admin.call(rulesApi.setWorkspaceRule, { params, body: {} })
  })

  test('are tried on a sample, in either language, and keep nothing [STY-12]', async ({ app }) => {
    const client = await app.withModel()
    const text = 'ייצוא חשבוניות\n\nקריטריוני קבלה\n- המסך יהיה אינטואיטיבי לכולם\n'
    const { results, content } = await client.call(rulesApi.tryStoryRules, {
      body: { text, language: 'he', settings: { 'stlc.present': { mode: 'off' } } },
    })
    expect(content.acceptanceCriteria).toHaveLength(1)
    const broken = results.filter(({ verdict }) => verdict === 'broken').map(({ rule }) => rule)
    expect(broken).toContain('criteria.testable')
    expect(results.map(({ rule }) => rule)).not.toContain('stlc.present')
    const { rules } = await client.call(rulesApi.listStoryRules, { query: {} })
    expect(rules.find(({ rule }) => rule === 'stlc.present')?.mode).toBe('block')
  })
})

describe('templates, prompts and context', () => {
  test('lay a story out, with placeholders only, and keep every version [STY-2]', async ({
    app,
  }) => {
    const client = await app.withModel()
    const template = {
      name: 'Ours',
      body: '# {{summary}}\n\n{{criteria}}\n\n{{section:risk}}',
      sections: [{ key: 'risk', title: 'Risk', hint: 'What may go wrong', isRequired: false }],
    }
    const bad = { ...template, body: '{{constructor}}' }
    expect(await client.try(templatesApi.createStoryTemplate, { body: bad })).toMatchObject({
      problem: { code: 'story.bad-template' },
    })
    const { template: made } = await client.call(templatesApi.createStoryTemplate, {
      body: template,
    })
    const { story } = await client.call(api.createStory, {
      body: {
        ...input,
        format: 'custom',
        templateId: made.id,
        requirement: 'A customer pays with a Visa card.',
      },
    })
    const params = { storyId: story.id }
    const { run } = await client.call(api.writeStory, { params, body: {} })
    await client.follow(run.id)
    const { preview } = await shown(client, story.id)
    expect(preview?.description.startsWith(`# ${preview.summary}`)).toBe(true)
    const change = { ...template, body: '{{criteria}}', basedOn: 1 }
    await client.call(templatesApi.changeStoryTemplate, {
      params: { templateId: made.id },
      body: change,
    })
    expect((await shown(client, story.id)).preview?.description).toBe(preview?.description)
    const { versions } = await client.call(templatesApi.listTemplateVersions, {
      params: { templateId: made.id },
    })
    expect(versions.map(({ number }) => number)).toEqual([2, 1])
  })

  test('of the person are kept, used and forgotten [STY-3]', async ({ app }) => {
    const client = await app.withModel()
    const words = { title: 'Security', text: 'Look at permissions.' }
    const { prompt } = await client.call(promptsApi.createStoryPrompt, { body: words })
    const { prompts } = await client.call(promptsApi.listStoryPrompts, { query: {} })
    expect(prompts.map(({ ref }) => ref)).toEqual(expect.arrayContaining(['default', prompt.ref]))
    const { story } = await client.call(api.createStory, { body: { ...input, prompt: prompt.ref } })
    await client.call(promptsApi.deleteStoryPrompt, { params: { promptId: prompt.id ?? '' } })
    expect((await shown(client, story.id)).prompt).toBe('default')
  })
})

describe('several stories', () => {
  test('are approved together, each by itself, and leave as CSV and Markdown too', async ({
    app,
  }) => {
    const client = await app.withModel()
    const one = (await written(client, { requirement: 'A customer pays with a Visa card.' })).story
    const two = (await written(client, { requirement: 'A clerk prints the list of orders.' })).story
    const { previews } = await client.call(api.previewStories, {
      body: { storyIds: [one.id, two.id] },
    })
    expect(previews.map(({ preview }) => preview?.payloadHash)).toEqual([
      one.preview?.payloadHash,
      two.preview?.payloadHash,
    ])
    const { text } = await client.call(api.exportStories, {
      body: { format: 'csv', storyIds: [one.id] },
    })
    expect(text).toContain(newestOf(one).content.summary)
    const before = creates(app)
    const { results } = await client.call(api.approveStories, {
      body: {
        stories: [
          { storyId: one.id, ...approval(one) },
          { storyId: two.id, version: 1, payloadHash: 'another' },
        ],
      },
    })
    expect(results).toMatchObject([
      { isApproved: true },
      { isApproved: false, problem: { code: 'story.payload-changed' } },
    ])
    await settled(client, one.id, ['done'])
    expect(creates(app)).toBe(before + 1)
  })
})
