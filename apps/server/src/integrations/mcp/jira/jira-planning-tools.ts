import { z } from 'zod'
import {
  defaultIssueFields,
  type JiraClient,
  type JiraIssue,
  quoteJql,
} from '../../jira/jira-client.ts'
import { withoutAbsent } from '../../../platform/values/without-absent.ts'
import { namesOf } from '../csv-argument.ts'
import { type ToolContext, toolsOf } from '../tool.ts'
import { ToolRefusal } from '../tool-refusal.ts'
import { listOf, projectOf, within } from './jira-arguments.ts'
import { presentIssue } from './present-issue.ts'
import { fieldsCsv, issue, issueKey, projectKey } from './jira-tool-shapes.ts'

const jiraTool = toolsOf<JiraClient>()
const listedDescriptionLength = 1_000
const limit = z.int().min(1).max(50).default(10).describe('1 to 50.')
const startAt = z.int().min(0).default(0).describe('How many to skip.')
const boardId = z.string().regex(/^\d+$/).describe('Id from jira_get_agile_boards.')
const sprintId = z.string().regex(/^\d+$/).describe('Id from jira_get_sprints_from_board.')
const day = 'ISO 8601.'

const issuePage = z.object({
  issues: z.array(issue),
  total: z.int().optional(),
  startAt: z.int().optional(),
  nextPageToken: z.string().optional(),
})
const sprint = z.object({
  id: z.string(),
  name: z.string(),
  state: z.string(),
  startDate: z.string().optional(),
  endDate: z.string().optional(),
  completeDate: z.string().optional(),
  goal: z.string().optional(),
})

function presented(issues: readonly JiraIssue[], { allowed }: Pick<ToolContext, 'allowed'>) {
  return issues
    .filter(({ key }) => allowed?.includes(projectOf(key)) ?? true)
    .map((one) =>
      presentIssue(one, { commentLimit: 0, descriptionLength: listedDescriptionLength }),
    )
}

/** A board is allowed when one of the allowed projects has it. @throws ToolRefusal */
async function requireBoard(client: JiraClient, id: string, { allowed }: ToolContext) {
  if (allowed === undefined) return
  for (const key of allowed) {
    const { boards } = await client.boards({ projectKey: key, limit: 50 })
    if (boards.some((board) => board.id === id)) return
  }
  throw new ToolRefusal('mcp.outside-filter', { facts: { key: `board ${id}` } })
}

async function requireSprint(client: JiraClient, id: string, context: ToolContext) {
  if (context.allowed === undefined) return
  const { originBoardId = '' } = await client.sprint(id)
  await requireBoard(client, originBoardId, context)
}

const boards = [
  jiraTool({
    name: 'jira_get_agile_boards',
    title: 'Boards',
    description: 'Scrum and Kanban boards, by name, project or type.',
    toolset: 'agile',
    effect: 'read',
    scope: 'own',
    input: z.object({
      board_name: z.string().optional().describe('Part of the name.'),
      project_key: projectKey.optional(),
      board_type: z.string().optional().describe('scrum or kanban.'),
      start_at: startAt,
      limit,
    }),
    output: z.object({
      boards: z.array(
        z.object({
          id: z.string(),
          name: z.string(),
          type: z.string(),
          projectKey: z.string().optional(),
        }),
      ),
      startAt: z.int(),
      total: z.int().optional(),
    }),
    async run(client, args, { allowed, requireAllowed }) {
      const { project_key: key } = args
      if (key !== undefined) requireAllowed(key)
      const page = await client.boards({
        name: args.board_name,
        projectKey: key ?? allowed?.[0],
        type: args.board_type,
        startAt: args.start_at,
        limit: args.limit,
      })
      return {
        ...page,
        boards: page.boards.map(({ id, name, type, location }) => ({
          id,
          name,
          type,
          ...withoutAbsent({ projectKey: location?.projectKey }),
        })),
      }
    },
  }),
  jiraTool({
    name: 'jira_get_board_issues',
    title: 'Issues of a board',
    description: 'Issues of a board that match a JQL query.',
    toolset: 'agile',
    effect: 'read',
    scope: 'own',
    input: z.object({
      board_id: boardId,
      jql: z.string().describe('JQL; empty for every issue.'),
      fields: fieldsCsv.optional(),
      start_at: startAt,
      limit,
      expand: z.string().default('version').describe('As the Jira API documents it.'),
    }),
    output: issuePage,
    async run(client, args, context) {
      const jql = within(args.jql, context.allowed)
      const { issues, ...page } = await client.boardIssues(args.board_id, {
        jql: jql.trim() === '' ? undefined : jql,
        fields: namesOf(args.fields) ?? defaultIssueFields,
        startAt: args.start_at,
        limit: args.limit,
        expand: args.expand,
      })
      return { issues: presented(issues, context), ...page }
    },
  }),
  jiraTool({
    name: 'jira_get_sprints_from_board',
    title: 'Sprints of a board',
    description: 'Sprints of a Scrum board, by state.',
    toolset: 'agile',
    effect: 'read',
    scope: 'own',
    input: z.object({
      board_id: boardId,
      state: z.string().optional().describe('future, active, closed; comma-separated.'),
      start_at: startAt,
      limit,
    }),
    output: z.object({
      sprints: z.array(sprint),
      startAt: z.int(),
      isLast: z.boolean().optional(),
    }),
    async run(client, args, context) {
      await requireBoard(client, args.board_id, context)
      return client.sprints(args.board_id, {
        state: args.state,
        startAt: args.start_at,
        limit: args.limit,
      })
    },
  }),
  jiraTool({
    name: 'jira_get_sprint_issues',
    title: 'Issues of a sprint',
    description: 'What is planned for a sprint.',
    toolset: 'agile',
    effect: 'read',
    scope: 'own',
    input: z.object({
      sprint_id: sprintId,
      fields: fieldsCsv.optional(),
      start_at: startAt,
      limit,
    }),
    output: issuePage,
    async run(client, args, context) {
      const { issues, ...page } = await client.sprintIssues(args.sprint_id, {
        fields: namesOf(args.fields) ?? defaultIssueFields,
        startAt: args.start_at,
        limit: args.limit,
      })
      return { issues: presented(issues, context), ...page }
    },
  }),
]

const sprints = [
  jiraTool({
    name: 'jira_create_sprint',
    title: 'Create a sprint',
    description:
      'Makes a sprint on a Scrum board. Not repeatable: a second call makes a second one.',
    toolset: 'agile',
    effect: 'write',
    scope: 'own',
    input: z.object({
      board_id: boardId,
      name: z.string().min(1).max(255).describe('What it is called.'),
      start_date: z.string().describe(day),
      end_date: z.string().describe(day),
      goal: z.string().optional().describe('What it is to reach.'),
    }),
    output: sprint,
    async run(client, args, context) {
      await requireBoard(client, args.board_id, context)
      const { name, goal, start_date: startDate, end_date: endDate } = args
      return client.createSprint(args.board_id, { name, goal, startDate, endDate })
    },
  }),
  jiraTool({
    name: 'jira_update_sprint',
    title: 'Change a sprint',
    description: 'Changes, starts or ends a sprint; what is left out stays.',
    toolset: 'agile',
    effect: 'write',
    idempotent: true,
    scope: 'own',
    input: z.object({
      sprint_id: sprintId,
      name: z.string().optional().describe('What it is called.'),
      state: z.enum(['future', 'active', 'closed']).optional().describe('active starts it.'),
      start_date: z.string().optional().describe(day),
      end_date: z.string().optional().describe(day),
      goal: z.string().optional().describe('What it is to reach.'),
    }),
    output: sprint,
    async run(client, args, context) {
      await requireSprint(client, args.sprint_id, context)
      const { name, state, goal, start_date: startDate, end_date: endDate } = args
      return client.updateSprint(args.sprint_id, { name, state, goal, startDate, endDate })
    },
  }),
  jiraTool({
    name: 'jira_add_issues_to_sprint',
    title: 'Plan issues for a sprint',
    description: 'Puts up to 50 issues into a sprint.',
    toolset: 'agile',
    effect: 'write',
    idempotent: true,
    scope: ({ issue_keys: keys }) => listOf('issue_keys', keys).map(projectOf),
    input: z.object({
      sprint_id: sprintId,
      issue_keys: z.string().describe('Comma-separated keys of issues, at most 50.'),
    }),
    output: z.object({ sprint_id: z.string(), issue_keys: z.array(z.string()) }),
    async run(client, { sprint_id: id, issue_keys: csv }, context) {
      await requireSprint(client, id, context)
      const keys = listOf('issue_keys', csv)
      await client.addToSprint(id, keys)
      return { sprint_id: id, issue_keys: keys }
    },
  }),
  jiraTool({
    name: 'jira_move_issues_to_backlog',
    title: 'Take issues out of their sprints',
    description: 'Puts up to 50 issues back into the backlog.',
    toolset: 'agile',
    effect: 'write',
    idempotent: true,
    scope: ({ issue_keys: keys }) => listOf('issue_keys', keys).map(projectOf),
    input: z.object({
      issue_keys: z.string().describe('Comma-separated keys of issues, at most 50.'),
    }),
    output: z.object({ issue_keys: z.array(z.string()) }),
    async run(client, { issue_keys: csv }) {
      const keys = listOf('issue_keys', csv)
      await client.moveToBacklog(keys)
      return { issue_keys: keys }
    },
  }),
]

const child = z.object({
  key: z.string(),
  summary: z.string(),
  status: z.string().optional(),
  issueType: z.string().optional(),
})

function presentChild(one: JiraIssue) {
  const { key, summary, status, issueType } = presentIssue(one, { commentLimit: 0 })
  return { key, summary, ...withoutAbsent({ status, issueType }) }
}

const hierarchyFields = ['summary', 'status', 'issuetype']
const epicsMax = 50
/** Jira translates the name; the type itself has no mark of its own on Data Center. */
const epicNames = /^(epics?|אפיק|אפוס|épico|épique|épopée)$/i

const epics = [
  jiraTool({
    name: 'jira_link_to_epic',
    title: 'Put an issue into an epic',
    description: 'Puts an issue into an epic, in the way of this Jira.',
    toolset: 'links',
    effect: 'write',
    idempotent: true,
    scope: ({ issue_key: key, epic_key: epic }) => [projectOf(key), projectOf(epic)],
    input: z.object({ issue_key: issueKey, epic_key: issueKey }),
    output: z.object({ issue_key: z.string(), epic_key: z.string() }),
    async run(client, args) {
      await client.setEpic(args.issue_key, args.epic_key)
      return args
    },
  }),
  jiraTool({
    name: 'jira_get_project_epic_hierarchy',
    title: 'Epics with their issues',
    description: 'Epics of a project, newest first, each with its issues; at most 50 epics.',
    toolset: 'projects',
    effect: 'read',
    scope: ({ project_key: key }) => [key],
    input: z.object({
      project_key: projectKey,
      max_epics: z.int().min(1).max(200).default(200).describe('Most epics; 50 are told at most.'),
    }),
    output: z.object({
      epics: z.array(child.extend({ children: z.array(child) })),
      /** There are more than are told. */
      truncated: z.boolean(),
    }),
    async run(client, { project_key: key, max_epics: most }, context) {
      const types = await client.issueTypes(key)
      const epic = types.find(({ name }) => epicNames.test(name))
      if (epic === undefined) return { epics: [], truncated: false }
      const wanted = Math.min(most, epicsMax)
      const jql = `project = ${quoteJql(key)} AND issuetype = ${epic.id} ORDER BY created DESC`
      const found = await client.search(jql, { fields: hierarchyFields, limit: wanted })
      const shown = []
      for (const [index, one] of found.issues.entries()) {
        await context.progress(index, found.issues.length)
        const { issues } = await client.epicIssues(one.key, { fields: hierarchyFields, limit: 50 })
        const children = issues.filter(
          (each) => context.allowed?.includes(projectOf(each.key)) ?? true,
        )
        shown.push({ ...presentChild(one), children: children.map(presentChild) })
      }
      const hasMore = found.nextPageToken !== undefined || (found.total ?? 0) > shown.length
      return { epics: shown, truncated: hasMore }
    },
  }),
  jiraTool({
    name: 'jira_get_cross_project_dependencies',
    title: 'Links into other projects',
    description: 'Issues of a project that are linked to issues of other projects.',
    toolset: 'projects',
    effect: 'read',
    scope: ({ project_key: key }) => [key],
    input: z.object({
      project_key: projectKey,
      max_issues: z
        .int()
        .min(1)
        .max(200)
        .default(200)
        .describe('Newest issues that are looked at.'),
    }),
    output: z.object({
      dependencies: z.array(
        z.object({ from: z.string(), to: z.string(), type: z.string(), direction: z.string() }),
      ),
      /** How many issues were looked at. */
      issues: z.int(),
    }),
    async run(client, { project_key: key, max_issues: most }, { allowed }) {
      const issues = await newest(client, key, most)
      const dependencies = issues
        .flatMap((one) => linksOf(one))
        .filter(({ to }) => projectOf(to) !== key)
        .filter(({ to }) => allowed?.includes(projectOf(to)) ?? true)
      return { dependencies: dependencies.slice(0, 200), issues: issues.length }
    },
  }),
]

async function newest(client: JiraClient, key: string, most: number): Promise<JiraIssue[]> {
  const found: JiraIssue[] = []
  const jql = `project = ${quoteJql(key)} ORDER BY created DESC`
  let pageToken: string | undefined
  while (found.length < most) {
    const page = await client.search(jql, {
      fields: ['issuelinks'],
      limit: Math.min(50, most - found.length),
      startAt: found.length,
      ...withoutAbsent({ pageToken }),
    })
    found.push(...page.issues)
    pageToken = page.nextPageToken
    const isLast = pageToken === undefined && found.length >= (page.total ?? 0)
    if (page.issues.length === 0 || isLast) break
  }
  return found
}

const end = z.object({ key: z.string() }).optional().catch(undefined)
const issueLinks = z
  .array(
    z.object({
      type: z.object({ name: z.string(), inward: z.string(), outward: z.string() }),
      inwardIssue: end,
      outwardIssue: end,
    }),
  )
  .catch([])

function linksOf({ key, fields }: JiraIssue) {
  return issueLinks.parse(fields['issuelinks']).flatMap(({ type, inwardIssue, outwardIssue }) => {
    const to = outwardIssue ?? inwardIssue
    if (to === undefined) return []
    const direction = outwardIssue === undefined ? type.inward : type.outward
    return [{ from: key, to: to.key, type: type.name, direction }]
  })
}

export const planningTools = [...boards, ...sprints, ...epics]
