import { emptyAnswer, bytesAnswer, jsonAnswer } from '../exchange.ts'
import {
  isJsonObject,
  memberText,
  scalarText,
  type JsonObject,
  type JsonValue,
} from '../json-value.ts'
import { transitions, type JiraProject } from './jira-catalog.ts'
import { changeIssue, checkDocument, createIssue } from './jira-create.ts'
import {
  issueTypesOf,
  personByKey,
  presentAttachment,
  presentComment,
  presentHistory,
  presentStatus,
  statusOf,
} from './jira-present.ts'
import {
  ok,
  readCommentBody,
  readPage,
  requireIssue,
  rest,
  type JiraCall,
  type JiraRoute,
} from './jira-routes.ts'
import { findIssue, nextId, type StoredIssue, type StoredWorklog } from './jira-state.ts'
import {
  apiRoot,
  findPerson,
  findProject,
  JiraRefusal,
  jiraTime,
  type JiraWorld,
} from './jira-world.ts'

const issuePath = `${rest}/issue/:issue`

function requirePerson(world: JiraWorld, id: string) {
  const person = findPerson(world, id)
  if (person !== undefined && person.status === 'active') return person
  throw new JiraRefusal(world.flavour === 'cloud' ? 404 : 400, [`User '${id}' does not exist.`])
}

function noteStatus(call: JiraCall, issue: StoredIssue, statusId: string): void {
  const before = statusOf(issue).name
  issue.statusId = statusId
  issue.updated = call.world.now()
  issue.history.push({
    id: nextId(call.world.state),
    author: call.person.key,
    created: call.world.now(),
    items: [{ field: 'status', fieldId: 'status', before, after: statusOf(issue).name }],
  })
}

function transitionIssue(call: JiraCall): void {
  const issue = requireIssue(call)
  const body: JsonObject = isJsonObject(call.body) ? call.body : {}
  const wanted = memberText(body['transition'], 'id')
  const found = transitions.find(({ id }) => id === wanted)
  if (found === undefined || found.statusId === issue.statusId)
    throw new JiraRefusal(400, [
      'It is not possible to transition the issue: the transition is not available for it.',
    ])
  const { fields } = body
  if (isJsonObject(fields) && Object.keys(fields).length > 0)
    changeIssue(call.world, issue, { body: { fields }, author: call.person })
  for (const comment of commentsToAdd(body['update'])) addComment({ ...call, body: comment }, issue)
  noteStatus(call, issue, found.statusId)
}

function commentsToAdd(update: JsonValue | undefined): JsonValue[] {
  const operations =
    isJsonObject(update) && Array.isArray(update['comment']) ? update['comment'] : []
  return operations.filter(isJsonObject).flatMap(({ add }) => (add === undefined ? [] : [add]))
}

function addComment(call: JiraCall, issue: StoredIssue): void {
  issue.comments.push({
    id: nextId(call.world.state),
    author: call.person.key,
    body: readCommentBody(call),
    created: call.world.now(),
  })
}

const workflow: readonly JiraRoute[] = [
  {
    method: 'PUT',
    path: issuePath,
    changes: true,
    answer: (call) => {
      changeIssue(call.world, requireIssue(call), { body: call.body, author: call.person })
      return emptyAnswer(204)
    },
  },
  {
    method: 'DELETE',
    path: issuePath,
    changes: true,
    answer: (call) => {
      const { state } = call.world
      const issue = requireIssue(call)
      const hasChildren = state.issues.some(({ parentKey }) => parentKey === issue.key)
      if (hasChildren && call.query.get('deleteSubtasks') !== 'true')
        throw new JiraRefusal(400, [
          `The issue '${issue.key}' has subtasks. You must specify the 'deleteSubtasks' parameter to delete this issue and all its subtasks.`,
        ])
      state.issues = state.issues.filter(
        ({ key, parentKey }) => key !== issue.key && parentKey !== issue.key,
      )
      state.links = state.links.filter(
        ({ inwardKey, outwardKey }) => inwardKey !== issue.key && outwardKey !== issue.key,
      )
      return emptyAnswer(204)
    },
  },
  {
    method: 'PUT',
    path: `${issuePath}/assignee`,
    changes: true,
    answer: (call) => {
      const issue = requireIssue(call)
      const id = memberText(call.body, 'accountId', 'name')
      if (id === '') delete issue.assignee
      else issue.assignee = requirePerson(call.world, id).key
      issue.updated = call.world.now()
      return emptyAnswer(204)
    },
  },
  {
    method: 'GET',
    path: `${issuePath}/transitions`,
    answer: (call) => {
      const issue = requireIssue(call)
      const possible = transitions.filter(({ statusId }) => statusId !== issue.statusId)
      return ok({
        expand: 'transitions',
        transitions: possible.map(({ id, name, statusId }) => ({
          id,
          name,
          to: presentStatus(call.world, statusOf({ statusId })),
          ...(call.world.flavour === 'cloud'
            ? {
                hasScreen: false,
                isGlobal: true,
                isInitial: false,
                isConditional: false,
                looped: false,
              }
            : {}),
          ...(call.query.get('expand')?.includes('transitions.fields') === true
            ? { fields: {} }
            : {}),
        })),
      })
    },
  },
  {
    method: 'POST',
    path: `${issuePath}/transitions`,
    changes: true,
    answer: (call) => {
      transitionIssue(call)
      return emptyAnswer(204)
    },
  },
  {
    method: 'POST',
    path: `${rest}/issue/bulk`,
    changes: true,
    answer: ({ world, body, person }) => {
      const updates = isJsonObject(body) ? body['issueUpdates'] : undefined
      if (!Array.isArray(updates) || updates.length > 50)
        throw new JiraRefusal(400, ['Between 1 and 50 issues can be created at once.'])
      const issues: JsonObject[] = []
      const errors: JsonObject[] = []
      for (const [index, update] of updates.entries()) {
        try {
          const { id, key } = createIssue(world, update, person)
          issues.push({ id, key, self: `${apiRoot(world)}/issue/${id}` })
        } catch (error) {
          if (!(error instanceof JiraRefusal)) throw error
          const { status, body: elementErrors } = error
          errors.push({ status, elementErrors, failedElementNumber: index })
        }
      }
      return jsonAnswer(issues.length === 0 ? 400 : 201, { issues, errors })
    },
  },
]

const watching: readonly JiraRoute[] = [
  {
    method: 'GET',
    path: `${issuePath}/watchers`,
    answer: (call) => {
      const { key, watchers } = requireIssue(call)
      return ok({
        self: `${apiRoot(call.world)}/issue/${key}/watchers`,
        isWatching: watchers.includes(call.person.key),
        watchCount: watchers.length,
        watchers: watchers.map((one) => personByKey(call.world, one)),
      })
    },
  },
  {
    method: 'POST',
    path: `${issuePath}/watchers`,
    changes: true,
    answer: (call) => {
      const issue = requireIssue(call)
      const id = scalarText(call.body)
      const person = id === '' ? call.person : requirePerson(call.world, id)
      issue.watchers = [...new Set([...issue.watchers, person.key])]
      return emptyAnswer(204)
    },
  },
  {
    method: 'DELETE',
    path: `${issuePath}/watchers`,
    changes: true,
    answer: (call) => {
      const issue = requireIssue(call)
      const id = call.query.get(call.world.flavour === 'cloud' ? 'accountId' : 'username') ?? ''
      const person = requirePerson(call.world, id)
      issue.watchers = issue.watchers.filter((one) => one !== person.key)
      return emptyAnswer(204)
    },
  },
]

const unitSeconds: Readonly<Record<string, number>> = { m: 60, h: 3_600, d: 28_800, w: 144_000 }

/** @throws JiraRefusal 400 */
function readTime(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)\s*([mhdw])/g)]
  const seconds = parts.reduce(
    (sum, [, n, unit]) => sum + Number(n) * (unitSeconds[unit ?? ''] ?? 0),
    0,
  )
  if (seconds >= 60) return Math.round(seconds)
  throw new JiraRefusal(400, [], { timeLogged: 'Invalid time duration entered.' })
}

function presentTime(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.round((seconds % 3_600) / 60)]
  return [hours > 0 ? `${hours}h` : '', minutes > 0 ? `${minutes}m` : ''].join(' ').trim()
}

function presentWorklog(world: JiraWorld, issue: StoredIssue, log: StoredWorklog): JsonObject {
  const author = personByKey(world, log.author)
  return {
    self: `${apiRoot(world)}/issue/${issue.id}/worklog/${log.id}`,
    id: log.id,
    issueId: issue.id,
    author,
    updateAuthor: author,
    comment: log.comment,
    started: log.started,
    created: jiraTime(log.created),
    updated: jiraTime(log.created),
    timeSpent: presentTime(log.timeSpentSeconds),
    timeSpentSeconds: log.timeSpentSeconds,
  }
}

function readWorklog(call: JiraCall): StoredWorklog {
  const { world, person } = call
  const body: JsonObject = isJsonObject(call.body) ? call.body : {}
  const comment = body['comment'] ?? (world.flavour === 'cloud' ? emptyDocument : '')
  if (world.flavour === 'cloud') {
    const checked = checkDocument(comment)
    if ('error' in checked) throw new JiraRefusal(400, [], { comment: checked.error })
  }
  const started = scalarText(body['started']) || jiraTime(world.now())
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4}$/.test(started))
    throw new JiraRefusal(400, [], { started: 'Unexpected date format.' })
  const seconds = Number(body['timeSpentSeconds'] ?? 0)
  return {
    id: nextId(world.state),
    author: person.key,
    comment,
    started,
    timeSpentSeconds: seconds > 0 ? seconds : readTime(scalarText(body['timeSpent'])),
    created: world.now(),
  }
}

const emptyDocument: JsonObject = { type: 'doc', version: 1, content: [] }

const time: readonly JiraRoute[] = [
  {
    method: 'GET',
    path: `${issuePath}/worklog`,
    answer: (call) => {
      const issue = requireIssue(call)
      const { length } = issue.worklogs
      const worklogs = issue.worklogs.map((one) => presentWorklog(call.world, issue, one))
      return ok({ startAt: 0, maxResults: length, total: length, worklogs })
    },
  },
  {
    method: 'POST',
    path: `${issuePath}/worklog`,
    changes: true,
    answer: (call) => {
      const issue = requireIssue(call)
      const log = readWorklog(call)
      issue.worklogs.push(log)
      issue.updated = call.world.now()
      return jsonAnswer(201, presentWorklog(call.world, issue, log))
    },
  },
]

const comments: readonly JiraRoute[] = [
  {
    method: 'PUT',
    path: `${issuePath}/comment/:comment`,
    changes: true,
    answer: (call) => {
      const issue = requireIssue(call)
      const comment = issue.comments.find(({ id }) => id === call.parameters['comment'])
      if (comment === undefined)
        throw new JiraRefusal(404, [
          `Can not find a comment for the id: ${call.parameters['comment']}.`,
        ])
      comment.body = readCommentBody(call)
      issue.updated = call.world.now()
      return ok(presentComment(call.world, issue, comment))
    },
  },
]

function readRemoteLink({ body }: JiraCall) {
  const wanted: JsonObject = isJsonObject(body) ? body : {}
  const { object, globalId } = wanted
  if (
    !isJsonObject(object) ||
    memberText(object, 'url') === '' ||
    memberText(object, 'title') === ''
  )
    throw new JiraRefusal(400, [], { title: "'title' is required.", url: "'url' is required." })
  return { globalId: scalarText(globalId), object }
}

const links: readonly JiraRoute[] = [
  {
    method: 'DELETE',
    path: `${rest}/issueLink/:link`,
    changes: true,
    answer: ({ world: { state }, parameters }) => {
      const { link: wanted } = parameters
      if (!state.links.some(({ id }) => id === wanted))
        throw new JiraRefusal(404, [`No issue link with id '${wanted}' exists.`])
      state.links = state.links.filter(({ id }) => id !== wanted)
      return emptyAnswer(204)
    },
  },
  {
    method: 'GET',
    path: `${issuePath}/remotelink`,
    answer: (call) => {
      const issue = requireIssue(call)
      const root = `${apiRoot(call.world)}/issue/${issue.key}/remotelink`
      return ok(
        issue.remoteLinks.map(({ id, globalId, object }) => ({
          id,
          self: `${root}/${id}`,
          globalId,
          object,
        })),
      )
    },
  },
  {
    method: 'POST',
    path: `${issuePath}/remotelink`,
    changes: true,
    answer: (call) => {
      const issue = requireIssue(call)
      const { globalId, object } = readRemoteLink(call)
      const before = issue.remoteLinks.find((one) => globalId !== '' && one.globalId === globalId)
      const id = before?.id ?? Number(nextId(call.world.state))
      if (before === undefined) issue.remoteLinks.push({ id, globalId, object })
      else before.object = object
      const self = `${apiRoot(call.world)}/issue/${issue.key}/remotelink/${id}`
      return jsonAnswer(before === undefined ? 201 : 200, { id, self })
    },
  },
]

const attachmentMaxBytes = 1_000_000

/** One file of a multipart body. @throws JiraRefusal */
function readFile({ raw }: JiraCall) {
  if (raw?.headers['x-atlassian-token'] !== 'no-check')
    throw new JiraRefusal(403, ['XSRF check failed'])
  const [, boundary = ''] = /boundary="?([^";]+)/.exec(raw.headers['content-type'] ?? '') ?? []
  const part = raw.body
    .toString('latin1')
    .split(`--${boundary}`)
    .find((text) => /name="?file"?;/i.test(text.slice(0, text.indexOf('\r\n\r\n'))))
  if (part === undefined) throw new JiraRefusal(400, ['The multipart member "file" is missing.'])
  const end = part.indexOf('\r\n\r\n')
  const content = Buffer.from(part.slice(end + 4, -2), 'latin1')
  if (content.length > attachmentMaxBytes) throw new JiraRefusal(413, ['The file is too large.'])
  return { ...readPartHead(part.slice(0, end)), base64: content.toString('base64') }
}

function readPartHead(head: string) {
  const [, filename = 'file'] = /filename="([^"]*)"/i.exec(head) ?? []
  const [, mimeType = 'application/octet-stream'] = /content-type:\s*(\S+)/i.exec(head) ?? []
  return { filename: Buffer.from(filename, 'latin1').toString('utf8'), mimeType }
}

function sendAttachment({ world, parameters }: JiraCall) {
  const id = parameters['attachment']
  const file = world.state.issues
    .flatMap(({ attachments }) => attachments)
    .find((one) => one.id === id)
  if (file === undefined)
    throw new JiraRefusal(404, [`The attachment with id '${id}' does not exist`])
  return bytesAnswer(file.mimeType, Buffer.from(file.base64, 'base64'))
}

const attachments: readonly JiraRoute[] = [
  {
    method: 'POST',
    path: `${issuePath}/attachments`,
    changes: true,
    takesFile: true,
    answer: (call) => {
      const issue = requireIssue(call)
      const file = {
        ...readFile(call),
        id: nextId(call.world.state),
        author: call.person.key,
        created: call.world.now(),
      }
      issue.attachments.push(file)
      issue.updated = call.world.now()
      return ok([presentAttachment(call.world, file)])
    },
  },
  {
    method: 'GET',
    path: `${rest}/attachment/content/:attachment`,
    flavour: 'cloud',
    answer: sendAttachment,
  },
  {
    method: 'GET',
    path: '/secure/attachment/:attachment/:name',
    flavour: 'dc',
    answer: sendAttachment,
  },
]

const history: readonly JiraRoute[] = [
  {
    method: 'GET',
    path: `${issuePath}/changelog`,
    flavour: 'cloud',
    answer: (call) => {
      const issue = requireIssue(call)
      const { startAt, maxResults } = readPage(call.query, 100)
      const all = presentHistory(call.world, issue)
      const values = all.slice(startAt, startAt + maxResults)
      return ok({
        self: `${apiRoot(call.world)}/issue/${issue.key}/changelog`,
        startAt,
        maxResults,
        total: all.length,
        isLast: startAt + values.length >= all.length,
        values,
      })
    },
  },
]

/** Where to, by `<project>,<type>`, and which. */
function readMove({ world, body }: JiraCall) {
  const mapping = isJsonObject(body) ? body['targetToSourcesMapping'] : undefined
  const [first] = isJsonObject(mapping) ? Object.entries(mapping) : []
  const [target = '', sources] = first ?? []
  const [projectKey = '', issueTypeId = ''] = target.split(',')
  const wanted = isJsonObject(sources) ? sources['issueIdsOrKeys'] : []
  const issues = (Array.isArray(wanted) ? wanted : []).flatMap(
    (one) => findIssue(world.state, scalarText(one)) ?? [],
  )
  return { project: findProject(world, projectKey), issueTypeId, issues }
}

/** Without sub-tasks of another type: the simulated one has one type of them. */
function moveIssues(call: JiraCall) {
  const { world } = call
  const { project, issueTypeId, issues } = readMove(call)
  if (project === undefined || issues.length === 0 || !hasType(world, project, issueTypeId))
    return jsonAnswer(400, {
      errors: [{ message: 'Some of the issues in the issueIdsOrKeys are not valid' }],
    })
  for (const issue of issues) moveInto(world, issue, { project, issueTypeId })
  const taskId = nextId(world.state)
  world.state.moves.push({ taskId, ids: issues.map(({ id }) => Number(id)), asked: 0 })
  return jsonAnswer(201, { taskId })
}

function hasType(world: JiraWorld, project: JiraProject, id: string): boolean {
  return issueTypesOf(project).some((type) => type.id === id && !type.subtask)
}

function moveInto(
  { state }: JiraWorld,
  issue: StoredIssue,
  { project, issueTypeId }: { readonly project: JiraProject; readonly issueTypeId: string },
): void {
  const before = issue.key
  const children = state.issues.filter(({ parentKey }) => parentKey === before)
  delete issue.parentKey
  issue.issueTypeId = issueTypeId
  for (const one of [issue, ...children]) {
    const number = (state.lastNumbers[project.key] ?? 0) + 1
    state.lastNumbers[project.key] = number
    one.projectKey = project.key
    one.key = `${project.key}-${number}`
  }
  for (const child of children) child.parentKey = issue.key
}

/** The first question comes while it is still at work. */
function progressOfMove({ world, parameters, person }: JiraCall) {
  const move = world.state.moves.find(({ taskId }) => taskId === parameters['task'])
  if (move === undefined) return jsonAnswer(400, { errors: [{ message: 'Invalid task ID' }] })
  move.asked += 1
  const isDone = move.asked > 1
  return ok({
    taskId: move.taskId,
    status: isDone ? 'COMPLETE' : 'RUNNING',
    progressPercent: isDone ? 100 : 0,
    submittedBy: { accountId: person.accountId },
    processedAccessibleIssues: isDone ? move.ids : [],
    failedAccessibleIssues: {},
    invalidOrInaccessibleIssueCount: 0,
    totalIssueCount: move.ids.length,
  })
}

const moves: readonly JiraRoute[] = [
  {
    method: 'POST',
    path: `${rest}/bulk/issues/move`,
    flavour: 'cloud',
    changes: true,
    answer: moveIssues,
  },
  { method: 'GET', path: `${rest}/bulk/queue/:task`, flavour: 'cloud', answer: progressOfMove },
]

export const workRoutes: readonly JiraRoute[] = [
  ...workflow,
  ...watching,
  ...time,
  ...comments,
  ...links,
  ...attachments,
  ...history,
  ...moves,
]
