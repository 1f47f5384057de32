import type { JiraFlavour } from '@studioops/contracts/accounts'
import type { ErrorCode, Facts } from '@studioops/contracts/errors'
import type { JiraField } from '@studioops/contracts/stories'
import { z } from 'zod'
import {
  type FormField,
  type FormOption,
  formFieldOf,
  problemOf,
  toJiraValue,
} from '../../integrations/jira/jira-create-form.ts'
import {
  type ExplainedRefusal,
  explainRefusal,
  type RefusedField,
  refusedFields,
  type RefusalReason,
} from '../../integrations/jira/jira-create-refusal.ts'
import type { JiraFailure } from '../../integrations/jira/jira-error.ts'
import type { JiraTools } from '../../integrations/mcp/jira/jira-tool-calls.ts'
import { withoutAbsent } from '../../platform/values/without-absent.ts'
import type { CreateScreen, IssuePayload } from './stories.payload.ts'
import type { FieldMemory } from './stories.store.ts'

/** A field that the person fills in, with what they chose. */
export type AskedField = {
  readonly field: FormField
  readonly values: readonly string[]
  readonly isRemembered: boolean
}

type Place = { readonly projectKey: string; readonly issueType: string }

/** Filled by the story itself, or by Jira. */
const ownFields: ReadonlySet<string> = new Set([
  'project',
  'issuetype',
  'summary',
  'description',
  'labels',
  'reporter',
])

/** What the create screen of the type takes, by whichever way this Jira tells it. */
export async function readScreen(
  tools: JiraTools,
  { projectKey, issueType }: Place,
): Promise<CreateScreen> {
  const types = await tools.issueTypes(projectKey)
  const type = types.find(({ name }) => name === issueType)
  if (type === undefined)
    return {
      hasLabels: false,
      hasDescription: true,
      storyPoints: undefined,
      fields: [],
      required: [],
    }
  const { fields, storyPointsFieldId } = await tools.createFields(projectKey, type.id)
  const points = fields.find(({ id }) => id === storyPointsFieldId)
  const has = (wanted: string) => fields.some(({ id }) => id === wanted)
  const epicName = fields.find(({ custom = '' }) => custom.endsWith(':gh-epic-label'))
  const required = fields.filter(
    ({ id, required: isRequired, hasDefaultValue }) =>
      isRequired &&
      !hasDefaultValue &&
      !ownFields.has(id) &&
      id !== storyPointsFieldId &&
      id !== epicName?.id,
  )
  const forms = required.map(formFieldOf)
  return {
    hasLabels: has('labels'),
    hasDescription: has('description'),
    storyPoints: points === undefined ? undefined : { id: points.id, name: points.name },
    ...withoutAbsent({ epicNameField: epicName?.id }),
    fields: fields.map(({ id, name }) => ({ id, name })),
    required: await withOffers(tools, projectKey, forms),
  }
}

const isPerson = ({ kind }: FormField) => kind === 'user' || kind === 'users'
const isSprint = ({ kind, sends }: FormField) => kind === 'choice' && sends === 'number'

/** People and sprints are offered, not typed, although the screen does not list them. */
async function withOffers(
  tools: JiraTools,
  projectKey: string,
  forms: readonly FormField[],
): Promise<FormField[]> {
  const people = forms.some(isPerson) ? await tools.assignableUsers(projectKey).catch(() => []) : []
  const sprints = forms.some(isSprint) ? await tools.openSprints(projectKey).catch(() => []) : []
  const offer = (field: FormField, options: readonly FormOption[]) =>
    options.length === 0 ? field : { ...field, options }
  return forms.map((field) => {
    if (isPerson(field))
      return offer(
        field,
        people.map(({ id, displayName }) => ({ id, label: displayName })),
      )
    if (!isSprint(field)) return field
    return offer(
      field,
      sprints.map(({ id, name }) => ({ id, label: name })),
    )
  })
}

const formField = z.custom<FormField>((value) => typeof value === 'object' && value !== null)
const chosenValues = z.array(z.string()).catch([])
const storyValues = z.record(z.string(), z.array(z.string())).catch({})

/** The screen without what a refusal of Jira has taught to leave out. */
export function screenAsLearned(
  screen: CreateScreen,
  memory: readonly FieldMemory[],
): CreateScreen {
  const left = new Set(
    memory.filter(({ rule }) => rule === 'not-on-screen').map(({ field_id: id }) => id),
  )
  const { storyPoints, epicNameField } = screen
  return {
    ...screen,
    hasLabels: screen.hasLabels && !left.has('labels'),
    hasDescription: screen.hasDescription && !left.has('description'),
    storyPoints: storyPoints !== undefined && left.has(storyPoints.id) ? undefined : storyPoints,
    ...(epicNameField !== undefined && left.has(epicNameField) ? { epicNameField: undefined } : {}),
    required: screen.required.filter(({ id }) => !left.has(id)),
  }
}

/** What is asked for a story: required by the screen, or by a refusal; with what was chosen. */
export function askedFields(
  required: readonly FormField[],
  memory: readonly FieldMemory[],
  ofStory: unknown,
): AskedField[] {
  const chosen = storyValues.parse(ofStory)
  const learned = memory
    .filter(
      ({ rule, field_id: id }) => rule === 'required' && !required.some((one) => one.id === id),
    )
    .flatMap(({ field }) => {
      const read = formField.safeParse(field)
      return read.success ? [read.data] : []
    })
  return [...required, ...learned].map((field) => {
    const own = chosen[field.id]
    const before = chosenValues.parse(
      memory.find(({ field_id: id }) => id === field.id)?.chosen ?? [],
    )
    const isUsable = before.length > 0 && problemOf(field, before) === undefined
    return own === undefined && isUsable
      ? { field, values: before, isRemembered: true }
      : { field, values: own ?? [], isRemembered: false }
  })
}

/** What of it can be sent. */
export function filledFields(
  asked: readonly AskedField[],
  flavour: JiraFlavour,
): Record<string, unknown> {
  return Object.fromEntries(
    asked
      .filter(({ field, values }) => problemOf(field, values) === undefined)
      .map(({ field, values }) => [field.id, toJiraValue(field, values, flavour)]),
  )
}

export function presentAsked({ field, values, isRemembered }: AskedField): JiraField {
  const { id, name, kind, options } = field
  return {
    id,
    name,
    kind,
    values: [...values],
    isRemembered,
    ...withoutAbsent({
      problem: problemOf(field, values),
      options: options?.map((option) => ({
        id: option.id,
        label: option.label,
        ...withoutAbsent({ children: option.children && [...option.children] }),
      })),
    }),
  }
}

const codes: Readonly<Record<RefusalReason, ErrorCode>> = {
  required: 'jira.field-required',
  'not-on-screen': 'jira.field-not-on-screen',
  invalid: 'jira.field-invalid',
  'not-permitted': 'jira.create-not-permitted',
}

export type Learned = { readonly code: ErrorCode; readonly facts: Facts }

type Refusal = {
  readonly failure: JiraFailure
  readonly payload: IssuePayload
  readonly screen: CreateScreen | undefined
}

/**
 * What a refused create teaches about its fields. Fields that no screen has named are looked up in
 * the list of all fields, so that they can be asked for by name and kind.
 */
export async function learnFrom(tools: JiraTools, { failure, payload, screen }: Refusal) {
  const ids = Object.keys(failure.fields)
  const sent = {
    project: payload.projectKey,
    issuetype: payload.issueType,
    summary: payload.summary,
    ...(payload.description === '' ? {} : { description: payload.description }),
    ...payload.additionalFields,
  }
  const known = [...(screen?.required ?? [])]
  for (const id of ids) {
    if (known.some((one) => one.id === id)) continue
    known.push(await lookUp(tools, { id, screen, projectKey: payload.projectKey }))
  }
  const onScreen = screen === undefined ? undefined : new Set(screen.fields.map(({ id }) => id))
  const refused = refusedFields(failure, {
    fields: sent,
    known,
    screen: onScreen?.size === 0 ? undefined : onScreen,
  })
  const explained = explainRefusal(refused)
  return { refused, told: explained && tell(explained, payload) }
}

function tell(
  { reason, fields, values, words }: ExplainedRefusal,
  { projectKey }: IssuePayload,
): Learned {
  return { code: codes[reason], facts: { fields, values, reason: words, project: projectKey } }
}

type Unknown = {
  readonly id: string
  readonly screen: CreateScreen | undefined
  readonly projectKey: string
}

async function lookUp(tools: JiraTools, { id, screen, projectKey }: Unknown): Promise<FormField> {
  const found = await tools.fields(id).catch(() => [])
  const field = found.find((one) => one.id === id)
  const name = field?.name ?? screen?.fields.find((one) => one.id === id)?.name ?? id
  const { type = 'string', items, customType: custom } = field ?? {}
  const described = { id, name, type, system: id, ...withoutAbsent({ items, custom }) }
  const form = formFieldOf(described)
  if (!choiceKinds.has(form.kind)) return form
  return formFieldOf({ ...described, allowedValues: await choicesInUse(tools, projectKey, id) })
}

const choiceKinds: ReadonlySet<string> = new Set(['choice', 'choices', 'cascade'])

const usedChoice = z.object({
  id: z.string(),
  name: z.string().optional(),
  value: z.string().optional(),
})

/** What other issues of the project hold there: all that a person can know who is shown no screen. */
async function choicesInUse(tools: JiraTools, projectKey: string, id: string) {
  const clause = id.startsWith('customfield_') ? `cf[${id.slice('customfield_'.length)}]` : id
  const jql = `project = "${projectKey}" AND ${clause} is not EMPTY ORDER BY created DESC`
  const issues = await tools.search(jql, 50, id).catch(() => [])
  const used = issues
    .flatMap(({ fields = {} }) => fields[id])
    .flatMap((value) => {
      const read = usedChoice.safeParse(value)
      return read.success ? [{ id: read.data.id, name: read.data.value ?? read.data.name }] : []
    })
  const byId = new Map(used.map((one) => [one.id, one]))
  return byId.size === 0 ? undefined : [...byId.values()]
}

/** Rules that are worth keeping. What is only wrong this time teaches nothing. */
export function rulesOf(refused: readonly RefusedField[]) {
  return refused.flatMap(({ field, reason }) =>
    reason === 'required' || reason === 'not-on-screen' ? [{ field, rule: reason }] : [],
  )
}
