import { readdir } from 'node:fs/promises'
import { checkJiraToken, getSession, register, signIn, stepUp } from '@studioops/contracts/accounts'
import { getCompanyFiles, saveCompanyFiles } from '@studioops/contracts/company-model'
import { saveModel, testModel } from '@studioops/contracts/connections'
import {
  getDemoFaults,
  getInstallation,
  leaveDemo,
  setDemoFaults,
  startDemo,
} from '@studioops/contracts/installation'
import { invite } from '@studioops/contracts/people'
import {
  approveStory,
  createStory,
  getStory,
  listJiraProjects,
  writeStory,
} from '@studioops/contracts/stories'
import { describe, expect, it } from 'vitest'
import { startTestApp, type TestApp, testPassword } from '../../testing/test-app.ts'

/** A newcomer's way through the demo, up to a signed-in person with a model. */
async function enterDemo(app: TestApp) {
  const client = app.visitor()
  const { demo } = await client.call(startDemo, {})
  const person = demo?.people.find(({ state }) => state === 'active')
  if (demo === undefined || person === undefined) throw new Error('no demo')
  const { ticket } = await client.call(checkJiraToken, {
    body: { jiraUrl: demo.jiraUrl, token: person.token },
  })
  await client.call(register, { body: { ticket, password: testPassword } })
  await client.call(signIn, { body: { username: person.employeeId, password: testPassword } })
  const model = { baseUrl: demo.modelUrl, model: demo.modelName, apiKey: demo.modelKey }
  expect(await client.call(testModel, { body: model })).toMatchObject({ passed: true })
  await client.call(saveModel, { body: model })
  return { client, demo, person }
}

async function createIssue(client: Awaited<ReturnType<typeof enterDemo>>['client']) {
  const { projects } = await client.call(listJiraProjects, {})
  const projectKey = projects.find(({ key }) => key === 'PAY')?.key
  const { story } = await client.call(createStory, {
    body: {
      requirement: 'A customer pays with a saved Visa card and gets a receipt by e-mail.',
      format: 'classic',
      language: 'en',
      ...(projectKey === undefined ? {} : { projectKey }),
      issueType: 'Story',
    },
  })
  const params = { storyId: story.id }
  const { run } = await client.call(writeStory, { params, body: {} })
  await client.follow(run.id)
  const { preview } = (await client.call(getStory, { params })).story
  await client.call(approveStory, {
    params,
    body: { version: 1, payloadHash: preview?.payloadHash ?? '' },
  })
  for (let round = 0; round < 200; round += 1) {
    const shown = (await client.call(getStory, { params })).story
    if (shown.issueUrl !== undefined) return shown
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error('no issue came')
}

describe('a new installation', () => {
  it('offers both ways and takes the first person’s Jira as its own [ID-15, D-2]', async () => {
    await using app = await startTestApp()
    const visitor = app.visitor()
    expect(await visitor.call(getInstallation, {})).toMatchObject({ mode: 'new', jiraBaseUrls: [] })
    await app.signedIn()
    expect(await visitor.call(getInstallation, {})).toMatchObject({
      mode: 'own',
      jiraBaseUrls: [app.jira.url],
    })
    expect(await visitor.try(startDemo, {})).toMatchObject({
      ok: false,
      problem: { code: 'installation.already-chosen' },
    })
  })
})

describe('the demo workspace [D-26]', () => {
  it('carries a newcomer to an issue without an account anywhere', async () => {
    await using app = await startTestApp()
    const { client } = await enterDemo(app)
    const story = await createIssue(client)
    expect(story.issueUrl).toMatch(new RegExp(`^${app.origin}/demo/jira/browse/PAY-\\d+$`))
    const page = await fetch(story.issueUrl ?? '')
    expect(page.status).toBe(200)
    expect(await page.text()).toContain('Simulated Jira')
  })

  it('keeps what was made in it over a restart', async () => {
    await using app = await startTestApp()
    const { client } = await enterDemo(app)
    const story = await createIssue(client)
    await app.restart()
    expect((await client.call(getStory, { params: { storyId: story.id } })).story.state).toBe(
      'created',
    )
    expect((await fetch(story.issueUrl ?? '')).status).toBe(200)
  })

  it('plays faults on demand', async () => {
    await using app = await startTestApp()
    const { client } = await enterDemo(app)
    await client.call(listJiraProjects, {})
    await client.call(setDemoFaults, { body: { jira: 'away', model: 'none' } })
    expect(await client.call(getDemoFaults, {})).toEqual({
      jira: 'away',
      model: 'none',
      confluence: 'none',
      trello: 'none',
    })
    const { stale, projects } = await client.call(listJiraProjects, {})
    expect(stale).toMatchObject({ code: 'jira.unreachable' })
    expect(projects.length).toBeGreaterThan(0)
  })

  it('is gone without a trace after it is left [D-26]', async () => {
    await using app = await startTestApp()
    const before = await filledTables(app)
    const { client, demo, person } = await enterDemo(app)
    await createIssue(client)
    await client.call(stepUp, { body: { password: testPassword } })
    await client.call(invite, { body: { email: 'guest@studio.example', role: 'admin' } })
    const { texts, examples } = await client.call(getCompanyFiles, {})
    const files = texts ?? examples
    await client.call(saveCompanyFiles, {
      body: { files: { ...files, 'payload.json': `${files['payload.json']}\n` }, note: 'a try' },
    })
    expect(await app.visitor().try(leaveDemo, {})).toMatchObject({ ok: false, status: 401 })
    expect(await client.call(leaveDemo, {})).toMatchObject({ mode: 'new', jiraBaseUrls: [] })

    expect((await client.call(getSession, {})).session).toBeUndefined()
    expect((await fetch(`${demo.jiraUrl}/rest/api/2/serverInfo`)).status).toBe(404)
    expect(await filledTables(app)).toEqual(before)
    expect(await readdir(app.companyDirectory)).toEqual(['schemas'])

    const { demo: again } = await app.visitor().call(startDemo, {})
    expect(
      again?.people.find(({ employeeId }) => employeeId === person.employeeId)?.registered,
    ).toBe(false)
  })
})

/** Tables that hold rows, but for what the audit log and, for its days, monitoring remember. */
async function filledTables(app: TestApp): Promise<string[]> {
  return app.copy.asOwner(async (db) => {
    const { rows: tables } = await db.query<{ name: string }>(
      `select relname as name from pg_class
        where relkind = 'r' and relnamespace = 'public'::regnamespace and relname not in ('audit_events', 'monitoring_events')
        order by relname`,
    )
    const filled: string[] = []
    for (const { name } of tables) {
      const { rows } = await db.query<{ filled: boolean }>(
        `select exists (select from public."${name}") as filled`,
      )
      if (rows[0]?.filled === true) filled.push(name)
    }
    return filled
  })
}
