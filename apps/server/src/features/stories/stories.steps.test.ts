import { expect, it } from 'vitest'
import { createJiraOpener } from '../../integrations/mcp/jira/jira-opener.ts'
import { createOutbound } from '../../platform/outbound/outbound.ts'
import { Secret } from '../../platform/secret/secret.ts'
import { personNamed, serveJira } from '../../simulators/jira/served-jira.test-data.ts'
import type { EarlierStep, OperationRow } from '../outbox/index.ts'
import { createIssueExecutor, createLinkExecutors } from './stories.jira.ts'
import { stepsOfEpic, stepsOfSubTasks } from './stories.steps.ts'

const payload = (summary: string, issueType: string, fields: object = {}) => ({
  projectKey: 'PAY',
  issueType,
  summary,
  description: 'text',
  additionalFields: { labels: ['so-aaaaaaaaaa'], ...fields },
})

async function executors(flavour: 'dc' | 'cloud') {
  const jira = await serveJira(flavour, { searchDelayMs: 0 })
  const outbound = createOutbound({
    allowed: { listed: [], trustedOrigins: () => [new URL(jira.url).origin] },
  })
  const { personalAccessToken, emailAddress, apiToken } = personNamed('noa.levi')
  const openJira = createJiraOpener({
    outbound,
    before: async () => {},
    access: async () => ({
      baseUrl: jira.url,
      flavour,
      loginEmail: emailAddress,
      token: new Secret(flavour === 'dc' ? personalAccessToken : apiToken),
      tls: {},
    }),
  })
  const connections = { noteUse: async () => {} }
  const desk = { learn: async () => undefined }
  const known = {
    'jira.issue.create': createIssueExecutor({ openJira, connections, desk }),
    ...createLinkExecutors({ openJira, connections }),
  }

  /** What the worker does: step after step, each with what the earlier ones have made. */
  async function carryOut(
    steps: ReturnType<typeof stepsOfEpic>,
    { times = 1, jiraUrl = jira.url } = {},
  ) {
    const done: EarlierStep[] = []
    for (const { step, kind, payload: given } of steps) {
      const target = { project: 'PAY', jiraUrl }
      const row = { user_id: 'u', marker: 'so-aaaaaaaaaa', target, payload: given } as unknown
      const earlier = done.filter((one) => one.step < step)
      const scope = { earlier, signal: AbortSignal.timeout(10_000) }
      for (let time = 1; time < (kind === 'jira.issue.create' ? 1 : times); time += 1)
        await known[kind].send(row as OperationRow, scope)
      const found = await known[kind].send(row as OperationRow, scope)
      done.push({ ...found, kind, step, target, payload: given })
    }
    return done.map(({ key }) => key)
  }

  return {
    jira,
    carryOut,
    [Symbol.asyncDispose]: async () => {
      await outbound[Symbol.asyncDispose]()
      await jira[Symbol.asyncDispose]()
    },
  }
}

it.each(['dc', 'cloud'] as const)(
  'an epic with its issues and a link is made step by step on %s, and joins may be repeated [CON-11] [D-12]',
  async (flavour) => {
    await using world = await executors(flavour)
    const name = flavour === 'dc' ? { customfield_10011: 'Wallet' } : {}
    const steps = stepsOfEpic({
      epic: payload('Wallet', 'Epic', name),
      children: [payload('one', 'Story'), payload('two', 'Story')],
      links: [{ type: 'Split', from: 0, to: 1 }],
    })
    const keys = await world.carryOut(steps, { times: 2 })
    expect(keys).toEqual(['PAY-1', 'PAY-2', 'PAY-3', 'PAY-2', 'PAY-3', 'PAY-3'])
    const { json } = await world.jira.call(`/rest/agile/1.0/epic/PAY-1/issue`)
    expect(json.issues).toHaveLength(2)
    const { json: linked } = await world.jira.call(`${world.jira.api}/issue/PAY-2`)
    expect(linked.fields.issuelinks).toHaveLength(1)
    expect(linked.fields.issuelinks[0].type.name).toBe('Split')
  },
)

it('sub-tasks belong to the issue that the step before has made [CON-11]', async () => {
  await using world = await executors('dc')
  await world.carryOut(stepsOfSubTasks(payload('whole', 'Story'), [payload('part', 'Sub-task')]))
  const { json } = await world.jira.call(`${world.jira.api}/issue/PAY-2`)
  expect(json.fields.parent.key).toBe('PAY-1')
})

it('what was approved for one Jira is not sent to another [D-25]', async () => {
  await using world = await executors('dc')
  const steps = stepsOfSubTasks(payload('whole', 'Story'), [])
  const jiraUrl = 'https://jira.elsewhere.example'
  await expect(world.carryOut(steps, { jiraUrl })).rejects.toMatchObject({
    certainty: 'not-done',
    code: 'operation.other-place',
    facts: { approved: jiraUrl, present: world.jira.url },
  })
  expect(world.jira.simulator.counters()).toMatchObject({ creates: { total: 0 } })
})
