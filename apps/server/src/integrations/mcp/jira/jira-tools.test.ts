import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createOutbound, type Outbound } from '../../../platform/outbound/outbound.ts'
import { Secret } from '../../../platform/secret/secret.ts'
import {
  personNamed,
  serveJira,
  type ServedJira,
} from '../../../simulators/jira/served-jira.test-data.ts'
import { createJiraClient } from '../../jira/jira-client.ts'
import { connectInProcess, type McpClient } from '../mcp-in-process.ts'
import type { ToolServerLimits } from '../tool-server.ts'
import { createJiraMcpServer } from './jira-server.ts'

const noa = personNamed('noa.levi')
const maya = personNamed('maya.green')

let jira: ServedJira
let outbound: Outbound
let client: McpClient

async function open(flavour: 'dc' | 'cloud', limits: ToolServerLimits = {}) {
  const { personalAccessToken, emailAddress, apiToken } = noa
  const credential =
    flavour === 'dc'
      ? ({ kind: 'pat', token: new Secret(personalAccessToken) } as const)
      : ({ kind: 'basic', email: emailAddress, token: new Secret(apiToken) } as const)
  const baseUrl = jira.url
  const found = createJiraClient({ outbound, baseUrl, flavour, credential })
  return connectInProcess(createJiraMcpServer(found, limits))
}

async function start(flavour: 'dc' | 'cloud') {
  jira = await serveJira(flavour, { searchDelayMs: 0 })
  outbound = createOutbound({
    allowed: { listed: [], trustedOrigins: () => [new URL(jira.url).origin] },
    clock: { now: () => Date.now(), wait: async () => {} },
  })
  client = await open(flavour)
}

afterEach(async () => {
  await client.close()
  await outbound[Symbol.asyncDispose]()
  await jira[Symbol.asyncDispose]()
})

// oxlint-disable-next-line typescript/no-explicit-any -- a test reads what it expects, and fails where it is not there
async function call(name: string, args: object = {}): Promise<any> {
  const result = await client.callTool({ name: `jira_${name}`, arguments: { ...args } })
  expect(result.isError ?? false, JSON.stringify(result.content)).toBe(false)
  return result.structuredContent
}

const create = (summary: string, more: object = {}) =>
  call('create_issue', { project_key: 'PAY', summary, issue_type: 'Story', ...more })

describe.each(['dc', 'cloud'] as const)('Jira tools on %s', (flavour) => {
  beforeEach(() => start(flavour))
  const idOf = (person: typeof noa) => (flavour === 'dc' ? person.name : person.accountId)

  it('change, assign, move on, comment, log time and watch an issue [CON-10, CON-11]', async () => {
    await create('one')
    const changed = await call('update_issue', {
      issue_key: 'PAY-1',
      fields: JSON.stringify({ summary: 'two', description: '**bold**' }),
      additional_fields: JSON.stringify({ labels: ['a'] }),
      attachments: JSON.stringify([
        { filename: 'שלום.txt', content_base64: 'YQ==', content_type: 'text/plain' },
      ]),
      transition: 'In Progress',
      comment: 'on it',
      worklog: '1h 30m',
    })
    expect(changed).toMatchObject({ summary: 'two', labels: ['a'], status: 'In Progress' })
    await call('assign_issue', { issue_key: 'PAY-1', assignee: idOf(maya) })
    expect(await call('get_issue', { issue_key: 'PAY-1', include: 'worklog' })).toMatchObject({
      assignee: 'Maya Green',
      comments: [{ body: 'on it' }],
      included: { worklog: [{ timeSpent: '1h 30m' }] },
    })
    await call('assign_issue', { issue_key: 'PAY-1' })
    expect((await call('get_issue', { issue_key: 'PAY-1' })).assignee).toBeUndefined()

    const { transitions } = await call('get_transitions', { issue_key: 'PAY-1' })
    const { id } = transitions.find((one: { to: string }) => one.to === 'Done')
    const moved = { issue_key: 'PAY-1', transition_id: id, comment: 'ready' }
    expect(await call('transition_issue', moved)).toEqual({ issue_key: 'PAY-1', status: 'Done' })

    const added = await call('add_comment', { issue_key: 'PAY-1', body: 'first' })
    const edited = { issue_key: 'PAY-1', comment_id: added.id, body: 'second' }
    expect(await call('edit_comment', edited)).toMatchObject({ id: added.id, body: 'second' })
    await call('add_worklog', { issue_key: 'PAY-1', time_spent: '30m', started: '2026-11-21' })
    expect(await call('get_worklog', { issue_key: 'PAY-1' })).toMatchObject({ totalSeconds: 7_200 })

    await call('add_watcher', { issue_key: 'PAY-1', user_identifier: idOf(maya) })
    expect(await call('get_issue_watchers', { issue_key: 'PAY-1' })).toMatchObject({
      watchers: [{ id: idOf(maya), displayName: 'Maya Green' }],
    })
    const removed = flavour === 'dc' ? { username: maya.name } : { account_id: maya.accountId }
    await call('remove_watcher', { issue_key: 'PAY-1', ...removed })
    expect((await call('get_issue_watchers', { issue_key: 'PAY-1' })).watchers).toEqual([])

    const { changelogs } = await call('batch_get_changelogs', { issue_ids_or_keys: 'PAY-1' })
    expect(changelogs[0].changes.length).toBeGreaterThan(2)
    expect(await call('get_issue_dates', { issue_key: 'PAY-1' })).toMatchObject({
      statusChanges: [{ to: 'In Progress' }, { to: 'Done' }],
    })
    expect(await call('download_attachments', { issue_key: 'PAY-1' })).toMatchObject({
      attachments: [{ filename: 'שלום.txt', bytes: 1, content_base64: 'YQ==' }],
    })
    expect((await call('get_issue_images', { issue_key: 'PAY-1' })).images).toEqual([])
    await call('delete_issue', { issue_key: 'PAY-1' })
    expect((await call('get_project_issues', { project_key: 'PAY' })).issues).toEqual([])
  })

  it('link issues, pages and epics [CON-11]', async () => {
    const additional_fields = JSON.stringify({ customfield_10011: 'Wallet' })
    await create('Wallet', {
      issue_type: 'Epic',
      ...(flavour === 'dc' ? { additional_fields } : {}),
    })
    await create('child')
    await create('elsewhere', { project_key: 'STU' })
    await call('link_to_epic', { issue_key: 'PAY-2', epic_key: 'PAY-1' })
    expect(await call('get_project_epic_hierarchy', { project_key: 'PAY' })).toMatchObject({
      epics: [{ key: 'PAY-1', children: [{ key: 'PAY-2', summary: 'child' }] }],
    })
    const link = { link_type: 'Blocks', inward_issue_key: 'PAY-2', outward_issue_key: 'STU-1' }
    await call('create_issue_link', link)
    await call('create_issue_link', link)
    expect(await call('get_cross_project_dependencies', { project_key: 'PAY' })).toMatchObject({
      dependencies: [{ from: 'PAY-2', to: 'STU-1', type: 'Blocks' }],
    })
    const page = { issue_key: 'PAY-2', url: 'https://example.com/a', title: 'A page' }
    const first = await call('create_remote_issue_link', page)
    expect(await call('create_remote_issue_link', page)).toEqual(first)
    expect((await call('get_link_types', { name_filter: 'spl' })).linkTypes).toHaveLength(1)
    const found = await call('get_issue', { issue_key: 'PAY-2', fields: 'issuelinks' })
    await call('remove_issue_link', { link_id: found.fields.issuelinks[0].id })
    expect(await call('get_cross_project_dependencies', { project_key: 'PAY' })).toMatchObject({
      dependencies: [],
    })
  })

  it('plan boards, sprints and versions [CON-11]', async () => {
    await create('planned')
    const { boards } = await call('get_agile_boards', { project_key: 'PAY' })
    const board_id = boards[0].id
    const made = await call('create_sprint', {
      board_id,
      name: 'Sprint 1',
      start_date: '2026-11-22',
      end_date: '2026-12-06',
    })
    const sprint_id = made.id
    await call('add_issues_to_sprint', { sprint_id, issue_keys: 'PAY-1' })
    expect(await call('get_sprint_issues', { sprint_id })).toMatchObject({
      issues: [{ key: 'PAY-1' }],
    })
    await call('update_sprint', { sprint_id, state: 'active', goal: 'ship' })
    expect(await call('get_sprints_from_board', { board_id, state: 'active' })).toMatchObject({
      sprints: [{ name: 'Sprint 1', goal: 'ship' }],
    })
    await call('move_issues_to_backlog', { issue_keys: 'PAY-1' })
    expect((await call('get_sprint_issues', { sprint_id })).issues).toEqual([])
    expect(await call('get_board_issues', { board_id, jql: '' })).toMatchObject({ total: 1 })

    const version = await call('create_version', { project_key: 'PAY', name: '1.0' })
    await call('update_version', { version_id: version.id, released: true })
    const versions = JSON.stringify([{ name: '1.0' }, { name: '2.0' }])
    expect(await call('batch_create_versions', { project_key: 'PAY', versions })).toMatchObject({
      created: [{ name: '2.0' }],
      failed: [{ name: '1.0', reason: expect.stringContaining('already exists') }],
    })
    expect(await call('get_project_versions', { project_key: 'PAY' })).toMatchObject({
      versions: [{ name: '1.0', released: true }, { name: '2.0' }],
    })
    expect((await call('get_project_components', { project_key: 'PAY' })).components).toEqual([])
  })

  it('find people, projects, fields and choices', async () => {
    expect(
      await call('search_assignable_users', { query: 'maya', project_key: 'PAY' }),
    ).toMatchObject({ users: [{ id: idOf(maya) }] })
    expect((await call('search_projects', { query: 'סטו' })).projects).toMatchObject([
      { key: 'STU' },
    ])
    expect(await call('search_fields', { keyword: 'team' })).toMatchObject({
      fields: [{ id: 'customfield_10200' }],
    })
    const { fields } = await call('get_project_fields', { project_key: 'OPS' })
    expect(fields.find((one: { id: string }) => one.id === 'customfield_10200')).toMatchObject({
      requiredBy: expect.arrayContaining(['Story']),
    })
    const asked = { field_id: 'customfield_10200', project_key: 'OPS', issue_type: 'Story' }
    expect(await call('get_field_options', { ...asked, contains: 'plat' })).toMatchObject({
      options: [{ id: '10302', value: 'Platform' }],
      total: 1,
    })
  })

  it('check and create several issues, each with its own fate', async () => {
    const issues = JSON.stringify([
      { project_key: 'PAY', summary: 'good', issue_type: 'Story' },
      { project_key: 'OPS', summary: 'needs a team', issue_type: 'Story' },
    ])
    const checked = await call('batch_create_issues', { issues, validate_only: true })
    expect(checked).toMatchObject({
      created: [],
      failed: [{ index: 1, reasons: [expect.stringContaining('Assigned Team')] }],
    })
    const made = await call('batch_create_issues', { issues })
    expect(made).toMatchObject({
      created: [{ index: 0, key: 'PAY-1' }],
      failed: [{ index: 1, unclear: false }],
    })
  })

  it('find an issue again whose answer was lost, by a mark that nobody sees [D-12]', async () => {
    jira.simulator.faults.set({ fault: { kind: 'effect-then-lost' }, route: 'POST *', times: 1 })
    const found = await create('once')
    expect(found).toMatchObject({ key: 'PAY-1', recovered: true })
    expect(jira.simulator.counters()['creates']).toMatchObject({ total: 1, byLabel: {} })
  })

  it('keep to the projects that are allowed, also where only an answer tells which [CON-10]', async () => {
    await create('mine')
    await create('theirs', { project_key: 'STU' })
    const link = { link_type: 'Blocks', inward_issue_key: 'PAY-1', outward_issue_key: 'STU-1' }
    await call('create_issue_link', link)
    const found = await call('get_issue', { issue_key: 'PAY-1', fields: 'issuelinks' })
    const link_id = found.fields.issuelinks[0].id
    const { id: version_id } = await call('create_version', { project_key: 'STU', name: '1' })
    const { boards } = await call('get_agile_boards', { project_key: 'STU' })
    const kept = await open(flavour, { filter: ['PAY'] })
    const refused = async (name: string, args: object) =>
      (await kept.callTool({ name: `jira_${name}`, arguments: { ...args } })).isError
    expect(await refused('remove_issue_link', { link_id })).toBe(true)
    expect(await refused('update_version', { version_id, name: '2' })).toBe(true)
    expect(await refused('get_sprints_from_board', { board_id: boards[0].id })).toBe(true)
    expect(await refused('batch_create_issues', { issues: '[{}]' })).toBe(true)
    const listed = await kept.callTool({
      name: 'jira_get_board_issues',
      arguments: { board_id: boards[0].id, jql: '' },
    })
    expect(listed.structuredContent).toMatchObject({ issues: [] })
    await kept.close()
  })
})
