import { expect, it } from 'vitest'
import pg from 'pg'
import { askChat, createChat } from '@studioops/contracts/chats'
import { createProject } from '@studioops/contracts/projects'
import { approveStory, createStory, getStory, writeStory } from '@studioops/contracts/stories'
import { startTestApp } from './test-app.ts'

/** As the evaluation database has it; elsewhere it is what a crowd makes of the pool. */
it('writes, asks and approves where there is one connection for everything [OPS-2]', async () => {
  await using app = await startTestApp({
    through: (copy) => ({
      ...copy,
      roles: 'switched',
      pool: new pg.Pool({ ...copy.target, max: 1, connectionTimeoutMillis: 10_000 }),
    }),
  })
  const dana = await app.withModel()
  const { project } = await dana.call(createProject, { body: { name: 'Alone' } })
  const { chat } = await dana.call(createChat, { body: { projectId: project.id } })
  const { run: answer } = await dana.call(askChat, {
    params: { chatId: chat.id },
    body: { text: 'What is due?' },
  })
  expect((await dana.follow(answer.id)).at(-1)?.event).toMatchObject({ type: 'done' })

  const { story } = await dana.call(createStory, {
    body: {
      requirement: 'A customer pays with a saved card. A failed payment is explained.',
      format: 'classic',
      language: 'en',
      projectKey: 'PAY',
      issueType: 'Story',
    },
  })
  const params = { storyId: story.id }
  const { run } = await dana.call(writeStory, { params, body: {} })
  expect((await dana.follow(run.id)).at(-1)?.event).toMatchObject({ state: 'complete' })
  const { versions, preview } = (await dana.call(getStory, { params })).story
  const body = { version: versions.at(-1)?.number ?? 0, payloadHash: preview?.payloadHash ?? '' }
  await dana.call(approveStory, { params, body })
  await expect
    .poll(async () => (await dana.call(getStory, { params })).story.issueKey, { timeout: 30_000 })
    .toMatch(/^PAY-\d+$/)
})
