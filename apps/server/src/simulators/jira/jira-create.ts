import {
  isJsonObject,
  memberText,
  scalarText,
  type JsonObject,
  type JsonValue,
} from '../json-value.ts'
import { findAdfFault } from './adf-check.ts'
import {
  issueTypes,
  priorities,
  type FieldKind,
  type JiraField,
  type JiraIssueType,
  type JiraNamed,
  type JiraOption,
  type JiraPerson,
  type JiraProject,
} from './jira-catalog.ts'
import { presentOption, screenFields, type ScreenField } from './jira-metadata.ts'
import { issueTypesOf, personByKey, versionsOf } from './jira-present.ts'
import { addIssue, findIssue, nextId, type StoredIssue } from './jira-state.ts'
import { findPerson, findProject, JiraRefusal, type JiraWorld } from './jira-world.ts'

type Checked = { readonly value: JsonValue } | { readonly error: string }
type Check = (world: JiraWorld, field: JiraField, value: JsonValue) => Checked

/**
 * Creates an issue as Jira does: all of the body is checked against the create screen first.
 *
 * @throws JiraRefusal
 */
export function createIssue(world: JiraWorld, body: JsonValue, creator: JiraPerson): StoredIssue {
  const fields = fieldsOfBody(body)
  const { project, type } = readTarget(world, fields)
  if (project.refusesCreate === true)
    throw new JiraRefusal(world.flavour === 'cloud' ? 403 : 400, [], {
      project: 'You do not have permission to create issues in this project.',
    })
  const checked = checkFields(world, fields, { project, type })
  const properties = readProperties(body)
  const text = (name: string): string => scalarText(checked[name])
  const optional = (name: string): { [member: string]: string } =>
    typeof checked[name] === 'string' ? { [name]: text(name) } : {}
  const parentKey = checked['parent']
  const now = world.now()
  return addIssue(world.state, {
    projectKey: project.key,
    issueTypeId: type.id,
    summary: text('summary').trim(),
    description: checked['description'] ?? null,
    labels: [...new Set((checked['labels'] ?? []) as string[])],
    priorityId: checked['priority'] === undefined ? priorities[2].id : text('priority'),
    reporter: checked['reporter'] === undefined ? creator.key : text('reporter'),
    creator: creator.key,
    ...optional('assignee'),
    ...(typeof parentKey === 'string' ? { parentKey } : {}),
    custom: Object.fromEntries(Object.entries(checked).filter(([name]) => !ownMembers.has(name))),
    properties,
    comments: [],
    created: now,
    updated: now,
  })
}

/** What an issue holds by itself; everything else it holds as it was sent. */
const ownMembers = new Set([
  'project',
  'issuetype',
  'summary',
  'description',
  'labels',
  'priority',
  'reporter',
  'assignee',
  'parent',
])

/**
 * Changes an issue as its edit screen allows, and notes what changed.
 *
 * @throws JiraRefusal
 */
export function changeIssue(
  world: JiraWorld,
  issue: StoredIssue,
  { body, author }: { body: JsonValue; author: JiraPerson },
): void {
  const { project, type } = targetOf(world, issue)
  const fields = withOperations(issue, body)
  const screen = screenFields(world, project, type)
  const { checked, errors } = checkEach({ world, screen }, fields)
  for (const { field, required } of screen)
    if (required && fields[field.id] === null) errors[field.id] = missingText(field)
  if (Object.keys(errors).length > 0) throw new JiraRefusal(400, [], errors)
  const items = Object.keys(fields).map((name) => {
    const before = holdText(issue, name)
    assignField(issue, name, checked[name])
    return { field: name, fieldId: name, before, after: holdText(issue, name) }
  })
  const changed = items.filter(({ before, after }) => before !== after)
  issue.updated = world.now()
  if (changed.length > 0)
    issue.history.push({
      id: nextId(world.state),
      author: author.key,
      created: world.now(),
      items: changed,
    })
}

function targetOf(world: JiraWorld, issue: StoredIssue) {
  const project = world.projects.find(({ key }) => key === issue.projectKey)
  const type = issueTypes.find(({ id }) => id === issue.issueTypeId)
  if (project === undefined || type === undefined) throw new JiraRefusal(404, ['No such issue.'])
  return { project, type }
}

/** `fields`, and the operations of `update` on labels. */
function withOperations(issue: StoredIssue, body: JsonValue): JsonObject {
  const { fields, update } = isJsonObject(body) ? body : {}
  const labels = isJsonObject(update) ? labelsAfter(issue, update['labels']) : undefined
  const changed: JsonObject = {
    ...(isJsonObject(fields) ? fields : {}),
    ...(labels === undefined ? {} : { labels }),
  }
  if (Object.keys(changed).length === 0)
    throw new JiraRefusal(400, ["one of 'fields' or 'update' required"])
  return changed
}

function labelsAfter({ labels }: StoredIssue, operations: JsonValue | undefined) {
  if (!Array.isArray(operations)) return undefined
  const after = new Set(labels)
  for (const operation of operations.filter(isJsonObject)) {
    if (operation['add'] !== undefined) after.add(scalarText(operation['add']))
    if (operation['remove'] !== undefined) after.delete(scalarText(operation['remove']))
  }
  return [...after]
}

function holdText(issue: StoredIssue, name: string): string {
  const own: Record<string, JsonValue | undefined> = { ...issue, parent: issue.parentKey ?? null }
  const value = name === 'priority' ? issue.priorityId : (own[name] ?? issue.custom[name])
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : scalarText(value)
}

function assignField(issue: StoredIssue, name: string, value: JsonValue | undefined): void {
  const text = scalarText(value)
  const setters: Record<string, () => void> = {
    summary: () => (issue.summary = text.trim()),
    description: () => (issue.description = value ?? null),
    labels: () => (issue.labels = [...new Set((value ?? []) as string[])]),
    priority: () => (issue.priorityId = value === undefined ? priorities[2].id : text),
    reporter: () => (issue.reporter = text),
    assignee: () => {
      if (value === undefined) delete issue.assignee
      else issue.assignee = text
    },
    parent: () => {
      if (value === undefined) delete issue.parentKey
      else issue.parentKey = text
    },
  }
  const set = setters[name]
  if (set !== undefined) set()
  else if (value === undefined) delete issue.custom[name]
  else issue.custom[name] = value
}

function fieldsOfBody(body: JsonValue): JsonObject {
  const fields = isJsonObject(body) ? body['fields'] : undefined
  if (fields === undefined) throw new JiraRefusal(400, ["one of 'fields' or 'update' required"])
  if (!isJsonObject(fields))
    throw new JiraRefusal(400, [
      'Invalid request payload. Refer to the REST API documentation and try again.',
    ])
  return fields
}

function readTarget(
  world: JiraWorld,
  fields: JsonObject,
): { project: JiraProject; type: JiraIssueType } {
  const project = findProject(world, memberText(fields['project'], 'key', 'id'))
  if (project === undefined)
    throw new JiraRefusal(400, [], {
      project: world.flavour === 'dc' ? 'project is required' : 'Specify a valid project ID or key',
    })
  const type = issueTypesOf(project).find(({ id, name }) =>
    [id, name].includes(memberText(fields['issuetype'], 'id', 'name')),
  )
  if (type === undefined)
    throw new JiraRefusal(400, [], {
      issuetype: world.flavour === 'dc' ? 'issue type is required' : 'Specify a valid issue type',
    })
  return { project, type }
}

function checkFields(
  world: JiraWorld,
  fields: JsonObject,
  { project, type }: { project: JiraProject; type: JiraIssueType },
): JsonObject {
  const screen = screenFields(world, project, type)
  const { checked, errors } = checkEach({ world, screen }, fields)
  for (const entry of screen)
    if (isMissing(entry, checked)) errors[entry.field.id] ??= missingText(entry.field)
  if (Object.keys(errors).length > 0) throw new JiraRefusal(400, [], errors)
  return checked
}

function checkEach(
  { world, screen }: { world: JiraWorld; screen: readonly ScreenField[] },
  fields: JsonObject,
): { checked: JsonObject; errors: Record<string, string> } {
  const checked: JsonObject = {}
  const errors: Record<string, string> = {}
  for (const [name, value] of Object.entries(fields)) {
    const entry = screen.find(({ field }) => field.id === name)
    if (entry === undefined) {
      errors[name] =
        `Field '${name}' cannot be set. It is not on the appropriate screen, or unknown.`
      continue
    }
    if (value === null) continue
    const result = checks[entry.field.kind](world, entry.field, value)
    if ('error' in result) errors[name] = result.error
    else checked[name] = result.value
  }
  return { checked, errors }
}

function isMissing(
  { field, required, hasDefaultValue }: ScreenField,
  checked: JsonObject,
): boolean {
  if (!required || hasDefaultValue) return false
  const value = checked[field.id]
  if (Array.isArray(value)) return value.length === 0
  return value === undefined || (typeof value === 'string' && value.trim() === '')
}

function missingText({ id, name }: JiraField): string {
  if (id === 'summary') return 'You must specify a summary of the issue.'
  if (id === 'parent') return 'Issue type is a sub-task but parent issue key or id not specified.'
  return `${name} is required.`
}

const checks: Record<FieldKind, Check> = {
  text: (world, field, value) => {
    if (typeof value !== 'string') return { error: 'Operation value must be a string' }
    if (/[\r\n]/.test(value))
      return { error: 'The summary is invalid because it contains newline characters.' }
    if (value.length <= 255) return { value }
    if (field.id !== 'summary')
      return {
        error: 'The entered text is too long. It exceeds the allowed limit of 255 characters.',
      }
    return {
      error:
        world.flavour === 'dc'
          ? 'Summary must be less than 255 characters.'
          : "Summary can't exceed 255 characters.",
    }
  },
  'long-text': (world, field, value) => {
    if (world.flavour === 'cloud') return checkDocument(value)
    if (typeof value !== 'string') return { error: 'Operation value must be a string' }
    if (value.length <= 32_767) return { value }
    return {
      error: `The entered text is too long. It exceeds the allowed limit of 32,767 characters. (${field.id})`,
    }
  },
  labels: (_world, _field, value) => {
    if (!Array.isArray(value) || value.some((label) => typeof label !== 'string'))
      return { error: 'Operation value must be an array of strings' }
    const spaced = value.find((label) => /\s/.test(scalarText(label)))
    if (spaced !== undefined)
      return { error: `The label '${scalarText(spaced)}' contains spaces which is invalid.` }
    const long = value.find((label) => scalarText(label).length > 255)
    return long === undefined ? { value } : { error: 'The label must be 255 characters or less.' }
  },
  number: (_world, _field, value) =>
    typeof value === 'number' ? { value } : { error: 'Operation value must be a number' },
  option: (world, { options }, value) => checkOption(world, options, value),
  options: (world, { options }, value) =>
    checkList(value, (one) => checkOption(world, options, one)),
  cascading: (world, { options }, value) => {
    const parent = checkOption(world, options, value)
    const child = isJsonObject(value) ? value['child'] : undefined
    if ('error' in parent || child === undefined) return parent
    const id = memberText(parent.value, 'id')
    const checked = checkOption(world, options?.find((one) => one.id === id)?.children, child)
    if ('error' in checked) return checked
    return { value: { ...(parent.value as JsonObject), child: checked.value } }
  },
  people: (world, field, value) =>
    checkList(value, (one) => {
      const found = checks.person(world, field, one)
      return 'error' in found ? found : { value: personByKey(world, scalarText(found.value)) }
    }),
  date: (_world, { name }, value) =>
    typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value)
      ? { value }
      : { error: `Error parsing date string: ${scalarText(value)} (${name})` },
  datetime: (_world, { name }, value) =>
    typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}[+-]\d{4}$/.test(value)
      ? { value }
      : { error: `Error parsing time: ${scalarText(value)} (${name})` },
  url: (_world, _field, value) =>
    typeof value === 'string' && /^(https?|ftp):\/\/\S+$/.test(value)
      ? { value }
      : { error: 'Not a valid URL' },
  group: (_world, _field, value) =>
    memberText(value, 'name') === ''
      ? { error: 'data was not an object with a name' }
      : { value: { name: memberText(value, 'name') } },
  team: (_world, { options }, value) =>
    typeof value === 'string' && options?.some(({ id }) => id === value) === true
      ? { value }
      : { error: `Team '${scalarText(value)}' does not exist` },
  sprint: (world, _field, value) =>
    typeof value === 'number' && world.state.sprints.some(({ id }) => id === value)
      ? { value }
      : { error: 'Number value expected as the Sprint id.' },
  component: (world, _field, value) =>
    checkNamed(value, {
      what: 'Component',
      list: world.projects.flatMap(({ components }) => components ?? []),
    }),
  version: (world, _field, value) =>
    checkNamed(value, { what: 'Version', list: allVersions(world) }),
  'one-version': (world, _field, value) => {
    const checked = checkNamed([value], { what: 'Version', list: allVersions(world) })
    return 'error' in checked ? checked : { value: (checked.value as JsonValue[])[0] ?? null }
  },
  priority: (_world, _field, value) => {
    const wanted = memberText(value, 'id', 'name')
    const priority = priorities.find(({ id, name }) => id === wanted || name === wanted)
    return priority === undefined
      ? { error: 'The priority selected is invalid.' }
      : { value: priority.id }
  },
  person: (world, _field, value) => {
    const id =
      world.flavour === 'dc'
        ? memberText(value, 'name', 'key')
        : memberText(value, 'id', 'accountId')
    const person = findPerson(world, id)
    return person === undefined || person.status !== 'active'
      ? { error: `User '${id}' does not exist.` }
      : { value: person.key }
  },
  parent: (world, _field, value) => {
    const parent = findIssue(world.state, memberText(value, 'key', 'id'))
    return parent === undefined
      ? { error: 'Could not find issue by id or key.' }
      : { value: parent.key }
  },
  'epic-link': (world, _field, value) => {
    const epic = typeof value === 'string' ? findIssue(world.state, value) : undefined
    return epic === undefined
      ? { error: `The issue '${scalarText(value)}' is not an epic or does not exist.` }
      : { value: epic.key }
  },
  project: (_world, _field, value) => ({ value }),
  'issue-type': (_world, _field, value) => ({ value }),
  'read-only': (_world, field) => ({ error: `Field '${field.id}' cannot be set.` }),
}

function checkOption(
  world: JiraWorld,
  options: readonly JiraOption[] | undefined,
  value: JsonValue,
): Checked {
  const wanted = memberText(value, 'id', 'value')
  const option = options?.find((one) => one.id === wanted || one.value === wanted)
  if (option === undefined) return { error: `Option value '${wanted}' is not valid` }
  const { children: _children, ...own } = option
  return { value: presentOption(world, own) }
}

function checkList(value: JsonValue, check: (one: JsonValue) => Checked): Checked {
  if (!Array.isArray(value)) return { error: 'data was not an array' }
  const values: JsonValue[] = []
  for (const one of value) {
    const checked = check(one)
    if ('error' in checked) return checked
    values.push(checked.value)
  }
  return { value: values }
}

function checkNamed(
  value: JsonValue,
  { what, list }: { what: string; list: readonly JiraNamed[] },
): Checked {
  return checkList(value, (one) => {
    const wanted = memberText(one, 'id', 'name')
    const found = list.find(({ id, name }) => id === wanted || name === wanted)
    return found === undefined
      ? { error: `${what} name '${wanted}' is not valid` }
      : { value: { id: found.id, name: found.name } }
  })
}

function allVersions(world: JiraWorld): JiraNamed[] {
  return world.projects.flatMap((project) => versionsOf(world, project))
}

/** A description or a comment of Jira Cloud. */
export function checkDocument(value: JsonValue): Checked {
  const error = 'Operation value must be an Atlassian Document (see the Atlassian Document Format)'
  if (!isJsonObject(value) || value['type'] !== 'doc' || value['version'] !== 1) return { error }
  const fault = findAdfFault(value)
  if (fault === undefined) return { value }
  throw new JiraRefusal(400, ['INVALID_INPUT', `The simulator explains: ${fault}`])
}

function readProperties(body: JsonValue): Record<string, JsonValue> {
  const list = isJsonObject(body) ? (body['properties'] ?? []) : []
  if (!Array.isArray(list)) throw new JiraRefusal(400, ['Properties must be a list.'])
  return Object.fromEntries(
    list.map((entry) => {
      if (!isJsonObject(entry) || typeof entry['key'] !== 'string')
        throw new JiraRefusal(400, ['A property needs a key and a value.'])
      return [entry['key'], entry['value'] ?? null]
    }),
  )
}
