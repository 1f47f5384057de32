import {
  isJsonObject,
  memberText,
  scalarText,
  type JsonObject,
  type JsonValue,
} from '../json-value.ts'
import { findAdfFault } from './adf-check.ts'
import {
  priorities,
  type FieldKind,
  type JiraField,
  type JiraIssueType,
  type JiraPerson,
  type JiraProject,
} from './jira-catalog.ts'
import { presentOption, screenFields, type ScreenField } from './jira-metadata.ts'
import { issueTypesOf } from './jira-present.ts'
import { addIssue, findIssue, type StoredIssue } from './jira-state.ts'
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
    custom: Object.fromEntries(
      Object.entries(checked).filter(([name]) => name.startsWith('customfield_')),
    ),
    properties,
    comments: [],
    created: now,
    updated: now,
  })
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
  for (const entry of screen)
    if (isMissing(entry, checked)) errors[entry.field.id] ??= missingText(entry.field)
  if (Object.keys(errors).length > 0) throw new JiraRefusal(400, [], errors)
  return checked
}

function isMissing(
  { field, required, hasDefaultValue }: ScreenField,
  checked: JsonObject,
): boolean {
  if (!required || hasDefaultValue) return false
  const value = checked[field.id]
  return value === undefined || (typeof value === 'string' && value.trim() === '')
}

function missingText({ id, name }: JiraField): string {
  if (id === 'summary') return 'You must specify a summary of the issue.'
  if (id === 'parent') return 'Issue type is a sub-task but parent issue key or id not specified.'
  return `${name} is required.`
}

const checks: Record<FieldKind, Check> = {
  text: (world, _field, value) => {
    if (typeof value !== 'string') return { error: 'Operation value must be a string' }
    if (/[\r\n]/.test(value))
      return { error: 'The summary is invalid because it contains newline characters.' }
    if (value.length <= 255) return { value }
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
  option: (world, field, value) => {
    const wanted = memberText(value, 'id', 'value')
    const option = field.options?.find((one) => one.id === wanted || one.value === wanted)
    return option === undefined
      ? { error: `Option value '${wanted}' is not valid` }
      : { value: presentOption(world, option) }
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
