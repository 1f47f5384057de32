import { jsonAnswer } from '../exchange.ts'
import { isJsonObject, scalarText, type JsonObject } from '../json-value.ts'
import type { JiraPerson } from './jira-catalog.ts'
import { requireProject } from './jira-metadata.ts'
import { presentComponent, presentPerson, presentVersion, versionsOf } from './jira-present.ts'
import { ok, readPage, rest, type JiraCall, type JiraRoute } from './jira-routes.ts'
import { nextId, type StoredVersion } from './jira-state.ts'
import { JiraRefusal, type JiraWorld } from './jira-world.ts'

function readVersionMembers(body: JsonObject): Partial<StoredVersion> {
  const text = (name: string) =>
    body[name] === undefined ? {} : { [name]: scalarText(body[name]) }
  const flag = (name: string) => (body[name] === undefined ? {} : { [name]: body[name] === true })
  return {
    ...text('name'),
    ...text('description'),
    ...text('startDate'),
    ...text('releaseDate'),
    ...flag('archived'),
    ...flag('released'),
  }
}

function createVersion({ world, body }: JiraCall) {
  const wanted: JsonObject = isJsonObject(body) ? body : {}
  const project = requireProject(world, scalarText(wanted['projectId'] ?? wanted['project']))
  const name = scalarText(wanted['name']).trim()
  if (name === '') throw new JiraRefusal(400, [], { name: 'You must specify a valid version name' })
  if (versionsOf(world, project).some((one) => one.name === name))
    throw new JiraRefusal(400, [], {
      name: 'A version with this name already exists in this project.',
    })
  const version: StoredVersion = {
    id: nextId(world.state),
    projectKey: project.key,
    archived: false,
    released: false,
    ...readVersionMembers(wanted),
    name,
  }
  world.state.versions.push(version)
  return jsonAnswer(201, presentVersion(world, project, version))
}

function showVersion({ world, parameters }: JiraCall) {
  const id = parameters['version']
  for (const project of world.projects) {
    const version = versionsOf(world, project).find((one) => one.id === id)
    if (version !== undefined) return ok(presentVersion(world, project, version))
  }
  throw new JiraRefusal(404, [`Could not find version for id '${id}'`])
}

function updateVersion({ world, parameters, body }: JiraCall) {
  const id = parameters['version']
  for (const project of world.projects) {
    const before = versionsOf(world, project).find((one) => one.id === id)
    if (before === undefined) continue
    const version = { ...before, ...readVersionMembers(isJsonObject(body) ? body : {}) }
    world.state.versions = [...world.state.versions.filter((one) => one.id !== id), version]
    return ok(presentVersion(world, project, version))
  }
  throw new JiraRefusal(404, [`Could not find version for id '${id}'`])
}

const places: readonly JiraRoute[] = [
  {
    method: 'GET',
    path: `${rest}/project/:project/versions`,
    answer: ({ world, parameters }) => {
      const project = requireProject(world, parameters['project'] ?? '')
      return ok(versionsOf(world, project).map((one) => presentVersion(world, project, one)))
    },
  },
  {
    method: 'GET',
    path: `${rest}/project/:project/components`,
    answer: ({ world, parameters }) => {
      const project = requireProject(world, parameters['project'] ?? '')
      return ok((project.components ?? []).map((one) => presentComponent(world, project, one)))
    },
  },
  { method: 'GET', path: `${rest}/version/:version`, answer: showVersion },
  { method: 'POST', path: `${rest}/version`, changes: true, answer: createVersion },
  { method: 'PUT', path: `${rest}/version/:version`, changes: true, answer: updateVersion },
]

function peopleFound({ world, query }: JiraCall, among: (person: JiraPerson) => boolean) {
  const words = (query.get(world.flavour === 'cloud' ? 'query' : 'username') ?? '').toLowerCase()
  if (words === '' && world.flavour === 'dc' && !query.has('project') && !query.has('issueKey'))
    throw new JiraRefusal(400, ['The username query parameter was not provided'])
  const { startAt, maxResults } = readPage(query, 1000)
  return world.people
    .filter(among)
    .filter((person) => wordsOf(world, person).some((text) => text.toLowerCase().includes(words)))
    .slice(startAt, startAt + maxResults)
    .map((person) => presentPerson(world, person))
}

function wordsOf({ flavour }: JiraWorld, person: JiraPerson): string[] {
  const mail = person.isEmailHidden === true ? [] : [person.emailAddress]
  return [person.displayName, ...mail, ...(flavour === 'dc' ? [person.name] : [person.accountId])]
}

const people: readonly JiraRoute[] = [
  {
    method: 'GET',
    path: `${rest}/user/search`,
    answer: (call) => ok(peopleFound(call, ({ status }) => status !== 'deleted')),
  },
  {
    method: 'GET',
    path: `${rest}/user/assignable/search`,
    answer: (call) => ok(peopleFound(call, ({ status }) => status === 'active')),
  },
]

const options: readonly JiraRoute[] = [
  {
    method: 'GET',
    path: `${rest}/field/:field/context`,
    flavour: 'cloud',
    answer: () =>
      ok({
        startAt: 0,
        maxResults: 50,
        total: 1,
        isLast: true,
        values: [
          {
            id: '10500',
            name: 'Default configuration',
            description: '',
            isGlobalContext: true,
            isAnyIssueType: true,
          },
        ],
      }),
  },
  {
    method: 'GET',
    path: `${rest}/field/:field/context/:context/option`,
    flavour: 'cloud',
    answer: ({ world, parameters, query }) => {
      const field = world.fields.find(({ id }) => id === parameters['field'])
      const { startAt, maxResults } = readPage(query, 100)
      const all = (field?.options ?? []).flatMap(({ id, value, children = [] }) => [
        { id, value, disabled: false },
        ...children.map((child) => ({
          id: child.id,
          value: child.value,
          optionId: id,
          disabled: false,
        })),
      ])
      const values = all.slice(startAt, startAt + maxResults)
      return ok({
        startAt,
        maxResults,
        total: all.length,
        isLast: startAt + values.length >= all.length,
        values,
      })
    },
  },
]

/** Kept for clients that ask before they write. */
const permissions: readonly JiraRoute[] = [
  {
    method: 'GET',
    path: `${rest}/mypermissions`,
    answer: ({ world, query }) => {
      const project = world.projects.find(({ key }) => key === query.get('projectKey'))
      const names = (query.get('permissions') ?? 'BROWSE_PROJECTS,CREATE_ISSUES').split(',')
      const held = (name: string) => name !== 'CREATE_ISSUES' || project?.refusesCreate !== true
      return ok({
        permissions: Object.fromEntries(
          names.map((name, index) => [
            name,
            {
              id: String(index + 1),
              key: name,
              name,
              type: 'PROJECT',
              description: '',
              havePermission: held(name),
            },
          ]),
        ),
      })
    },
  },
]

export const placeRoutes: readonly JiraRoute[] = [...places, ...people, ...options, ...permissions]
