import type { JsonObject, JsonValue } from '../json-value.ts'
import {
  issueTypes,
  priorities,
  type FieldKind,
  type JiraField,
  type JiraIssueType,
  type JiraOption,
  type JiraProject,
} from './jira-catalog.ts'
import {
  issueTypesOf,
  presentComponent,
  presentIssueType,
  presentPriority,
  presentProject,
  presentVersion,
  versionsOf,
} from './jira-present.ts'
import type { StoredIssue } from './jira-state.ts'
import { apiRoot, fieldName, JiraRefusal, type JiraWorld } from './jira-world.ts'

export type ScreenField = {
  readonly field: JiraField
  readonly required: boolean
  readonly hasDefaultValue: boolean
}

const everywhere = ['summary', 'issuetype', 'project', 'description', 'reporter']
const alwaysRequired = new Set(['summary', 'issuetype', 'project', 'reporter'])
const withDefault = new Set(['reporter', 'priority', 'assignee'])

/** The create screen of one issue type, in its order. Empty when the project lacks the type. */
export function screenFields(
  world: JiraWorld,
  project: JiraProject,
  type: JiraIssueType,
): readonly ScreenField[] {
  const screen = project.screens.find(({ issueType }) => issueType === type.name)
  if (screen === undefined) return []
  const defaulted = new Set(screen.defaulted)
  const hasParent = type.subtask || (world.flavour === 'cloud' && type.hierarchyLevel < 1)
  const shared = everywhere.filter((id) => id !== 'description' || screen.hidesDescription !== true)
  const ids = [...shared, ...screen.fields, ...(hasParent ? ['parent'] : [])]
  return ids.flatMap((id) => {
    const field = world.fields.find((one) => one.id === id)
    if (field === undefined) return []
    const required =
      alwaysRequired.has(id) ||
      (screen.required ?? []).includes(id) ||
      (id === 'parent' && type.subtask)
    return [{ field, required, hasDefaultValue: withDefault.has(id) || defaulted.has(id) }]
  })
}

/** @throws JiraRefusal */
export function requireProject(world: JiraWorld, idOrKey: string): JiraProject {
  const wanted = idOrKey.toUpperCase()
  const project = world.projects.find(({ id, key }) => id === idOrKey || key === wanted)
  if (project !== undefined) return project
  throw new JiraRefusal(404, [
    world.flavour === 'dc'
      ? `No project could be found with key '${idOrKey}'.`
      : `No project could be found with key or id '${idOrKey}'.`,
  ])
}

export function presentCreateTypes(world: JiraWorld, project: JiraProject, page: Page): JsonObject {
  const types = project.hidesMetadata === true ? [] : issueTypesOf(project)
  const items = types.map((type) => presentIssueType(world, type))
  return presentPage(world, { items, page, cloudMember: 'issueTypes' })
}

/** @throws JiraRefusal */
export function presentCreateFields(
  world: JiraWorld,
  where: { readonly project: JiraProject; readonly typeId: string },
  page: Page,
): JsonObject {
  const type = issueTypesOf(where.project).find(({ id }) => id === where.typeId)
  if (type === undefined || where.project.hidesMetadata === true)
    throw new JiraRefusal(400, [
      `The issue type '${where.typeId}' is not available for project '${where.project.key}'.`,
    ])
  const items = screenFields(world, where.project, type).map((entry) =>
    presentScreenField(world, entry, { project: where.project, type }),
  )
  return presentPage(world, { items, page, cloudMember: 'fields' })
}

export type Page = { readonly startAt: number; readonly maxResults: number }

function presentPage(
  world: JiraWorld,
  { items, page, cloudMember }: { items: JsonObject[]; page: Page; cloudMember: string },
): JsonObject {
  const { startAt, maxResults } = page
  const values = items.slice(startAt, startAt + maxResults)
  const total = items.length
  const { flavour, listMember } = world
  const member = listMember === 'usual' ? cloudMember : listMember
  if (flavour === 'cloud') return { maxResults, startAt, total, [member]: values }
  return { maxResults, startAt, total, isLast: startAt + values.length >= total, values }
}

type Where = { readonly project: JiraProject; readonly type: JiraIssueType }

function presentScreenField(
  world: JiraWorld,
  { field, required, hasDefaultValue }: ScreenField,
  where: Where,
): JsonObject {
  const allowedValues = allowedValuesOf(world, field, where)
  return {
    required,
    schema: { ...field.schema },
    name: fieldName(world, field),
    fieldId: field.id,
    ...(world.flavour === 'cloud' ? { key: field.id } : {}),
    ...autoComplete(world, field, where),
    hasDefaultValue,
    operations: field.schema.type === 'array' ? ['add', 'set', 'remove'] : ['set'],
    ...(allowedValues === undefined ? {} : { allowedValues }),
    ...(field.kind === 'priority' ? { defaultValue: presentPriority(world, priorities[2]) } : {}),
  }
}

function allowedValuesOf(
  world: JiraWorld,
  field: JiraField,
  { project, type }: Where,
): JsonValue[] | undefined {
  const byKind: Partial<Record<FieldKind, () => JsonValue[]>> = {
    project: () => [presentProject(world, project)],
    'issue-type': () => [presentIssueType(world, type)],
    priority: () => priorities.map((priority) => presentPriority(world, priority)),
    option: () => presentOptions(world, field),
    options: () => presentOptions(world, field),
    cascading: () => presentOptions(world, field),
    component: () => (project.components ?? []).map((one) => presentComponent(world, project, one)),
    version: () => presentVersions(world, project),
    'one-version': () => presentVersions(world, project),
  }
  return byKind[field.kind]?.()
}

function presentVersions(world: JiraWorld, project: JiraProject): JsonObject[] {
  return versionsOf(world, project).map((one) => presentVersion(world, project, one))
}

function presentOptions(world: JiraWorld, field: JiraField): JsonObject[] {
  return (field.options ?? []).map((option) => presentOption(world, option))
}

export function presentOption(world: JiraWorld, { id, value, children }: JiraOption): JsonObject {
  return {
    self: `${apiRoot(world)}/customFieldOption/${id}`,
    value,
    id,
    ...(world.flavour === 'dc' ? { disabled: false } : {}),
    ...(children === undefined
      ? {}
      : { children: children.map((child) => presentOption(world, child)) }),
  }
}

/** Everything about the named projects in one answer: the call of old. */
export function presentOldMetadata(world: JiraWorld, keys: readonly string[]): JsonObject {
  const projects = world.projects.filter(
    ({ key, hidesMetadata }) => hidesMetadata !== true && (keys.length === 0 || keys.includes(key)),
  )
  return {
    expand: 'projects',
    projects: projects.map((project) => ({
      ...presentProject(world, project),
      issuetypes: issueTypesOf(project).map((type) => ({
        ...presentIssueType(world, type),
        fields: Object.fromEntries(
          screenFields(world, project, type).map((entry) => [
            entry.field.id,
            presentScreenField(world, entry, { project, type }),
          ]),
        ),
      })),
    })),
  }
}

const notEdited = new Set(['project', 'issuetype'])

export function presentEditFields(world: JiraWorld, issue: StoredIssue): JsonObject {
  const project = world.projects.find(({ key }) => key === issue.projectKey)
  const type = issueTypes.find(({ id }) => id === issue.issueTypeId)
  if (project === undefined || type === undefined) return { fields: {} }
  const entries = screenFields(world, project, type).filter(({ field }) => !notEdited.has(field.id))
  return {
    fields: Object.fromEntries(
      entries.map((entry) => {
        const { fieldId, ...shown } = presentScreenField(world, entry, { project, type })
        return [entry.field.id, { ...shown, key: fieldId ?? entry.field.id } as JsonObject]
      }),
    ),
  }
}

function autoComplete(world: JiraWorld, field: JiraField, { project }: Where): JsonObject {
  if (field.kind === 'labels')
    return { autoCompleteUrl: `${world.baseUrl()}/rest/api/1.0/labels/suggest?query=` }
  if (field.kind === 'person')
    return {
      autoCompleteUrl: `${apiRoot(world)}/user/assignable/search?project=${project.key}&query=`,
    }
  return {}
}
