import { jsonAnswer } from '../exchange.ts'
import { isJsonObject, type JsonObject } from '../json-value.ts'
import { storyPointsField, type JiraProject } from './jira-catalog.ts'
import { requireIssue, type JiraRoute } from './jira-routes.ts'
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

export const agileRoutes: readonly JiraRoute[] = [
  {
    method: 'GET',
    path: '/rest/agile/1.0/board',
    answer: ({ world, query }) => {
      const wanted = query.get('projectKeyOrId')
      const only = wanted === null ? undefined : findProject(world, wanted)
      if (wanted !== null && only === undefined)
        throw new JiraRefusal(400, [`No project could be found with key or id '${wanted}'.`])
      const projects = only === undefined ? world.projects : [only]
      return jsonAnswer(200, {
        maxResults: 50,
        startAt: 0,
        total: projects.length,
        isLast: true,
        values: projects.map((project) => presentBoard(world, project)),
      })
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
