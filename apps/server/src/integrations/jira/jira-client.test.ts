import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createOutbound, type Outbound } from '../../platform/outbound/outbound.ts'
import { Secret } from '../../platform/secret/secret.ts'
import { demoPeople, demoProjects } from '../../simulators/demo-data.ts'
import { createJiraSimulator, type JiraSimulator } from '../../simulators/jira/jira-simulator.ts'
import { serveSimulators } from '../../simulators/serve.ts'
import { type Referee, refereeOrSkip } from '../../testing/referee.ts'
import { createJiraClient, quoteJql } from './jira-client.ts'
import type { JiraCredential, JiraFlavour } from './jira-credential.ts'
import { toJiraText } from './jira-description.ts'
import { JiraError, type JiraFailure } from './jira-error.ts'
import { detectFlavour } from './jira-flavour.ts'

const person = (name: string) => {
  const found = demoPeople.find((one) => one.name === name)
  if (found === undefined) throw new Error(`${name} is no demo person`)
  return found
}
const noa = person('noa.levi')

const pat = (name: string): JiraCredential => ({
  kind: 'pat',
  token: new Secret(person(name).personalAccessToken),
})
const basic = (name: string): JiraCredential => ({
  kind: 'basic',
  email: person(name).emailAddress,
  token: new Secret(person(name).apiToken),
})
const credentialOf = { dc: pat, cloud: basic }

let served: Awaited<ReturnType<typeof serve>>
let outbound: Outbound
const sent: { method: string; path: string; body: unknown }[] = []

const serve = () =>
  serveSimulators({
    '/jira': (publicUrl) =>
      createJiraSimulator({ publicUrl, flavour: 'dc', people: demoPeople, projects: demoProjects }),
    '/cloud': (publicUrl) =>
      createJiraSimulator({
        publicUrl,
        flavour: 'cloud',
        people: demoPeople,
        projects: demoProjects,
        searchDelayMs: 0,
      }),
  })

beforeEach(async () => {
  served = await serve()
  const real = createOutbound({
    allowed: { listed: [], trustedOrigins: () => [served.origin] },
    clock: { now: () => Date.now(), wait: async () => {} },
  })
  outbound = {
    ...real,
    send(request) {
      const { pathname, search } = new URL(request.url)
      const body: unknown = typeof request.body === 'string' ? JSON.parse(request.body) : undefined
      const path = `${pathname.replace(/^\/(jira|cloud)/, '')}${search}`
      sent.push({ method: (request.method ?? 'GET').toLowerCase(), path, body })
      return real.send(request)
    },
  }
  sent.length = 0
})
afterEach(async () => {
  await outbound[Symbol.asyncDispose]()
  await served.close()
})

const pathOf = { dc: '/jira', cloud: '/cloud' } as const
const baseUrlOf = (flavour: JiraFlavour) => `${served.origin}${pathOf[flavour]}`
const simulatorOf = (flavour: JiraFlavour): JiraSimulator => served.simulators[pathOf[flavour]]

function clientOf(flavour: JiraFlavour, credential = credentialOf[flavour]('noa.levi')) {
  return createJiraClient({ outbound, baseUrl: baseUrlOf(flavour), flavour, credential })
}

async function failureOf(work: Promise<unknown>): Promise<JiraFailure> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(JiraError)
  return (error as JiraError).failure
}

const story = (flavour: JiraFlavour, more: Record<string, unknown> = {}) => ({
  project: { key: 'PAY' },
  issuetype: { name: 'Story' },
  summary: 'תשלום בהעברה',
  description: toJiraText('## Goal\n\n**Pay** by transfer', flavour),
  labels: ['so-abc'],
  ...more,
})

describe.each(['dc', 'cloud'] as const)('%s [CON-11]', (flavour) => {
  it('knows whose token it is, and by which address Jira goes [ID-1, ID-2, ID-3]', async () => {
    expect(await clientOf(flavour).myself()).toEqual({
      employeeId: flavour === 'dc' ? 'noa.levi' : noa.accountId,
      name: flavour === 'dc' ? 'noa.levi' : 'נועה לוי',
      displayName: 'נועה לוי',
      email: 'noa.levi@studio.example',
      active: true,
      deleted: false,
      avatarUrl: expect.stringContaining(`${baseUrlOf(flavour)}/secure/useravatar`),
      baseUrl: baseUrlOf(flavour),
    })
  })

  it('refuses the token of somebody who is switched off [ID-2]', async () => {
    const client = clientOf(flavour, credentialOf[flavour]('omer.katz'))
    expect(await failureOf(client.myself())).toMatchObject({
      kind: 'inactive',
      displayName: 'עומר כץ',
    })
  })

  it('says that a token is wrong [ID-2]', async () => {
    const wrong = { ...credentialOf[flavour]('noa.levi'), token: new Secret('nonsense') }
    expect(await failureOf(clientOf(flavour, wrong).myself())).toMatchObject({
      kind: 'bad-token',
      status: 401,
    })
  })

  it('takes a 200 for an anonymous visitor as a wrong token [ID-2]', async () => {
    simulatorOf(flavour).faults.set({ fault: { kind: 'anonymous' } })
    expect((await failureOf(clientOf(flavour).myself())).kind).toBe('bad-token')
    expect((await failureOf(clientOf(flavour).search('project = PAY'))).kind).toBe('bad-token')
  })

  it('fetches the picture with the credential', async () => {
    const client = clientOf(flavour)
    const { avatarUrl = '' } = await client.myself()
    const { bytes, contentType } = await client.avatar(avatarUrl)
    expect(contentType).toBe('image/png')
    expect([...bytes.subarray(1, 4)]).toEqual([...Buffer.from('PNG')])
  })

  it('finds out which Jira it is', async () => {
    expect(await detectFlavour({ outbound, baseUrl: baseUrlOf(flavour) })).toBe(flavour)
  })

  it('lists projects, issue types and the fields of the create screen', async () => {
    const client = clientOf(flavour)
    const projects = await client.projects()
    expect(projects.map(({ key }) => key).toSorted()).toEqual(['DOC', 'OPS', 'PAY', 'STU'])

    const types = await client.issueTypes('PAY')
    expect(types).toContainEqual(
      expect.objectContaining({ id: '10001', name: 'Story', subtask: false }),
    )
    const fields = await client.createFields('OPS', '10001')
    expect(fields.find(({ fieldId }) => fieldId === 'summary')).toMatchObject({ required: true })
    expect(
      fields.filter(({ required, hasDefaultValue }) => required && !hasDefaultValue).length,
    ).toBeGreaterThan(2)
  })

  it('finds where story points live, whatever the id', async () => {
    const client = clientOf(flavour)
    const field = await client.storyPointsField('PAY', '10001')
    expect(field).toMatchObject({ onCreateScreen: true })
    expect(field?.fieldId).toMatch(/^customfield_/)
    expect(await client.storyPointsField('DOC', '10001')).toMatchObject({ onCreateScreen: false })
  })

  it('creates an issue and reads it back by key and by label [CON-10]', async () => {
    const client = clientOf(flavour)
    const created = await client.createIssue(story(flavour), {
      properties: [{ key: 'studioops', value: { marker: 'so-abc' } }],
    })

    expect(created).toMatchObject({
      key: 'PAY-1',
      url: `${baseUrlOf(flavour)}/browse/PAY-1`,
    })
    const issue = await client.getIssue('PAY-1')
    expect(issue.fields).toMatchObject({ summary: 'תשלום בהעברה', labels: ['so-abc'] })
    const found = await client.search(`project = PAY AND labels = ${quoteJql('so-abc')}`, {
      fields: ['summary'],
    })
    expect(found.issues.map(({ key }) => key)).toEqual(['PAY-1'])
  })

  it('passes on what Jira says about each field', async () => {
    const failure = await failureOf(
      clientOf(flavour).createIssue({ ...story(flavour), summary: '', bogus: 1 }),
    )
    expect(failure).toMatchObject({ kind: 'rejected', status: 400 })
    expect(Object.keys(failure.fields)).toEqual(expect.arrayContaining(['summary', 'bogus']))
    expect(new JiraError(failure).facts['reason']).toContain('summary')
  })

  it('does not know an issue that is not there', async () => {
    expect((await failureOf(clientOf(flavour).getIssue('PAY-99'))).kind).toBe('not-found')
    expect((await failureOf(clientOf(flavour).issueTypes('NOPE'))).kind).toBe('not-found')
  })

  it.each([
    [{ kind: 'effect-then-lost' }, 'unreachable'],
    [{ kind: 'effect-then-hang' }, 'timeout'],
    [{ kind: 'garbage' }, 'unexpected-answer'],
    [{ kind: 'cut', by: 'fin' }, 'unreachable'],
    [{ kind: 'cut', by: 'rst' }, 'unreachable'],
    [{ kind: 'stall-body' }, 'timeout'],
    [{ kind: 'huge-body', bytes: 6_000_000 }, 'unexpected-answer'],
  ] as const)('a create with %j may have happened, and is not repeated [D-12]', async (...row) => {
    const [fault, expected] = row
    const { faults, counters } = simulatorOf(flavour)
    faults.set({ fault, route: 'POST *', times: 1 })

    const failure = await failureOf(
      clientOf(flavour).createIssue(story(flavour), { deadlineMs: 300 }),
    )

    expect(failure).toMatchObject({ kind: expected, sent: true })
    expect(counters()['creates']).toMatchObject({ total: 1, byLabel: { 'so-abc': 1 } })
  })

  it('takes the first of two answers, and the next call gets its own', async () => {
    const { faults } = simulatorOf(flavour)
    faults.set({ fault: { kind: 'answer-twice' }, times: 1 })
    const client = clientOf(flavour)
    expect((await client.myself()).displayName).toBe('נועה לוי')
    expect((await client.projects()).map(({ key }) => key)).toContain('PAY')
  })

  it('does not mind a clock that is wrong, nor a connection that nobody reads', async () => {
    const simulator = simulatorOf(flavour)
    simulator.setClockSkew(-3_600_000)
    simulator.faults.set({ fault: { kind: 'clock-skew', skewMs: 86_400_000 }, times: 1 })
    expect((await clientOf(flavour).myself()).displayName).toBe('נועה לוי')
    simulator.faults.set({ fault: { kind: 'half-open' }, times: 1 })
    const failure = await failureOf(clientOf(flavour).myself({ deadlineMs: 300 }))
    expect(failure.kind).toBe('timeout')
  })

  it.each([
    [
      { kind: 'too-many-requests', retryAfter: '7' },
      { kind: 'rate-limited', retryAfterMs: 7_000 },
    ],
    [{ kind: 'too-many-requests' }, { kind: 'rate-limited' }],
    [{ kind: 'captcha' }, { kind: 'captcha' }],
    [{ kind: 'html-login' }, { kind: 'login-page', status: 200 }],
    [{ kind: 'status', status: 401, body: 'html' }, { kind: 'login-page' }],
    [{ kind: 'status', status: 403, body: 'json' }, { kind: 'forbidden' }],
    [
      { kind: 'status', status: 500, body: 'html' },
      { kind: 'server-error', messages: [] },
    ],
    [{ kind: 'status', status: 503, body: 'html' }, { kind: 'server-error' }],
    [{ kind: 'status', status: 408, body: 'empty' }, { kind: 'timeout' }],
    [{ kind: 'status', status: 413, body: 'empty' }, { kind: 'rejected' }],
    [
      { kind: 'status', status: 302, headers: { location: 'https://sso.example/login?t=1' } },
      { kind: 'redirect', target: 'https://sso.example/login' },
    ],
    [{ kind: 'away' }, { kind: 'unreachable' }],
  ] as const)('%o is %o', async (fault, expected) => {
    simulatorOf(flavour).faults.set({ fault, route: 'POST *' })
    const failure = await failureOf(
      clientOf(flavour).createIssue(story(flavour), { deadlineMs: 2_000 }),
    )
    expect(failure).toMatchObject({ sent: true, ...expected })
  })

  it('repeats a read that Jira put off', async () => {
    const { faults } = simulatorOf(flavour)
    faults.set({ fault: { kind: 'status', status: 503 }, times: 1 })
    faults.set({ fault: { kind: 'too-many-requests', retryAfter: '1' }, times: 1 })
    expect((await clientOf(flavour).projects()).length).toBe(4)
  })
})

it('tells a deleted account from one that is switched off', async () => {
  expect(await failureOf(clientOf('dc', pat('lior.amit')).myself())).toMatchObject({
    kind: 'deleted',
    displayName: 'Lior Amit',
  })
})

it('does without an e-mail address where Jira hides it [ID-2]', async () => {
  const identity = await clientOf('cloud', basic('maya.green')).myself()
  expect(identity).not.toHaveProperty('email')
  expect(identity.employeeId).toBe(person('maya.green').accountId)
})

it('never sends a token that no header can carry', async () => {
  const token = new Secret('אסימון\r\nx: y')
  expect((await failureOf(clientOf('dc', { kind: 'pat', token }).myself())).kind).toBe('bad-token')
  expect(sent).toEqual([])
})

it('lends its credential to no other host', async () => {
  const seen: (string | undefined)[] = []
  const other = await serveSimulators(
    {},
    {
      fallback: (request, response) => {
        seen.push(request.headers.authorization)
        response.writeHead(200, { 'content-type': 'image/png' }).end('x')
      },
    },
  )
  const open = createOutbound({ allowed: { listed: [], trustedOrigins: () => [other.origin] } })
  const client = createJiraClient({
    outbound: open,
    baseUrl: 'https://jira.example',
    flavour: 'dc',
    credential: pat('noa.levi'),
  })
  await client.avatar(`${other.origin}/a.png`)
  await other.close()
  await open[Symbol.asyncDispose]()
  expect(seen).toEqual([undefined])
})

it('keeps the token out of what it throws', async () => {
  const { inspect } = await import('node:util')
  simulatorOf('dc').faults.set({ fault: { kind: 'away' } })
  const error = await clientOf('dc')
    .myself()
    .catch((thrown: unknown) => thrown)
  expect(inspect(error, { depth: 9 })).not.toContain(noa.personalAccessToken)
})

it('Cloud: every request that leaves is one that Atlassian describes', async (context) => {
  const referee: Referee = await refereeOrSkip('jira-cloud', context)
  const client = clientOf('cloud')
  const points = await client.storyPointsField('PAY', '10001')
  await client.myself()
  await client.projects()
  await client.projects({ archived: true })
  await client.issueTypes('PAY')
  await client.storyPointsField('DOC', '10001')
  await client.createIssue(story('cloud', { [points?.fieldId ?? '']: 3 }), {
    properties: [{ key: 'studioops', value: { marker: 'so-abc' } }],
  })
  await client.getIssue('PAY-1', { updateHistory: true })
  await client.createIssue(story('cloud'))
  const { nextPageToken = '' } = await client.search('project = PAY', { limit: 1 })
  const { issues } = await client.search('project = PAY', { limit: 1, pageToken: nextPageToken })
  expect(issues.length).toBe(1)

  expect(sent.length).toBeGreaterThan(8)
  // What boards answer is in no file of a vendor.
  for (const { method, path, body } of sent.filter(({ path: own }) => !own.includes('/agile/')))
    expect({ path, ...referee.request(method, path, body) }).toEqual({ path, ok: true, errors: [] })
})
