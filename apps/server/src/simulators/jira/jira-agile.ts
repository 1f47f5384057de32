import { emptyAnswer, jsonAnswer, type Answer } from '../exchange.ts'
import { isJsonObject, scalarText, type JsonObject } from '../json-value.ts'
import { epicLinkField, storyPointsField, type JiraProject } from './jira-catalog.ts'
import { presentIssue } from './jira-present.ts'
import { readList, readPage, requireIssue, type JiraCall, type JiraRoute } from './jira-routes.ts'
import { searchIssues } from './jira-search.ts'
import { findIssue, nextId, type StoredIssue, type StoredSprint } from './jira-state.ts'
import { fieldName, findProject, JiraRefusal, type JiraWorld } from './jira-world.ts'

/** Every project has one Scrum board; its id is that of the project. */
function presentBoard(world: JiraWorld, project: JiraProject): JsonObject {
  return {
    id: Number(project.id),
    self: `${world.baseUrl()}/rest/agile/1.0/board/${project.id}`,
    name: `${project.key} board`,
    type: 'scrum',
    ...(world.flavour === 'cloud'
      ? { location: { projectId: Number(project.id), projectKey: project.key } }
      : {}),
  }
}

function requireBoard(world: JiraWorld, id: string): JiraProject {
  const project = world.projects.find((one) => one.id === id)
  if (project !== undefined) return project
  throw new JiraRefusal(404, [`Board with id ${id} does not exist or you cannot see it.`])
}

function estimationOf(world: JiraWorld, project: JiraProject): JsonObject {
  const field = world.fields.find(({ id }) => id === storyPointsField)
  const isUsed = project.screens.some(({ fields }) => fields.includes(storyPointsField))
  if (field === undefined || !isUsed) return { type: 'none' }
  return {
    type: 'field',
    field: { fieldId: field.id, displayName: fieldName(world, field) },
  }
}

function page(query: URLSearchParams, all: readonly JsonObject[]): Answer {
  const { startAt, maxResults } = readPage(query, 50)
  const values = all.slice(startAt, startAt + maxResults)
  const isLast = startAt + values.length >= all.length
  return jsonAnswer(200, { maxResults, startAt, total: all.length, isLast, values })
}

function issuesOf(call: JiraCall, isIn: (issue: StoredIssue) => boolean): Answer {
  const { world, query, person } = call
  const { startAt, maxResults } = readPage(query, 50)
  const jql = query.get('jql') ?? ''
  const { issues } = searchIssues(world, { jql, validates: true, asker: person })
  const found = issues.filter(isIn)
  const fields = readList(query, 'fields')
  return jsonAnswer(200, {
    expand: 'names,schema',
    startAt,
    maxResults,
    total: found.length,
    issues: found
      .slice(startAt, startAt + maxResults)
      .map((issue) => presentIssue(world, issue, { fields, properties: [] })),
  })
}

function presentSprint(world: JiraWorld, sprint: StoredSprint): JsonObject {
  const { id, boardId, name, state, startDate, endDate, goal } = sprint
  return {
    id,
    self: `${world.baseUrl()}/rest/agile/1.0/sprint/${id}`,
    state,
    name,
    ...(startDate === undefined ? {} : { startDate }),
    ...(endDate === undefined ? {} : { endDate }),
    ...(goal === undefined ? {} : { goal }),
    originBoardId: boardId,
  }
}

function requireSprint({ world, parameters }: JiraCall): StoredSprint {
  const sprint = world.state.sprints.find(({ id }) => String(id) === parameters['sprint'])
  if (sprint !== undefined) return sprint
  throw new JiraRefusal(404, ['Sprint does not exist or you do not have permission to view it.'])
}

/** @throws JiraRefusal 400 */
function readSprint(body: JsonObject): Partial<StoredSprint> {
  const text = (name: string) =>
    body[name] === undefined ? {} : { [name]: scalarText(body[name]) }
  const state = scalarText(body['state'])
  if (!['', 'future', 'active', 'closed'].includes(state))
    throw new JiraRefusal(400, [], { state: 'The state is invalid.' })
  const read = { ...text('name'), ...text('startDate'), ...text('endDate'), ...text('goal') }
  return state === '' ? read : { ...read, state: state as StoredSprint['state'] }
}

function issuesOfBody({ world, body }: JiraCall): StoredIssue[] {
  const keys = isJsonObject(body) && Array.isArray(body['issues']) ? body['issues'] : []
  if (keys.length > 50) throw new JiraRefusal(400, ['At most 50 issues can be moved at once.'])
  return keys.map((key) => {
    const issue = findIssue(world.state, scalarText(key))
    if (issue !== undefined) return issue
    throw new JiraRefusal(400, [`Issue '${scalarText(key)}' does not exist.`])
  })
}

function epicKeyOf(world: JiraWorld, issue: StoredIssue): string | undefined {
  return world.flavour === 'cloud'
    ? issue.parentKey
    : scalarText(issue.custom[epicLinkField]) || undefined
}

function requireEpic(call: JiraCall): StoredIssue {
  const epic = findIssue(call.world.state, call.parameters['epic'] ?? '')
  if (epic !== undefined && epic.issueTypeId === '10000') return epic
  throw new JiraRefusal(404, ['The requested epic does not exist.'])
}

const planningRoutes: readonly JiraRoute[] = [
  {
    method: 'GET',
    path: '/rest/agile/1.0/board/:board/issue',
    answer: (call) => {
      const { key } = requireBoard(call.world, call.parameters['board'] ?? '')
      return issuesOf(call, ({ projectKey }) => projectKey === key)
    },
  },
  {
    method: 'GET',
    path: '/rest/agile/1.0/board/:board/sprint',
    answer: ({ world, parameters, query }) => {
      const { id } = requireBoard(world, parameters['board'] ?? '')
      const states = readList(query, 'state')
      const found = world.state.sprints.filter(
        ({ boardId, state }) =>
          boardId === Number(id) && (states.length === 0 || states.includes(state)),
      )
      return page(
        query,
        found.map((one) => presentSprint(world, one)),
      )
    },
  },
  {
    method: 'POST',
    path: '/rest/agile/1.0/sprint',
    changes: true,
    answer: ({ world, body }) => {
      const wanted: JsonObject = isJsonObject(body) ? body : {}
      const { id } = requireBoard(world, scalarText(wanted['originBoardId']))
      if (scalarText(wanted['name']) === '')
        throw new JiraRefusal(400, [], { name: 'The sprint name must not be empty.' })
      const sprint = {
        name: '',
        ...readSprint(wanted),
        state: 'future' as const,
        id: Number(nextId(world.state)),
        boardId: Number(id),
      }
      world.state.sprints.push(sprint)
      return jsonAnswer(201, presentSprint(world, sprint))
    },
  },
  {
    method: 'GET',
    path: '/rest/agile/1.0/sprint/:sprint',
    answer: (call) => jsonAnswer(200, presentSprint(call.world, requireSprint(call))),
  },
  {
    method: 'POST',
    path: '/rest/agile/1.0/sprint/:sprint',
    changes: true,
    answer: (call) => {
      const sprint = requireSprint(call)
      Object.assign(sprint, readSprint(isJsonObject(call.body) ? call.body : {}))
      return jsonAnswer(200, presentSprint(call.world, sprint))
    },
  },
  {
    method: 'GET',
    path: '/rest/agile/1.0/sprint/:sprint/issue',
    answer: (call) => {
      const { id } = requireSprint(call)
      return issuesOf(call, ({ sprintId }) => sprintId === id)
    },
  },
  {
    method: 'POST',
    path: '/rest/agile/1.0/sprint/:sprint/issue',
    changes: true,
    answer: (call) => {
      const { id, state } = requireSprint(call)
      if (state === 'closed') throw new JiraRefusal(400, ['The sprint is closed.'])
      for (const issue of issuesOfBody(call)) issue.sprintId = id
      return emptyAnswer(204)
    },
  },
  {
    method: 'POST',
    path: '/rest/agile/1.0/backlog/issue',
    changes: true,
    answer: (call) => {
      for (const issue of issuesOfBody(call)) delete issue.sprintId
      return emptyAnswer(204)
    },
  },
  {
    method: 'GET',
    path: '/rest/agile/1.0/epic/:epic/issue',
    answer: (call) => {
      const { key } = requireEpic(call)
      return issuesOf(call, (issue) => epicKeyOf(call.world, issue) === key)
    },
  },
  {
    method: 'POST',
    path: '/rest/agile/1.0/epic/:epic/issue',
    changes: true,
    answer: (call) => {
      const { key } = requireEpic(call)
      for (const issue of issuesOfBody(call)) {
        if (call.world.flavour === 'cloud') issue.parentKey = key
        else issue.custom[epicLinkField] = key
        issue.updated = call.world.now()
      }
      return emptyAnswer(204)
    },
  },
]

export const agileRoutes: readonly JiraRoute[] = [
  ...planningRoutes,
  {
    method: 'GET',
    path: '/rest/agile/1.0/board',
    answer: ({ world, query }) => {
      const wanted = query.get('projectKeyOrId')
      const name = (query.get('name') ?? '').toLowerCase()
      const hasType = ['', 'scrum'].includes(query.get('type') ?? '')
      const only = wanted === null ? undefined : findProject(world, wanted)
      if (wanted !== null && only === undefined)
        throw new JiraRefusal(400, [`No project could be found with key or id '${wanted}'.`])
      const boards = (only === undefined ? world.projects : [only])
        .map((project) => presentBoard(world, project))
        .filter((board) => hasType && scalarText(board['name']).toLowerCase().includes(name))
      return page(query, boards)
    },
  },
  {
    method: 'GET',
    path: '/rest/agile/1.0/board/:board/configuration',
    answer: ({ world, parameters }) => {
      const project = requireBoard(world, parameters['board'] ?? '')
      const board = presentBoard(world, project)
      return jsonAnswer(200, {
        ...board,
        self: `${world.baseUrl()}/rest/agile/1.0/board/${project.id}/configuration`,
        estimation: estimationOf(world, project),
      })
    },
  },
  {
    method: 'GET',
    path: '/rest/agile/1.0/issue/:issue/estimation',
    answer: (call) => {
      requireBoard(call.world, call.query.get('boardId') ?? '')
      const value = requireIssue(call).custom[storyPointsField] ?? null
      return jsonAnswer(200, { fieldId: storyPointsField, value })
    },
  },
  {
    method: 'PUT',
    path: '/rest/agile/1.0/issue/:issue/estimation',
    changes: true,
    answer: (call) => {
      requireBoard(call.world, call.query.get('boardId') ?? '')
      const issue = requireIssue(call)
      const points = Number(isJsonObject(call.body) ? call.body['value'] : Number.NaN)
      if (!Number.isFinite(points)) throw new JiraRefusal(400, ['The value must be a number.'])
      issue.custom[storyPointsField] = points
      issue.updated = call.world.now()
      return jsonAnswer(200, { fieldId: storyPointsField, value: points })
    },
  },
]
