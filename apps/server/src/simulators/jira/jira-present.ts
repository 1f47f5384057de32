import type { JsonObject, JsonValue } from '../json-value.ts'
import {
  issueTypes,
  linkTypes,
  priorities,
  statuses,
  type JiraField,
  type JiraIssueType,
  type JiraNamed,
  type JiraPerson,
  type JiraProject,
} from './jira-catalog.ts'
import {
  findIssue,
  type StoredAttachment,
  type StoredComment,
  type StoredIssue,
  type StoredLink,
  type StoredVersion,
} from './jira-state.ts'
import { apiRoot, fieldName, jiraTime, type JiraWorld } from './jira-world.ts'

export function presentPerson(world: JiraWorld, person: JiraPerson): JsonObject {
  const shared = {
    avatarUrls: avatarUrls(world, `/secure/useravatar?ownerId=${person.key}`),
    displayName: person.displayName,
    active: person.status === 'active',
    timeZone: person.timeZone,
  }
  if (world.flavour === 'cloud')
    return {
      self: `${apiRoot(world)}/user?accountId=${encodeURIComponent(person.accountId)}`,
      accountId: person.accountId,
      accountType: 'atlassian',
      ...(person.isEmailHidden === true ? {} : { emailAddress: person.emailAddress }),
      ...shared,
    }
  return {
    self: `${apiRoot(world)}/user?username=${encodeURIComponent(person.name)}`,
    key: person.key,
    name: person.name,
    emailAddress: person.emailAddress,
    ...shared,
    deleted: person.status === 'deleted',
  }
}

export function presentMyself(world: JiraWorld, person: JiraPerson): JsonObject {
  return {
    ...presentPerson(world, person),
    locale: person.locale,
    ...(world.flavour === 'dc' ? { lastLoginTime: jiraTime(world.now()).replace('.000', '') } : {}),
    groups: { size: 1, items: [] },
    applicationRoles: { size: 1, items: [] },
    expand: 'groups,applicationRoles',
  }
}

/** What a Jira says of a request without a valid login when it lets it in all the same. */
export function presentAnonymous(world: JiraWorld): JsonObject {
  const shared = { displayName: 'Anonymous', active: true, timeZone: 'Etc/UTC' }
  if (world.flavour === 'cloud')
    return { self: `${apiRoot(world)}/user?accountId=unknown`, accountType: 'unknown', ...shared }
  return { self: `${apiRoot(world)}/user?username=anonymous`, name: 'anonymous', ...shared }
}

function avatarUrls(world: JiraWorld, path: string): JsonObject {
  const url = `${world.baseUrl()}${path}${path.includes('?') ? '&' : '?'}`
  return {
    '48x48': `${url}avatarId=10500`,
    '24x24': `${url}size=small&avatarId=10500`,
    '16x16': `${url}size=xsmall&avatarId=10500`,
    '32x32': `${url}size=medium&avatarId=10500`,
  }
}

export function presentProject(world: JiraWorld, project: JiraProject): JsonObject {
  return {
    expand: 'description,lead,url,projectKeys',
    self: `${apiRoot(world)}/project/${project.id}`,
    id: project.id,
    key: project.key,
    name: project.name,
    avatarUrls: avatarUrls(world, `/secure/projectavatar?pid=${project.id}`),
    projectTypeKey: 'software',
    ...(world.flavour === 'cloud'
      ? { simplified: false, style: 'classic', isPrivate: false, properties: {} }
      : { archived: false }),
  }
}

export function presentProjectDetails(world: JiraWorld, project: JiraProject): JsonObject {
  const [lead] = world.people
  return {
    ...presentProject(world, project),
    description: project.description ?? '',
    ...(lead === undefined ? {} : { lead: presentPerson(world, lead) }),
    components: (project.components ?? []).map((one) => presentComponent(world, project, one)),
    issueTypes: issueTypesOf(project).map((type) => presentIssueType(world, type)),
    assigneeType: 'UNASSIGNED',
    versions: versionsOf(world, project).map((one) => presentVersion(world, project, one)),
    roles: {},
  }
}

export function issueTypesOf(project: JiraProject): readonly JiraIssueType[] {
  return issueTypes.filter(({ name }) => project.screens.some((s) => s.issueType === name))
}

export function presentIssueType(world: JiraWorld, type: JiraIssueType): JsonObject {
  return {
    self: `${apiRoot(world)}/issuetype/${type.id}`,
    id: type.id,
    description: type.description,
    iconUrl: `${world.baseUrl()}/secure/viewavatar?size=xsmall&avatarId=${type.id}&avatarType=issuetype`,
    name: type.name,
    subtask: type.subtask,
    ...(world.flavour === 'cloud' ? { hierarchyLevel: type.hierarchyLevel } : {}),
  }
}

export function presentPriority(
  world: JiraWorld,
  { id, name }: (typeof priorities)[number],
): JsonObject {
  return {
    self: `${apiRoot(world)}/priority/${id}`,
    iconUrl: `${world.baseUrl()}/images/icons/priorities/${name.toLowerCase()}.svg`,
    name,
    id,
  }
}

export function presentStatus(
  world: JiraWorld,
  { id, name, category }: (typeof statuses)[number],
): JsonObject {
  return {
    self: `${apiRoot(world)}/status/${id}`,
    description: '',
    iconUrl: `${world.baseUrl()}/images/icons/status_generic.gif`,
    name,
    id,
    statusCategory: { self: `${apiRoot(world)}/statuscategory/${category.id}`, ...category },
  }
}

export function statusOf({ statusId }: Pick<StoredIssue, 'statusId'>) {
  return statuses.find(({ id }) => id === statusId) ?? statuses[0]
}

export function presentField(world: JiraWorld, field: JiraField): JsonObject {
  const isCustom = field.id.startsWith('customfield_')
  return {
    id: field.id,
    ...(world.flavour === 'cloud' ? { key: field.id } : {}),
    name: fieldName(world, field),
    custom: isCustom,
    orderable: field.kind !== 'read-only',
    navigable: true,
    searchable: true,
    clauseNames: [...field.clauseNames],
    schema: { ...field.schema },
  }
}

export function presentComment(
  world: JiraWorld,
  issue: StoredIssue,
  comment: StoredComment,
): JsonObject {
  const author = personByKey(world, comment.author)
  return {
    self: `${apiRoot(world)}/issue/${issue.id}/comment/${comment.id}`,
    id: comment.id,
    author,
    body: comment.body,
    updateAuthor: author,
    created: jiraTime(comment.created),
    updated: jiraTime(comment.created),
    ...(world.flavour === 'cloud' ? { jsdPublic: true } : {}),
  }
}

export function presentComments(world: JiraWorld, issue: StoredIssue): JsonObject {
  const { length } = issue.comments
  return {
    comments: issue.comments.map((comment) => presentComment(world, issue, comment)),
    maxResults: length,
    total: length,
    startAt: 0,
  }
}

export function presentLinkType(world: JiraWorld, type: (typeof linkTypes)[number]): JsonObject {
  return { ...type, self: `${apiRoot(world)}/issueLinkType/${type.id}` }
}

export function personByKey(world: JiraWorld, key: string | undefined): JsonValue {
  const person = world.people.find((one) => one.key === key)
  return person === undefined ? null : presentPerson(world, person)
}

function presentShortly(world: JiraWorld, issue: StoredIssue): JsonObject {
  return {
    id: issue.id,
    key: issue.key,
    self: `${apiRoot(world)}/issue/${issue.id}`,
    fields: {
      summary: issue.summary,
      status: presentStatus(world, statusOf(issue)),
      ...priorityAndType(world, issue),
    },
  }
}

function priorityAndType(world: JiraWorld, issue: StoredIssue): JsonObject {
  const type = issueTypes.find(({ id }) => id === issue.issueTypeId)
  const priority = priorities.find(({ id }) => id === issue.priorityId)
  return {
    issuetype: type === undefined ? null : presentIssueType(world, type),
    priority: priority === undefined ? null : presentPriority(world, priority),
  }
}

function presentLinks(world: JiraWorld, issue: StoredIssue): JsonObject[] {
  return world.state.links.flatMap((link) => {
    if (link.inwardKey !== issue.key && link.outwardKey !== issue.key) return []
    const { inwardIssue, outwardIssue, ...rest } = presentLink(world, link)
    const isInward = link.inwardKey === issue.key
    return [{ ...rest, ...(isInward ? { outwardIssue } : { inwardIssue }) } as JsonObject]
  })
}

export function presentLink(world: JiraWorld, link: StoredLink): JsonObject {
  const type = linkTypes.find(({ id }) => id === link.typeId)
  const end = (key: string): JsonValue => {
    const issue = findIssue(world.state, key)
    return issue === undefined ? null : presentShortly(world, issue)
  }
  return {
    id: link.id,
    self: `${apiRoot(world)}/issueLink/${link.id}`,
    type: type === undefined ? null : presentLinkType(world, type),
    inwardIssue: end(link.inwardKey),
    outwardIssue: end(link.outwardKey),
  }
}

/** Every field of an issue; those of the catalogue that are not set are null. */
export function presentFields(world: JiraWorld, issue: StoredIssue): JsonObject {
  const project = world.projects.find(({ key }) => key === issue.projectKey)
  const parent = issue.parentKey === undefined ? undefined : findIssue(world.state, issue.parentKey)
  const children = world.state.issues.filter(({ parentKey }) => parentKey === issue.key)
  const custom = Object.fromEntries(
    world.fields
      .filter(({ id }) => id.startsWith('customfield_') || id in issue.custom)
      .map(({ id }) => [id, issue.custom[id] ?? null]),
  )
  return {
    summary: issue.summary,
    ...priorityAndType(world, issue),
    project: project === undefined ? null : presentProject(world, project),
    description: issue.description,
    labels: [...issue.labels],
    status: presentStatus(world, statusOf(issue)),
    resolution: statusOf(issue).category.key === 'done' ? presentResolution(world) : null,
    attachment: issue.attachments.map((file) => presentAttachment(world, file)),
    watches: {
      self: `${apiRoot(world)}/issue/${issue.key}/watchers`,
      watchCount: issue.watchers.length,
      isWatching: false,
    },
    versions: [],
    fixVersions: [],
    components: [],
    reporter: personByKey(world, issue.reporter),
    creator: personByKey(world, issue.creator),
    assignee: personByKey(world, issue.assignee),
    created: jiraTime(issue.created),
    updated: jiraTime(issue.updated),
    comment: presentComments(world, issue),
    issuelinks: presentLinks(world, issue),
    subtasks: children.map((child) => presentShortly(world, child)),
    ...(parent === undefined ? {} : { parent: presentShortly(world, parent) }),
    ...custom,
  }
}

/** `*all`, `*navigable`, names, and names with a minus; none of the first three means all but. */
export function selectFields(all: JsonObject, wanted: readonly string[]): JsonObject {
  const excluded = new Set(wanted.filter((n) => n.startsWith('-')).map((n) => n.slice(1)))
  const included = wanted.filter((name) => !name.startsWith('-'))
  const takesAll =
    included.length === 0 || included.includes('*all') || included.includes('*navigable')
  return Object.fromEntries(
    Object.entries(all).filter(
      ([name]) => !excluded.has(name) && (takesAll || included.includes(name)),
    ),
  )
}

export function presentIssue(
  world: JiraWorld,
  issue: StoredIssue,
  wanted: { readonly fields: readonly string[]; readonly properties: readonly string[] },
): JsonObject {
  const properties = Object.entries(issue.properties).filter(
    ([key]) => wanted.properties.includes('*all') || wanted.properties.includes(key),
  )
  return {
    expand: 'renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations',
    id: issue.id,
    self: `${apiRoot(world)}/issue/${issue.id}`,
    key: issue.key,
    fields: selectFields(presentFields(world, issue), wanted.fields),
    ...(wanted.properties.length === 0 ? {} : { properties: Object.fromEntries(properties) }),
  }
}

function presentResolution(world: JiraWorld): JsonObject {
  return {
    self: `${apiRoot(world)}/resolution/10000`,
    id: '10000',
    description: 'Work has been completed on this issue.',
    name: 'Done',
  }
}

export function presentAttachment(world: JiraWorld, file: StoredAttachment): JsonObject {
  const content =
    world.flavour === 'cloud'
      ? `${apiRoot(world)}/attachment/content/${file.id}`
      : `${world.baseUrl()}/secure/attachment/${file.id}/${encodeURIComponent(file.filename)}`
  return {
    self: `${apiRoot(world)}/attachment/${file.id}`,
    id: file.id,
    filename: file.filename,
    author: personByKey(world, file.author),
    created: jiraTime(file.created),
    size: Buffer.byteLength(file.base64, 'base64'),
    mimeType: file.mimeType,
    content,
  }
}

export function presentHistory(world: JiraWorld, issue: StoredIssue): JsonObject[] {
  return issue.history.map((entry) => ({
    id: entry.id,
    author: personByKey(world, entry.author),
    created: jiraTime(entry.created),
    items: entry.items.map(({ field, fieldId, before, after }) => ({
      field,
      fieldtype: fieldId.startsWith('customfield_') ? 'custom' : 'jira',
      ...(world.flavour === 'cloud' ? { fieldId } : {}),
      from: before,
      fromString: before,
      to: after,
      toString: after,
    })),
  }))
}

/** Data Center sends it along with the issue. */
export function presentWholeHistory(world: JiraWorld, issue: StoredIssue): JsonObject {
  const histories = presentHistory(world, issue)
  return { startAt: 0, maxResults: histories.length, total: histories.length, histories }
}

export function versionsOf(world: JiraWorld, project: JiraProject): StoredVersion[] {
  const known = (project.versions ?? []).map(({ id, name }) => ({
    id,
    name,
    projectKey: project.key,
    archived: false,
    released: false,
  }))
  const made = world.state.versions.filter(({ projectKey }) => projectKey === project.key)
  return [...known.filter(({ id }) => !made.some((one) => one.id === id)), ...made]
}

export function presentVersion(
  world: JiraWorld,
  project: JiraProject,
  { projectKey: _projectKey, ...version }: StoredVersion,
): JsonObject {
  const { id, name, description, startDate, releaseDate, archived, released } = version
  return {
    self: `${apiRoot(world)}/version/${id}`,
    id,
    name,
    archived,
    released,
    ...(description === undefined ? {} : { description }),
    ...(startDate === undefined ? {} : { startDate }),
    ...(releaseDate === undefined ? {} : { releaseDate }),
    projectId: Number(project.id),
  }
}

export function presentComponent(
  world: JiraWorld,
  project: JiraProject,
  { id, name }: JiraNamed,
): JsonObject {
  return {
    self: `${apiRoot(world)}/component/${id}`,
    id,
    name,
    description: '',
    assigneeType: 'PROJECT_DEFAULT',
    realAssigneeType: 'PROJECT_DEFAULT',
    isAssigneeTypeValid: false,
    project: project.key,
    projectId: Number(project.id),
  }
}
