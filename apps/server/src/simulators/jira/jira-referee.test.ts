import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { adfRefereeOrSkip, refereeOrSkip, type Referee } from '../../testing/referee.ts'
import type { JiraFlavour } from './jira-catalog.ts'
import { adf, personNamed, serveJira, type ServedJira } from './served-jira.test-data.ts'

type Case = {
  readonly what: string
  readonly method?: string
  /** Below the API's root. */
  readonly path: string
  readonly body?: unknown
  readonly as?: string | null
  readonly status: number
  /** What only one of the two has. */
  readonly only?: JiraFlavour
}

const story = (more: object = {}): object => ({
  fields: { project: { key: 'PAY' }, issuetype: { name: 'Story' }, summary: 'x', ...more },
})
const link = (type: string): object => ({
  type: { name: type },
  inwardIssue: { key: 'PAY-1' },
  outwardIssue: { key: 'PAY-2' },
})

const cases = (flavour: JiraFlavour): Case[] => {
  const text = (value: string): unknown => (flavour === 'dc' ? value : adf(value))
  const maya = personNamed('maya.green')
  const user =
    flavour === 'dc' ? `username=${maya.name}` : `accountId=${encodeURIComponent(maya.accountId)}`
  const all: Case[] = [
    { what: 'who am I', path: '/myself', status: 200 },
    { what: 'who am I, hidden e-mail', path: '/myself', as: 'maya.green', status: 200 },
    { what: 'who am I, inactive', path: '/myself', as: 'omer.katz', status: 200 },
    { what: 'somebody', path: `/user?${user}`, status: 200 },
    { what: 'about the server', path: '/serverInfo', status: 200 },
    { what: 'projects', path: '/project', status: 200 },
    { what: 'projects by page', path: '/project/search?maxResults=2', status: 200, only: 'cloud' },
    { what: 'a project', path: '/project/STU', status: 200 },
    { what: 'no such project', path: '/project/NOPE', status: 404 },
    { what: 'types to create', path: '/issue/createmeta/PAY/issuetypes', status: 200 },
    { what: 'fields of a story', path: '/issue/createmeta/PAY/issuetypes/10001', status: 200 },
    {
      what: 'fields with a required option',
      path: '/issue/createmeta/OPS/issuetypes/10002',
      status: 200,
    },
    { what: 'fields of a sub-task', path: '/issue/createmeta/PAY/issuetypes/10003', status: 200 },
    { what: 'no such type', path: '/issue/createmeta/DOC/issuetypes/10004', status: 400 },
    { what: 'fields', path: '/field', status: 200 },
    { what: 'types', path: '/issuetype', status: 200 },
    { what: 'priorities', path: '/priority', status: 200 },
    { what: 'statuses', path: '/status', status: 200 },
    { what: 'kinds of links', path: '/issueLinkType', status: 200 },
    {
      what: 'create',
      path: '/issue',
      body: {
        ...story({ labels: ['so-a'], customfield_10016: 2, description: text('שלום') }),
        properties: [{ key: 'k', value: 1 }],
      },
      status: 201,
    },
    { what: 'create another', path: '/issue', body: story(), status: 201 },
    { what: 'create without a summary', path: '/issue', body: story({ summary: '' }), status: 400 },
    { what: 'create, login failed', path: '/issue', body: story(), as: null, status: 401 },
    { what: 'an issue', path: '/issue/PAY-1?properties=*all&expand=names', status: 200 },
    { what: 'no such issue', path: '/issue/PAY-99', status: 404 },
    { what: 'comment', path: '/issue/PAY-1/comment', body: { body: text('יפה') }, status: 201 },
    { what: 'an empty comment', path: '/issue/PAY-1/comment', body: { body: '' }, status: 400 },
    { what: 'comments', path: '/issue/PAY-1/comment', status: 200 },
    {
      what: 'set a property',
      method: 'PUT',
      path: '/issue/PAY-1/properties/p',
      body: { a: 1 },
      status: 201,
    },
    {
      what: 'set it again',
      method: 'PUT',
      path: '/issue/PAY-1/properties/p',
      body: { a: 2 },
      status: 200,
    },
    { what: 'properties', path: '/issue/PAY-1/properties', status: 200 },
    { what: 'a property', path: '/issue/PAY-1/properties/p', status: 200 },
    { what: 'no such property', path: '/issue/PAY-1/properties/q', status: 404 },
    { what: 'delete a property', method: 'DELETE', path: '/issue/PAY-1/properties/p', status: 204 },
    { what: 'link', path: '/issueLink', body: link('Split'), status: 201 },
    { what: 'link of no kind', path: '/issueLink', body: link('Loves'), status: 404 },
    { what: 'a linked issue', path: '/issue/PAY-1', status: 200 },
    { what: 'a link', path: '/issueLink/10004', status: 200 },
    {
      what: 'search',
      path: '/search?jql=project%3DPAY&validateQuery=true',
      status: 200,
      only: 'dc',
    },
    {
      what: 'search by POST',
      path: '/search',
      body: { jql: 'project = PAY', startAt: 0, maxResults: 1, fields: ['summary'] },
      status: 200,
      only: 'dc',
    },
    { what: 'search for nonsense', path: '/search?jql=nonsense', status: 400, only: 'dc' },
    {
      what: 'search',
      path: '/search/jql?jql=project%3DPAY&fields=*all&maxResults=1',
      status: 200,
      only: 'cloud',
    },
    { what: 'search for ids', path: '/search/jql?jql=project%3DPAY', status: 200, only: 'cloud' },
    {
      what: 'search by POST',
      path: '/search/jql',
      body: { jql: 'project = PAY', maxResults: 1, fields: ['summary'] },
      status: 200,
      only: 'cloud',
    },
    { what: 'search for nonsense', path: '/search/jql?jql=nonsense', status: 400, only: 'cloud' },
    {
      what: 'search without a bound',
      path: '/search/jql?jql=order%20by%20key',
      status: 400,
      only: 'cloud',
    },
    { what: 'the removed search', path: '/search?jql=project%3DPAY', status: 410, only: 'cloud' },
    {
      what: 'count',
      path: '/search/approximate-count',
      body: { jql: 'project = PAY' },
      status: 200,
      only: 'cloud',
    },
    {
      what: 'change',
      method: 'PUT',
      path: '/issue/PAY-1',
      body: { fields: { summary: 'changed' }, update: { labels: [{ add: 'b' }] } },
      status: 204,
    },
    {
      what: 'change what is not on the screen',
      method: 'PUT',
      path: '/issue/PAY-1',
      body: { fields: { customfield_1: 1 } },
      status: 400,
    },
    { what: 'what can be changed', path: '/issue/PAY-1/editmeta', status: 200 },
    {
      what: 'assign',
      method: 'PUT',
      path: '/issue/PAY-1/assignee',
      body: flavour === 'dc' ? { name: maya.name } : { accountId: maya.accountId },
      status: 204,
    },
    { what: 'ways on', path: '/issue/PAY-1/transitions', status: 200 },
    {
      what: 'go on',
      path: '/issue/PAY-1/transitions',
      body: { transition: { id: '21' }, update: { comment: [{ add: { body: text('go') } }] } },
      status: 204,
    },
    {
      what: 'go on by no way',
      path: '/issue/PAY-1/transitions',
      body: { transition: { id: '99' } },
      status: 400,
    },
    {
      what: 'log time',
      path: '/issue/PAY-1/worklog',
      body: { timeSpent: '1h 30m', comment: text('done') },
      status: 201,
    },
    { what: 'logged time', path: '/issue/PAY-1/worklog', status: 200 },
    {
      what: 'watch',
      path: '/issue/PAY-1/watchers',
      body: JSON.stringify(flavour === 'dc' ? maya.name : maya.accountId),
      status: 204,
    },
    { what: 'watchers', path: '/issue/PAY-1/watchers', status: 200 },
    { what: 'do not watch', method: 'DELETE', path: `/issue/PAY-1/watchers?${user}`, status: 204 },
    {
      what: 'link to a page',
      path: '/issue/PAY-1/remotelink',
      body: { globalId: 'a', object: { url: 'https://example.com', title: 'a' } },
      status: 201,
    },
    {
      what: 'link to the same page',
      path: '/issue/PAY-1/remotelink',
      body: { globalId: 'a', object: { url: 'https://example.com', title: 'b' } },
      status: 200,
    },
    { what: 'history', path: '/issue/PAY-1/changelog', status: 200, only: 'cloud' },
    { what: 'an issue with its history', path: '/issue/PAY-1?expand=changelog', status: 200 },
    {
      what: 'two at once, one of them wrong',
      path: '/issue/bulk',
      body: { issueUpdates: [story(), story({ summary: '' })] },
      status: 201,
    },
    {
      what: 'a version',
      path: '/version',
      body: { projectId: 10_100, name: '1.0', releaseDate: '2026-12-01' },
      status: 201,
    },
    { what: 'versions', path: '/project/PAY/versions', status: 200 },
    { what: 'components', path: '/project/PAY/components', status: 200 },
    {
      what: 'people',
      path: `/user/search?${flavour === 'dc' ? 'username' : 'query'}=maya`,
      status: 200,
    },
    {
      what: 'people to give it to',
      path: `/user/assignable/search?project=PAY&${flavour === 'dc' ? 'username' : 'query'}=maya`,
      status: 200,
    },
    {
      what: 'choices of a field',
      path: '/field/customfield_10200/context/10500/option',
      status: 200,
      only: 'cloud',
    },
    {
      what: 'move to another project',
      path: '/bulk/issues/move',
      body: { targetToSourcesMapping: { 'STU,10001': { issueIdsOrKeys: ['PAY-1'] } } },
      status: 201,
      only: 'cloud',
    },
    {
      what: 'move nothing',
      path: '/bulk/issues/move',
      body: { targetToSourcesMapping: { 'STU,10001': { issueIdsOrKeys: [] } } },
      status: 400,
      only: 'cloud',
    },
    { what: 'remove a link', method: 'DELETE', path: '/issueLink/10004', status: 204 },
    { what: 'delete', method: 'DELETE', path: '/issue/PAY-2', status: 204 },
  ]
  return all.filter(({ only }) => only === undefined || only === flavour)
}

/** Asks the simulator, and has the answer judged, and the request too where it was a right one. */
async function judge(jira: ServedJira, referee: Referee, one: Case) {
  const method = one.method ?? (one.body === undefined ? 'GET' : 'POST')
  const url = jira.api + one.path
  const { status, json, text } = await jira.call(url, {
    method,
    ...(one.body === undefined ? {} : { body: one.body }),
    ...(one.as === undefined ? {} : { as: one.as }),
  })
  const body = json ?? (text === '' ? null : text)
  const { errors } = referee.response({ method, url, status, body })
  const asked = status < 300 ? referee.request(method, url, one.body).errors : []
  return { status, errors: [...errors, ...asked] }
}

describe.each([
  ['cloud', 'jira-cloud'],
  ['dc', 'jira-dc'],
] as const)('the simulated Jira %s before the referee', (flavour, vendor) => {
  let jira: ServedJira
  beforeAll(async () => {
    jira = await serveJira(flavour, { searchDelayMs: 0 })
    await jira.create({ summary: 'linked' })
    await jira.create({ summary: 'linked too' })
    await jira.call(`${jira.api}/issue/PAY-1/comment`, {
      body: { body: flavour === 'dc' ? 'a' : adf('a') },
    })
    await jira.call(`${jira.api}/issueLink`, { body: link('Relates') })
  })
  afterAll(() => jira[Symbol.asyncDispose]())

  it.for(cases(flavour))('$what: $status', async (one, { skip }) => {
    const verdict = await judge(jira, await refereeOrSkip(vendor, { skip }), one)
    expect(verdict).toEqual({ status: one.status, errors: [] })
  })

  it('429 in the shape of every other error', async ({ skip }) => {
    const referee = await refereeOrSkip(vendor, { skip })
    jira.simulator.faults.set({ fault: { kind: 'too-many-requests', retryAfter: '1' }, times: 1 })
    const verdict = await judge(jira, referee, { what: '429', path: '/myself', status: 429 })
    expect(verdict).toEqual({ status: 429, errors: [] })
  })
})

describe('the referee', () => {
  it('knows wrong from right', async ({ skip }) => {
    const referee = await refereeOrSkip('jira-cloud', { skip })
    const myself = { method: 'GET', url: '/rest/api/3/myself', status: 200 }
    expect(referee.response({ ...myself, body: { accountId: '1', active: true } }).ok).toBe(true)
    expect(referee.response({ ...myself, body: { accountId: '1', deleted: false } }).ok).toBe(false)
    expect(referee.response({ ...myself, status: 418, body: {} }).errors[0]).toContain('418')
    expect(referee.request('POST', '/rest/api/3/issue', { bogus: 1 }).ok).toBe(false)
    expect(referee.request('GET', '/rest/api/3/nothing').errors[0]).toContain('no such operation')
    expect(
      referee.response({
        method: 'POST',
        url: '/rest/api/3/issue',
        status: 400,
        body: { message: 'no' },
      }).ok,
    ).toBe(false)
  })

  it('passes the documents that the simulated Cloud takes', async ({ skip }) => {
    expect(adfRefereeOrSkip({ skip })(adf('שלום')).errors).toEqual([])
  })
})
