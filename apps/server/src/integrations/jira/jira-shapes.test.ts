import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createOutbound } from '../../platform/outbound/outbound.ts'
import { Secret } from '../../platform/secret/secret.ts'
import { createJiraClient, quoteJql } from './jira-client.ts'
import type { JiraFlavour } from './jira-credential.ts'
import { JiraError } from './jira-error.ts'
import { flavourOfHost } from './jira-flavour.ts'
import { baseUrlFromSelf } from './jira-identity.ts'

let close = async () => {}
afterEach(() => close())

/** A Jira that answers by path, in whatever shape a test wants to see. */
async function jiraWith(answers: Record<string, unknown>, flavour: JiraFlavour = 'dc') {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://jira')
    const answer = answers[pathname.replace(/^\/rest\/api\/\d/, '')]
    response
      .writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' })
      .end(JSON.stringify(answer ?? { errorMessages: ['no'] }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const outbound = createOutbound({ allowed: { listed: [new URL(baseUrl).host] } })
  close = async () => {
    await outbound[Symbol.asyncDispose]()
    server.closeAllConnections()
    server.close()
  }
  const credential = { kind: 'pat', token: new Secret('token') } as const
  return createJiraClient({ outbound, baseUrl, flavour, credential })
}

const types = '/issue/createmeta/A/issuetypes'
const story = { id: '7', name: 'Story', subtask: false, unknown: { nested: true } }
const summary = { fieldId: 'summary', name: 'Summary', required: true, schema: { type: 'string' } }

describe('create metadata comes in many shapes', () => {
  it.each([
    ['Data Center', { values: [story], isLast: true }],
    ['Cloud', { issueTypes: [story], total: 1, startAt: 0, maxResults: 50 }],
    ['results', { results: [story] }],
    ['a bare list', [story]],
  ])('issue types: %s', async (_what, answer) => {
    const client = await jiraWith({ [types]: answer })
    expect(await client.issueTypes('A')).toEqual([
      { id: '7', name: 'Story', description: '', subtask: false },
    ])
  })

  it.each([
    ['Data Center', { values: [summary], isLast: true }],
    ['Cloud', { fields: [summary], total: 1 }],
    ['results', { results: [summary] }],
  ])('fields: %s', async (_what, answer) => {
    const client = await jiraWith({ [`${types}/7`]: answer })
    expect(await client.createFields('A', '7')).toMatchObject([
      { fieldId: 'summary', required: true, hasDefaultValue: false },
    ])
  })

  it('goes on to the next page as long as there is one', async () => {
    const many = Array.from({ length: 50 }, (_, index) => ({ id: `${index}`, name: `T${index}` }))
    let asked = 0
    const client = await jiraWith({
      get [types]() {
        asked += 1
        return asked === 1
          ? { issueTypes: many, total: 51 }
          : { issueTypes: [{ id: '50', name: 'T50' }], total: 51 }
      },
    })
    expect((await client.issueTypes('A')).length).toBe(51)
  })

  it('of the time before 8.4', async () => {
    const { fieldId, ...field } = summary
    const answer = { projects: [{ issuetypes: [{ ...story, fields: { [fieldId]: field } }] }] }
    const client = await jiraWith({ '/issue/createmeta': answer })
    expect(await client.issueTypes('A')).toMatchObject([{ id: '7' }])
    expect(await client.createFields('A', '7')).toMatchObject([{ fieldId: 'summary' }])
  })

  it('says so when an item lacks its identity', async () => {
    const client = await jiraWith({ [types]: { values: [{ name: 'Story' }] } })
    const error = await client.issueTypes('A').catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(JiraError)
    expect((error as JiraError).failure).toMatchObject({ kind: 'unexpected-answer' })
  })
})

describe('story points', () => {
  const number = 'com.atlassian.jira.plugin.system.customfieldtypes:float'
  const estimate = 'com.pyxis.greenhopper.jira:jsw-story-points'
  const field = (fieldId: string, name: string, custom: string) => ({
    fieldId,
    name,
    schema: { type: 'number', custom },
  })

  it.each([
    ['by type', [field('customfield_1', 'Schätzung', estimate)], 'customfield_1'],
    ['by name and type', [field('customfield_2', 'Story Points', number)], 'customfield_2'],
    ['by a translated name', [field('customfield_3', 'נקודות סיפור', number)], 'customfield_3'],
    ['not by another number', [field('customfield_4', 'Budget', number)], undefined],
    ['not by name alone', [field('customfield_5', 'Story Points', 'x:textfield')], undefined],
  ])('%s', async (_what, fields, expected) => {
    const client = await jiraWith({
      [`${types}/7`]: { values: fields, isLast: true },
      '/field': [],
    })
    expect((await client.storyPointsField('A', '7'))?.fieldId).toBe(expected)
  })
})

it('takes the field that the board estimates by for story points, whatever it is called [CON-10]', async () => {
  const custom = 'com.atlassian.jira.plugin.system.customfieldtypes:float'
  const named = (fieldId: string, name: string) => ({
    fieldId,
    name,
    schema: { type: 'number', custom },
  })
  const client = await jiraWith({
    [`${types}/7`]: {
      values: [named('customfield_1', 'Story Points'), named('customfield_2', 'Grösse')],
      isLast: true,
    },
    '/rest/agile/1.0/board': { values: [{ id: 4, name: 'A', type: 'scrum' }], startAt: 0 },
    '/rest/agile/1.0/board/4/configuration': {
      estimation: { type: 'field', field: { fieldId: 'customfield_2', displayName: 'Grösse' } },
    },
  })
  expect(await client.storyPointsField('A', '7')).toEqual({
    fieldId: 'customfield_2',
    name: 'Grösse',
    onCreateScreen: true,
  })
})

describe('what Jira says of itself', () => {
  it.each([
    ['https://h:8443/jira/rest/api/2/user?username=a', 'https://h:8443/x', 'https://h:8443/jira'],
    ['https://h/rest/api/2/user?username=a', 'https://h/', 'https://h'],
    ['http://h:8080/jira/rest/api/2/user', 'https://h/jira/', 'https://h/jira'],
    ['https://h/rest/agile/1.0/x', 'https://h/jira', 'https://h/jira'],
    [undefined, 'https://h/jira/', 'https://h/jira'],
    ['nonsense', 'https://h/jira?x#y', 'https://h/jira'],
  ])('%s called as %s is %s [ID-3]', (self, called, expected) => {
    expect(baseUrlFromSelf(self, called)).toBe(expected)
  })

  it('refuses another host [ID-3]', () => {
    const work = () =>
      baseUrlFromSelf('https://evil.example/jira/rest/api/2/user', 'https://h/jira')
    expect(work).toThrow(JiraError)
    expect(work).toThrow(/evil\.example/)
  })

  it.each([
    ['https://acme.atlassian.net', 'cloud'],
    ['https://api.atlassian.com/ex/jira/1', 'cloud'],
    ['https://atlassian.net.evil.example', undefined],
    ['https://jira.acme.example', undefined],
  ])('%s is %s', (url, expected) => {
    expect(flavourOfHost(url)).toBe(expected)
  })

  it('does without what it need not tell, and not without an identity', async () => {
    const bare = await jiraWith({ '/myself': { key: 'K', name: 'a', active: true } })
    expect(await bare.myself()).toMatchObject({ employeeId: 'a', displayName: 'a', deleted: false })
    await close()
    const odd = await jiraWith({ '/myself': { key: 'K', name: 'a', active: 'yes' } })
    await expect(odd.myself()).rejects.toThrow(/unexpected-answer/)
    await close()
    const nobody = await jiraWith({ '/myself': { active: true } }, 'cloud')
    await expect(nobody.myself()).rejects.toThrow(/bad-token/)
  })

  it('is not believed when the answer is something else', async () => {
    const client = await jiraWith({ '/project': { not: 'a list' } })
    await expect(client.projects()).rejects.toThrow(/lacks what we need/)
  })
})

it('keeps values of JQL in their quotes', () => {
  expect(quoteJql('a" OR "b\\')).toBe('"a\\" OR \\"b\\\\"')
})
