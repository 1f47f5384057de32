import type { IncomingHttpHeaders } from 'node:http'
import { bytesAnswer, emptyAnswer, jsonAnswer, type Answer } from '../exchange.ts'
import {
  isJsonObject,
  memberText,
  scalarText,
  type JsonObject,
  type JsonValue,
} from '../json-value.ts'
import { pngAvatar, svgAvatar } from './avatar.ts'
import { issueTypes, linkTypes, priorities, statuses, type JiraPerson } from './jira-catalog.ts'
import { checkDocument, createIssue } from './jira-create.ts'
import {
  presentCreateFields,
  presentCreateTypes,
  presentEditFields,
  presentOldMetadata,
  requireProject,
  type Page,
} from './jira-metadata.ts'
import {
  presentComment,
  presentComments,
  presentField,
  presentIssue,
  presentIssueType,
  presentLink,
  presentLinkType,
  presentMyself,
  presentPerson,
  presentPriority,
  presentProject,
  presentProjectDetails,
  presentStatus,
  presentWholeHistory,
} from './jira-present.ts'
import {
  presentNames,
  readPageToken,
  requireBounded,
  searchIssues,
  writePageToken,
} from './jira-search.ts'
import { findIssue, nextId, type StoredIssue } from './jira-state.ts'
import { apiRoot, findPerson, JiraRefusal, type JiraWorld } from './jira-world.ts'

export type JiraCall = {
  readonly world: JiraWorld
  readonly person: JiraPerson
  readonly parameters: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly body: JsonValue
  /** Of a route that takes a file. */
  readonly raw?: { readonly body: Buffer; readonly headers: IncomingHttpHeaders }
}

export type JiraRoute = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below the mount point; `:name` stands for one segment. */
  readonly path: string
  /** Absent: both. */
  readonly flavour?: 'dc' | 'cloud'
  /** An inactive person may ask who he is, and nothing else. */
  readonly answersInactive?: true
  readonly changes?: true
  /** The body is multipart. */
  readonly takesFile?: true
  /** @throws JiraRefusal */
  readonly answer: (call: JiraCall) => Answer
}

export const ok = (value: JsonValue): Answer => jsonAnswer(200, value)

export function requireIssue({ world, parameters }: JiraCall): StoredIssue {
  const issue = findIssue(world.state, parameters['issue'] ?? '')
  if (issue !== undefined) return issue
  throw new JiraRefusal(404, [
    world.flavour === 'dc'
      ? 'Issue Does Not Exist'
      : 'Issue does not exist or you do not have permission to see it.',
  ])
}

export function readPage(query: URLSearchParams, maxResultsMax = 200): Page {
  const startAt = Number(query.get('startAt') ?? 0)
  const maxResults = Number(query.get('maxResults') ?? 50)
  if (!Number.isInteger(startAt) || !Number.isInteger(maxResults))
    throw new JiraRefusal(400, ['startAt and maxResults must be numbers.'])
  return {
    startAt: Math.max(0, startAt),
    maxResults: Math.min(Math.max(0, maxResults), maxResultsMax),
  }
}

/** `a,b` and repeated parameters, which is how python-jira sends a list. */
export function readList(query: URLSearchParams, name: string): string[] {
  return query.getAll(name).flatMap((text) => text.split(',').filter((part) => part !== ''))
}

export const rest = '/rest/api/:api'

const people: readonly JiraRoute[] = [
  {
    method: 'GET',
    path: `${rest}/myself`,
    answersInactive: true,
    answer: ({ world, person }) => ok(presentMyself(world, person)),
  },
  {
    method: 'GET',
    path: `${rest}/user`,
    answer: ({ world, query }) => {
      const id = query.get('username') ?? query.get('key') ?? query.get('accountId') ?? ''
      const found = findPerson(world, id)
      if (found !== undefined) return ok(presentPerson(world, found))
      throw new JiraRefusal(404, [`The user named '${id}' does not exist`])
    },
  },
  {
    method: 'GET',
    path: '/secure/useravatar',
    answersInactive: true,
    answer: ({ world, query }) => {
      const owner = world.people.find(({ key }) => key === query.get('ownerId'))
      if (owner === undefined) throw new JiraRefusal(404, ['There is no such avatar.'])
      const sizePixels = avatarSizes[query.get('size') ?? ''] ?? 48
      return owner.avatar === 'svg'
        ? bytesAnswer('image/svg+xml', svgAvatar(owner.displayName, owner.colour, sizePixels))
        : bytesAnswer('image/png', pngAvatar(owner.name, owner.colour, sizePixels))
    },
  },
  {
    method: 'GET',
    path: '/secure/projectavatar',
    answer: ({ world, query }) => {
      const project = requireProject(world, query.get('pid') ?? '')
      const sizePixels = avatarSizes[query.get('size') ?? ''] ?? 48
      return bytesAnswer('image/png', pngAvatar(project.key, '0052cc', sizePixels))
    },
  },
]

const avatarSizes: Readonly<Record<string, number>> = { xsmall: 16, small: 24, medium: 32 }

const projects: readonly JiraRoute[] = [
  {
    method: 'GET',
    path: `${rest}/project`,
    answer: ({ world }) => ok(world.projects.map((one) => presentProject(world, one))),
  },
  {
    method: 'GET',
    path: `${rest}/project/search`,
    flavour: 'cloud',
    answer: ({ world, query }) => {
      const { startAt, maxResults } = readPage(query, 100)
      const wanted = (query.get('query') ?? '').toLowerCase()
      const keys = readList(query, 'keys')
      const found = world.projects.filter(
        ({ key, name }) =>
          (keys.length === 0 || keys.includes(key)) &&
          (key.toLowerCase().includes(wanted) || name.toLowerCase().includes(wanted)),
      )
      const values = found.slice(startAt, startAt + maxResults)
      const isLast = startAt + values.length >= found.length
      const self = `${apiRoot(world)}/project/search?maxResults=${maxResults}&startAt=`
      return ok({
        self: `${self}${startAt}`,
        ...(isLast ? {} : { nextPage: `${self}${startAt + values.length}` }),
        maxResults,
        startAt,
        total: found.length,
        isLast,
        values: values.map((one) => presentProject(world, one)),
      })
    },
  },
  {
    method: 'GET',
    path: `${rest}/project/:project`,
    answer: ({ world, parameters }) =>
      ok(presentProjectDetails(world, requireProject(world, parameters['project'] ?? ''))),
  },
  {
    method: 'GET',
    path: `${rest}/issue/createmeta/:project/issuetypes`,
    answer: ({ world, parameters, query }) => {
      requireMetadata(world, 'new')
      const project = requireProject(world, parameters['project'] ?? '')
      return ok(presentCreateTypes(world, project, readPage(query)))
    },
  },
  {
    method: 'GET',
    path: `${rest}/issue/createmeta/:project/issuetypes/:type`,
    answer: ({ world, parameters, query }) => {
      requireMetadata(world, 'new')
      const project = requireProject(world, parameters['project'] ?? '')
      const typeId = parameters['type'] ?? ''
      return ok(presentCreateFields(world, { project, typeId }, readPage(query)))
    },
  },
]

/** @throws JiraRefusal 404, as of a call that this Jira does not have */
function requireMetadata({ createMetadata }: JiraWorld, call: 'new' | 'old'): void {
  if (createMetadata === call || createMetadata === 'both') return
  throw new JiraRefusal(404, ['null for uri: this Jira has no such call'])
}

const oldMetadata: readonly JiraRoute[] = [
  {
    method: 'GET',
    path: `${rest}/issue/createmeta`,
    answer: ({ world, query }) => {
      requireMetadata(world, 'old')
      return ok(presentOldMetadata(world, readList(query, 'projectKeys')))
    },
  },
  {
    method: 'GET',
    path: `${rest}/issue/:issue/editmeta`,
    answer: (call) => ok(presentEditFields(call.world, requireIssue(call))),
  },
]

const lists: readonly JiraRoute[] = [
  {
    method: 'GET',
    path: `${rest}/field`,
    answer: ({ world }) => ok(world.fields.map((field) => presentField(world, field))),
  },
  {
    method: 'GET',
    path: `${rest}/issuetype`,
    answer: ({ world }) => ok(issueTypes.map((type) => presentIssueType(world, type))),
  },
  {
    method: 'GET',
    path: `${rest}/priority`,
    answer: ({ world }) => ok(priorities.map((priority) => presentPriority(world, priority))),
  },
  {
    method: 'GET',
    path: `${rest}/status`,
    answer: ({ world }) => ok(statuses.map((status) => presentStatus(world, status))),
  },
  {
    method: 'GET',
    path: `${rest}/issueLinkType`,
    answer: ({ world }) =>
      ok({ issueLinkTypes: linkTypes.map((type) => presentLinkType(world, type)) }),
  },
]

const issues: readonly JiraRoute[] = [
  {
    method: 'POST',
    path: `${rest}/issue`,
    changes: true,
    answer: ({ world, body, person }) => {
      const { id, key } = createIssue(world, body, person)
      return jsonAnswer(201, { id, key, self: `${apiRoot(world)}/issue/${id}` })
    },
  },
  {
    method: 'GET',
    path: `${rest}/issue/:issue`,
    answer: (call) =>
      ok({
        ...presentIssue(call.world, requireIssue(call), {
          fields: readList(call.query, 'fields'),
          properties: readList(call.query, 'properties'),
        }),
        ...(call.world.flavour === 'dc' && readList(call.query, 'expand').includes('changelog')
          ? { changelog: presentWholeHistory(call.world, requireIssue(call)) }
          : {}),
        ...(readList(call.query, 'expand').includes('names')
          ? { names: presentNames(call.world) }
          : {}),
      }),
  },
  {
    method: 'GET',
    path: `${rest}/issue/:issue/comment`,
    answer: (call) => ok(presentComments(call.world, requireIssue(call))),
  },
  {
    method: 'POST',
    path: `${rest}/issue/:issue/comment`,
    changes: true,
    answer: (call) => {
      const issue = requireIssue(call)
      const now = call.world.now()
      const comment = {
        id: nextId(call.world.state),
        author: call.person.key,
        body: readCommentBody(call),
        created: now,
      }
      issue.comments.push(comment)
      issue.updated = now
      return jsonAnswer(201, presentComment(call.world, issue, comment))
    },
  },
]

export function readCommentBody({ world, body }: JiraCall): JsonValue {
  const text = isJsonObject(body) ? (body['body'] ?? null) : null
  if (world.flavour === 'cloud') {
    const checked = checkDocument(text)
    if ('error' in checked) throw new JiraRefusal(400, [], { comment: checked.error })
    return checked.value
  }
  if (typeof text !== 'string' || text.trim() === '')
    throw new JiraRefusal(400, [], { comment: 'Comment body can not be empty!' })
  return text
}

const property = `${rest}/issue/:issue/properties/:property`

const properties: readonly JiraRoute[] = [
  {
    method: 'GET',
    path: `${rest}/issue/:issue/properties`,
    answer: (call) => {
      const issue = requireIssue(call)
      const root = `${apiRoot(call.world)}/issue/${issue.id}/properties`
      const keys = Object.keys(issue.properties)
      return ok({ keys: keys.map((key) => ({ self: `${root}/${encodeURIComponent(key)}`, key })) })
    },
  },
  {
    method: 'GET',
    path: property,
    answer: (call) => {
      const key = call.parameters['property'] ?? ''
      return ok({ key, value: requireProperty(requireIssue(call), key) })
    },
  },
  {
    method: 'PUT',
    path: property,
    changes: true,
    answer: (call) => {
      const issue = requireIssue(call)
      const key = call.parameters['property'] ?? ''
      const isNew = issue.properties[key] === undefined
      issue.properties[key] = call.body
      return jsonAnswer(isNew ? 201 : 200, {})
    },
  },
  {
    method: 'DELETE',
    path: property,
    changes: true,
    answer: (call) => {
      const issue = requireIssue(call)
      const key = call.parameters['property'] ?? ''
      requireProperty(issue, key)
      delete issue.properties[key]
      return emptyAnswer(204)
    },
  },
]

function requireProperty(issue: StoredIssue, key: string): JsonValue {
  const value = issue.properties[key]
  if (value !== undefined) return value
  throw new JiraRefusal(404, [`The property with key '${key}' does not exist.`])
}

const links: readonly JiraRoute[] = [
  {
    method: 'POST',
    path: `${rest}/issueLink`,
    changes: true,
    answer: ({ world, body }) => {
      const { state } = world
      const wanted = isJsonObject(body) ? body : {}
      const wantedType = memberText(wanted['type'], 'id', 'name')
      const type = linkTypes.find(({ id, name }) => id === wantedType || name === wantedType)
      if (type === undefined)
        throw new JiraRefusal(404, [`No issue link type with name '${wantedType}' found.`])
      const [inwardKey, outwardKey] = ['inwardIssue', 'outwardIssue'].map((end) => {
        const id = memberText(wanted[end], 'key', 'id')
        const issue = findIssue(state, id)
        if (issue === undefined) throw new JiraRefusal(404, [`The issue '${id}' does not exist.`])
        return issue.key
      }) as [string, string]
      const isThere = state.links.some(
        (link) =>
          link.typeId === type.id && link.inwardKey === inwardKey && link.outwardKey === outwardKey,
      )
      if (!isThere) state.links.push({ id: nextId(state), typeId: type.id, inwardKey, outwardKey })
      return emptyAnswer(201)
    },
  },
  {
    method: 'GET',
    path: `${rest}/issueLink/:link`,
    answer: ({ world, parameters }) => {
      const link = world.state.links.find(({ id }) => id === parameters['link'])
      if (link !== undefined) return ok(presentLink(world, link))
      throw new JiraRefusal(404, [`No issue link with id '${parameters['link']}' exists.`])
    },
  },
]

type SearchInput = {
  readonly jql: string
  readonly fields: readonly string[]
  readonly properties: readonly string[]
  readonly startAt: number
  readonly maxResults: number
  readonly validates: boolean
  readonly names: boolean
  readonly nextPageToken: string | undefined
  readonly reconcile: readonly string[]
}

function readSearch({ query, body }: JiraCall): SearchInput {
  const parameters = isJsonObject(body) ? queryOf(body) : query
  const page = readPage(parameters, 5000)
  return {
    jql: parameters.get('jql') ?? '',
    fields: readList(parameters, 'fields'),
    properties: readList(parameters, 'properties'),
    ...page,
    validates: !/^(false|none|warn)$/i.test(parameters.get('validateQuery') ?? 'true'),
    names: readList(parameters, 'expand').includes('names'),
    nextPageToken: parameters.get('nextPageToken') ?? undefined,
    reconcile: readList(parameters, 'reconcileIssues').slice(0, 50),
  }
}

/** The members of a search body, as if they had come in the query. */
function queryOf(body: JsonObject): URLSearchParams {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(body))
    for (const one of Array.isArray(value) ? value : [value]) query.append(name, scalarText(one))
  return query
}

function searchDataCenter(call: JiraCall): Answer {
  const { world } = call
  const input = readSearch(call)
  const { issues: found, warnings } = searchIssues(world, { ...input, asker: call.person })
  const maxResults = Math.min(input.maxResults, 1000)
  const page = found.slice(input.startAt, input.startAt + maxResults)
  return ok({
    expand: 'schema,names',
    startAt: input.startAt,
    maxResults,
    total: found.length,
    issues: page.map((issue) => presentIssue(world, issue, input)),
    ...(warnings.length === 0 ? {} : { warningMessages: warnings }),
    ...(input.names ? { names: presentNames(world) } : {}),
  })
}

function searchCloud(call: JiraCall): Answer {
  const { world } = call
  const input = readSearch(call)
  requireBounded(input.jql)
  const request = { jql: input.jql, validates: true, asker: call.person }
  const { issues: found } = searchIssues(world, request, input.reconcile)
  const offset = readPageToken(input.jql, input.nextPageToken)
  const page = found.slice(offset, offset + input.maxResults)
  const end = offset + page.length
  return ok({
    isLast: end >= found.length,
    issues: page.map((issue) => presentFound(world, issue, input)),
    ...(end >= found.length ? {} : { nextPageToken: writePageToken(input.jql, end) }),
    ...(input.names ? { names: presentNames(world) } : {}),
  })
}

/** Cloud gives the id alone unless fields are named. */
function presentFound(world: JiraWorld, issue: StoredIssue, input: SearchInput): JsonObject {
  const asksForFields = input.fields.some((name) => name !== 'id')
  return asksForFields || input.properties.length > 0
    ? presentIssue(world, issue, input)
    : { id: issue.id }
}

const searches: readonly JiraRoute[] = [
  { method: 'GET', path: `${rest}/search`, flavour: 'dc', answer: searchDataCenter },
  { method: 'POST', path: `${rest}/search`, flavour: 'dc', answer: searchDataCenter },
  { method: 'GET', path: `${rest}/search/jql`, flavour: 'cloud', answer: searchCloud },
  { method: 'POST', path: `${rest}/search/jql`, flavour: 'cloud', answer: searchCloud },
  {
    method: 'POST',
    path: `${rest}/search/approximate-count`,
    flavour: 'cloud',
    answer: (call) => {
      const { jql } = readSearch(call)
      requireBounded(jql)
      const { issues: found } = searchIssues(call.world, {
        jql,
        validates: true,
        asker: call.person,
      })
      return ok({ count: found.length })
    },
  },
  ...(['GET', 'POST'] as const).map((method): JiraRoute => ({
    method,
    path: `${rest}/search`,
    flavour: 'cloud',
    answer: () => {
      throw new JiraRefusal(410, [
        'The requested API has been removed. Please migrate to the /rest/api/3/search/jql API.',
      ])
    },
  })),
]

export const jiraRoutes: readonly JiraRoute[] = [
  ...people,
  ...oldMetadata,
  ...projects,
  ...lists,
  ...issues,
  ...properties,
  ...links,
  ...searches,
]
