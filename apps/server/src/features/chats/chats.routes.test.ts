import { randomUUID } from 'node:crypto'
import * as api from '@studioops/contracts/chats'
import { listToolServers } from '@studioops/contracts/tools'
import { createProject } from '@studioops/contracts/projects'
import { answerRun, stopRun } from '@studioops/contracts/runs'
import { describe, expect } from 'vitest'
import type { TestApp } from '../../testing/test-app.ts'
import type { TestClient } from '../../testing/test-client.ts'
import { givenDocument, givenProject, whenRead } from '../../testing/sent-documents.ts'
import { test } from '../../testing/test.ts'

async function begun(client: TestClient, projectId?: string) {
  const { chat } = await client.call(api.createChat, { body: { projectId } })
  return { chatId: chat.id }
}

/** Asks and waits for the end of the answer. */
async function asked(client: TestClient, chatId: string, text: string) {
  const params = { chatId }
  const { run } = await client.call(api.askChat, { params, body: { text } })
  const events = await client.follow(run.id)
  const { chat } = await client.call(api.getChat, { params })
  const answer = chat.messages.find(({ id }) => id === chat.headId)
  if (answer === undefined) throw new Error('the chat has no answer')
  return { chat, events, answer, run }
}

const texts = (chat: api.Chat) => chat.messages.map(({ role, text }) => [role, text])

/** The simulated model, at a pace at which an answer can still be stopped. */
async function slowly(app: TestApp, work: () => Promise<void>): Promise<void> {
  app.model.simulator.setPace({ firstTokenMs: 1, gapMs: 40 })
  try {
    await work()
  } finally {
    app.model.simulator.setPace({ firstTokenMs: 1, gapMs: 0 })
  }
}

describe('a chat', () => {
  test('is answered by the model, titled by its first question, and outlives a restart [AI-1] [AI-7] [STR-2]', async ({
    app,
  }) => {
    const client = await app.withModel()
    const { chatId } = await begun(client)
    const { chat, events, answer } = await asked(client, chatId, '## What is **open**?\nTell me.')

    expect(events.at(-1)?.event).toMatchObject({ type: 'done', state: 'complete', fallback: false })
    expect(chat.title).toBe('What is open?')
    expect(answer).toMatchObject({ role: 'assistant', state: 'complete', model: 'demo-writer' })
    const streamed = events.map(({ event }) => (event.type === 'assistant_token' ? event.text : ''))
    expect(answer.text).toBe(streamed.join(''))
    expect(answer.context?.parts.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['instructions', 'question']),
    )
    await app.restart()
    const after = await (await app.signedIn()).call(api.getChat, { params: { chatId } })
    expect(texts(after.chat)).toEqual(texts(chat))
  })

  test('keeps every version of a question and of an answer, and shows the chosen one [AI-7]', async ({
    app,
  }) => {
    const client = await app.withModel()
    const { chatId } = await begun(client)
    const params = { chatId }
    const first = await asked(client, chatId, 'First')
    const again = await client.call(api.regenerateMessage, {
      params: { chatId, messageId: first.answer.id },
      body: {},
    })
    await client.follow(again.run.id)
    const edited = await asked(client, chatId, 'First, but otherwise')
    expect(edited.chat.messages.map(({ role }) => role)).toEqual([
      'user',
      'assistant',
      'assistant',
      'user',
      'assistant',
    ])
    const question = first.chat.messages[0]?.id ?? ''
    const { chat } = await client.call(api.updateChat, { params, body: { headId: question } })
    const head = chat.messages.find(({ id }) => id === chat.headId)
    // Of the two answers of that question the newer one.
    expect([head?.parentId, head?.id === first.answer.id]).toEqual([question, false])
    const exported = await client.call(api.exportChat, { params, query: { format: 'markdown' } })
    expect(exported.text).toContain('## Question\n\nFirst\n')
    expect(exported.text).not.toContain('otherwise')
    const whole = await client.call(api.exportChat, { params, query: { format: 'json' } })
    expect(JSON.parse(whole.text)).toMatchObject({ chat: { messages: { length: 5 } } })
  })

  test('stops when its person says so, keeps what was written, and takes one answer at a time [STR-3]', async ({
    app,
  }) => {
    const client = await app.withModel()
    const { chatId } = await begun(client)
    const params = { chatId }
    await slowly(app, async () => {
      const body = { text: 'A long question that is given back word for word' }
      const { run } = await client.call(api.askChat, { params, body })
      await client.follow(run.id, { until: ({ type }) => type === 'assistant_token' })
      const second = await client.try(api.askChat, { params, body })
      expect(second).toMatchObject({ problem: { code: 'chat.busy' } })
      await client.call(stopRun, { params: { runId: run.id } })
    })
    const { chat } = await client.call(api.getChat, { params })
    expect(chat.messages.at(-1)).toMatchObject({ state: 'stopped' })
    expect(chat.messages.at(-1)?.text).not.toBe('')
    expect(chat.messages).toHaveLength(2)
  })

  test('answers without a model from what was found, and says so [AI-2] [AI-4] [AI-8] [D-9]', async ({
    app,
  }) => {
    const client = await app.signedIn('maya.green')
    const { chatId } = await begun(client)
    const { answer, events } = await asked(client, chatId, 'מה המצב?')
    expect(events.at(-1)?.event).toMatchObject({ state: 'offline', fallback: true })
    expect(answer).toMatchObject({
      fallback: true,
      state: 'offline',
      calls: [],
      problem: { code: 'model.not-configured' },
    })
    expect(answer.text).toContain('אף מודל לא ענה')
  })

  test('is found, named, pinned, archived, deleted and taken back [AI-7]', async ({ app }) => {
    const client = await app.withModel()
    const { chatId } = await begun(client)
    const params = { chatId }
    await asked(client, chatId, `Where is the zebra ${chatId}`)
    const find = async (search: string, archived: 'true' | 'false' = 'false') => {
      const { chats } = await client.call(api.listChats, { query: { search, archived } })
      return chats.filter(({ id }) => id === chatId)
    }
    expect(await find(`${chatId} zebra`)).toHaveLength(1)
    expect(await find('zebra_')).toHaveLength(0)
    const body = { title: 'Animals', isPinned: true, draft: 'half a thou' }
    const { chat } = await client.call(api.updateChat, { params, body })
    expect(chat).toMatchObject({ title: 'Animals', isPinned: true, draft: 'half a thou' })
    await client.call(api.updateChat, { params, body: { isArchived: true } })
    expect([await find('zebra'), (await find('zebra', 'true')).length]).toEqual([[], 1])
    await client.call(api.deleteChat, { params })
    expect(await client.try(api.getChat, { params })).toMatchObject({
      problem: { code: 'chat.not-found' },
    })
    const back = await client.call(api.restoreChat, { params })
    expect(back.chat).toMatchObject({ title: 'Animals', messages: { length: 2 } })
  })

  test('is its person’s alone; a personal one cannot be shared [D-6] [ID-13]', async ({ app }) => {
    const client = await app.withModel()
    const other = await app.signedIn('maya.green')
    const { chatId } = await begun(client)
    const params = { chatId }
    const strange = await other.try(api.getChat, { params })
    const missing = await other.try(api.getChat, { params: { chatId: randomUUID() } })
    const codes = [strange, missing].map((one) => (one.ok ? '' : one.problem.code))
    expect(codes).toEqual(['chat.not-found', 'chat.not-found'])
    const shared = await client.try(api.updateChat, { params, body: { isShared: true } })
    expect(shared).toMatchObject({ problem: { code: 'chat.no-project' } })
  })

  test('of a project is private until it is shared, and then to be read only by its members [D-6]', async ({
    app,
  }) => {
    const client = await app.withModel()
    const { project } = await client.call(createProject, { body: { name: `P ${randomUUID()}` } })
    const { chatId } = await begun(client, project.id)
    const params = { chatId }
    await asked(client, chatId, 'Among us')
    const member = await app.signedIn('maya.green')
    const [owner] = await app.copy.asOwner(async (db) => {
      const { rows } = await db.query<{ id: string }>(
        `insert into project_members (project_id, user_id, role)
         select $1, id, 'viewer' from users where name = 'maya.green' returning user_id as id`,
        [project.id],
      )
      return rows
    })
    expect(owner).toBeDefined()
    const query = { projectId: project.id }
    expect((await member.call(api.listChats, { query })).chats).toEqual([])
    await client.call(api.updateChat, { params, body: { isShared: true } })
    const { chats } = await member.call(api.listChats, { query })
    expect(chats).toMatchObject([{ id: chatId, isOwn: false, ownerName: expect.any(String) }])
    const { chat } = await member.call(api.getChat, { params })
    expect(chat.messages).toHaveLength(2)
    const written = await member.try(api.askChat, { params, body: { text: 'Me too' } })
    expect(written).toMatchObject({ problem: { code: 'chat.not-owner' } })
  })
})

describe('an answer of a project', () => {
  test('stands on passages of its documents, and says what room they took [AI-3]', async ({
    app,
  }) => {
    const client = await app.withModel()
    const projectId = await givenProject(client)
    const bytes = new TextEncoder().encode('The zebra crossing costs 18,000 shekels in all.')
    const { document } = await givenDocument(client, projectId, { name: 'offer.txt', bytes })
    await whenRead(client, projectId, document.id)
    const { chatId } = await begun(client, projectId)
    const { answer } = await asked(client, chatId, 'What does the zebra crossing cost?')
    expect(answer.sources).toMatchObject([
      {
        number: 1,
        kind: 'document',
        title: 'offer.txt',
        passage: expect.stringContaining('18,000'),
      },
    ])
    expect(answer.context?.parts).toContainEqual(
      expect.objectContaining({ kind: 'passages', included: 1, leftOut: 0 }),
    )
  })
})

describe('what a model wants to change', () => {
  /** The simulated model plans the tools that its question names, and calls what it is told to call. */
  const wish = (tools: readonly string[], call: string) =>
    `@@raw ${JSON.stringify({ tools: [...tools, 'x'.repeat(150)] })}\n@@call ${call}`
  const project = { project_key: 'PAY', issue_type: 'Task' }
  const creating = (summary: string) =>
    wish(['jira_create_issue'], `jira_create_issue ${JSON.stringify({ ...project, summary })}`)
  const creates = (app: TestApp) =>
    (app.jira.simulator.counters() as { creates: { total: number } }).creates.total

  test('waits, is shown exactly, and is sent once when that hash is approved [D-25] [SEC-14]', async ({
    app,
  }) => {
    const client = await app.withModel()
    await client.call(listToolServers, {})
    const { chatId } = await begun(client)
    const { answer } = await asked(client, chatId, creating('A wish'))
    const before = creates(app)
    const [call] = answer.calls
    expect(call).toMatchObject({
      tool: 'jira_create_issue',
      effect: 'write',
      state: 'waiting',
      arguments: { summary: 'A wish' },
    })
    const params = { chatId, callId: call?.id ?? '' }
    const edited = await client.call(api.editCall, {
      params,
      body: { arguments: { ...project, summary: 'A better wish' } },
    })
    const old = { payloadHash: call?.payloadHash ?? '' }
    expect(await client.try(api.approveCall, { params, body: old })).toMatchObject({
      problem: { code: 'chat.payload-changed' },
    })
    const shown = edited.chat.messages.flatMap(({ calls }) => calls)[0]
    const body = { payloadHash: shown?.payloadHash ?? '' }
    await client.call(api.approveCall, { params, body })
    expect(await client.try(api.approveCall, { params, body })).toMatchObject({
      problem: { code: 'chat.call-not-waiting' },
    })
    await expect
      .poll(async () => {
        const { chat } = await client.call(api.getChat, { params: { chatId } })
        return chat.messages.flatMap(({ calls }) => calls)[0]?.operation?.state
      })
      .toBe('done')
    expect(creates(app) - before).toBe(1)
  })

  test('is refused with a reason, and nothing is sent; what was not planned is blocked [SEC-14] [AI-6]', async ({
    app,
  }) => {
    const client = await app.withModel()
    await client.call(listToolServers, {})
    const { chatId } = await begun(client)
    const before = creates(app)
    const { answer } = await asked(client, chatId, creating('No'))
    const params = { chatId, callId: answer.calls[0]?.id ?? '' }
    const { chat } = await client.call(api.rejectCall, { params, body: { reason: 'Not now' } })
    expect(chat.messages.flatMap(({ calls }) => calls)).toMatchObject([
      { state: 'rejected', reason: 'Not now' },
    ])
    const other = await begun(client)
    const unplanned = `jira_create_issue ${JSON.stringify({ ...project, summary: 'x' })}`
    const blocked = await asked(client, other.chatId, wish(['jira_get_issue'], unplanned))
    expect(blocked.answer.calls.map(({ state }) => state)).toEqual(['blocked'])
    const third = await begun(client)
    const question = { question: 'Which one?', options: ['This', 'That'] }
    const { run } = await client.call(api.askChat, {
      params: third,
      body: { text: `@@call ask_person ${JSON.stringify(question)}` },
    })
    const events = await client.follow(run.id)
    const clarify = events.at(-1)?.event
    expect(clarify).toMatchObject({ type: 'clarify', ...question })
    const waiting = await client.call(api.getChat, { params: third })
    expect(waiting.chat.messages.at(-1)?.run).toMatchObject({ state: 'waiting', question })
    expect(creates(app)).toBe(before)
  })

  test('is asked back, and goes on after the answer, whatever process it was asked by [STR-2] [STR-4]', async ({
    app,
  }) => {
    const client = await app.withModel()
    const params = await begun(client)
    const question = { question: 'Which one?', options: ['This', 'That'] }
    const text = `@@call ask_person ${JSON.stringify(question)}`
    const { run } = await client.call(api.askChat, { params, body: { text } })
    const asking = await client.follow(run.id)
    await app.restart()
    const again = await app.signedIn()
    const { chat: waiting } = await again.call(api.getChat, { params })
    const { question: shown } = waiting.messages.at(-1)?.run ?? {}
    expect(shown).toMatchObject(question)
    const answer = { requestId: shown?.requestId ?? '', answer: 'That' }
    await again.call(answerRun, { params: { runId: run.id }, body: answer })
    const after = await again.follow(run.id, { lastEventId: asking.at(-1)?.id ?? '' })
    expect(after[0]?.event).toMatchObject({ type: 'clarified', answer: 'That' })
    expect(after.at(-1)?.event).toMatchObject({ type: 'done', state: 'complete' })
    const { chat } = await again.call(api.getChat, { params })
    expect(chat.messages.at(-1)).toMatchObject({ state: 'complete' })
    expect(app.model.prompts.at(-1)).toContain('The person: That')
    const second = await again.try(answerRun, { params: { runId: run.id }, body: answer })
    expect(second).toMatchObject({ problem: { code: 'run.not-waiting' } })
  })
})
