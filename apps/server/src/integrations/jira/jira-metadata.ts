import { z } from 'zod'
import {
  createFieldAnswer,
  editMetaAnswer,
  fieldAnswer,
  issueTypeAnswer,
  legacyMetaAnswer,
  pageAnswer,
  projectTypesAnswer,
  searchAnswer,
} from './jira-answers.ts'
import type { JiraFlavour } from './jira-credential.ts'
import { JiraError, jiraError } from './jira-error.ts'
import type { createJiraPlanning } from './jira-planning.ts'
import type { JiraRequests } from './jira-requests.ts'

export type JiraIssueType = z.output<typeof issueTypeAnswer>
export type JiraField = z.output<typeof fieldAnswer>
/** A field of the create screen; only these may be sent with a create. */
export type JiraCreateField = z.output<typeof createFieldAnswer>

export type StoryPointsField = {
  readonly fieldId: string
  readonly name: string
  /** False: the field exists, but this type does not take it when an issue is created. */
  readonly onCreateScreen: boolean
}

type NamedField = Pick<StoryPointsField, 'fieldId' | 'name'>

type Boards = Pick<ReturnType<typeof createJiraPlanning>, 'boards' | 'boardEstimation'>

/** A project rarely has more that estimate by different fields. */
const boardsMax = 3
const pageSize = 50
const pagesMax = 20

/** Issue types, fields and where story points live, for what may be created (`external-apis.md` 2.3, 2.4). */
export function createJiraMetadata(
  requests: JiraRequests,
  { flavour, api }: { readonly flavour: JiraFlavour; readonly api: string },
  { boards, boardEstimation }: Boards,
) {
  async function readPages<T>(path: string, item: z.ZodType<T>): Promise<T[]> {
    const found: T[] = []
    for (let page = 0; page < pagesMax; page += 1) {
      const query = { startAt: page * pageSize, maxResults: pageSize }
      const answer = await requests.call({
        path,
        query,
        answer: pageAnswer.or(z.array(z.unknown())),
      })
      const items = itemsOf(answer)
      found.push(...readItems(items, item, requests.host))
      if (isLastPage(answer, items, found.length)) return found
    }
    return found
  }

  /** Jira before 8.4 has only this call, newer ones no longer have it. */
  async function readLegacy(projectKey: string) {
    const { projects } = await requests.call({
      path: `${api}/issue/createmeta`,
      query: { projectKeys: projectKey, expand: 'projects.issuetypes.fields' },
      answer: legacyMetaAnswer,
    })
    return projects[0]?.issuetypes ?? []
  }

  /** The first rung of the ladder that tells something; else why the first one did not. */
  async function firstOf<T>(rungs: readonly (() => Promise<T[]>)[]): Promise<T[]> {
    let refusal: unknown
    for (const read of rungs) {
      try {
        const found = await read()
        if (found.length > 0) return found
      } catch (error) {
        if (!(error instanceof JiraError) || !isSilence(error)) throw error
        refusal ??= error
      }
    }
    if (refusal !== undefined) throw refusal
    return []
  }

  async function legacyTypes(projectKey: string) {
    return flavour === 'dc' ? readLegacy(projectKey) : []
  }

  /** Types of the project, whether or not they may be created. */
  async function projectTypes(projectKey: string): Promise<JiraIssueType[]> {
    const path = `${api}/project/${encodeURIComponent(projectKey)}`
    return (await requests.call({ path, answer: projectTypesAnswer })).issueTypes
  }

  /** What the newest issue of the type may be changed in: the nearest thing to a hidden create screen. */
  async function fieldsOfNewest(projectKey: string, issueTypeId: string) {
    const jql = `project = "${projectKey}" AND issuetype = ${issueTypeId} ORDER BY created DESC`
    const { issues } = await requests.call({
      path: flavour === 'cloud' ? `${api}/search/jql` : `${api}/search`,
      query: { jql, maxResults: 1, fields: 'created' },
      answer: searchAnswer,
    })
    const [newest] = issues
    if (newest === undefined) return []
    const { fields } = await requests.call({
      path: `${api}/issue/${newest.id}/editmeta`,
      answer: editMetaAnswer,
    })
    return legacyFields(fields) ?? []
  }

  const typesPath = (projectKey: string) =>
    `${api}/issue/createmeta/${encodeURIComponent(projectKey)}/issuetypes`

  async function createFields(projectKey: string, issueTypeId: string): Promise<JiraCreateField[]> {
    const path = `${typesPath(projectKey)}/${encodeURIComponent(issueTypeId)}`
    return firstOf([
      () => readPages(path, createFieldAnswer),
      async () => {
        const types = await legacyTypes(projectKey)
        return legacyFields(types.find(({ id }) => id === issueTypeId)?.fields) ?? []
      },
      () => fieldsOfNewest(projectKey, issueTypeId),
    ])
  }

  const fieldList = (): Promise<JiraField[]> =>
    requests.call({ path: `${api}/field`, answer: z.array(fieldAnswer) })

  /** What the boards of a project estimate by; a Jira without boards, or one that hides them, has none. */
  async function estimatedBy(projectKey: string): Promise<ReadonlySet<string>> {
    try {
      const found = await boards({ projectKey, type: 'scrum', limit: boardsMax })
      const fields = await Promise.all(found.boards.map(({ id }) => boardEstimation(id)))
      return new Set(fields.flatMap((field) => field?.fieldId ?? []))
    } catch (error) {
      if (error instanceof JiraError && isSilence(error)) return new Set()
      throw error
    }
  }

  /** The field of a create screen that the boards of its project estimate by; else the one that is called so. */
  async function storyPointsOf(
    projectKey: string,
    fields: Promise<readonly JiraCreateField[]>,
  ): Promise<NamedField | undefined> {
    const [known, estimated] = await Promise.all([fields, estimatedBy(projectKey)])
    const field = known.find(({ fieldId }) => estimated.has(fieldId))
    return field === undefined
      ? pickStoryPoints(known.map(({ fieldId: id, ...rest }) => ({ id, ...rest })))
      : { fieldId: field.fieldId, name: field.name }
  }

  return {
    issueTypes: (projectKey: string): Promise<JiraIssueType[]> =>
      firstOf<JiraIssueType>([
        () => readPages(typesPath(projectKey), issueTypeAnswer),
        () => legacyTypes(projectKey),
        () => projectTypes(projectKey),
      ]),

    createFields,

    /** Every field of this Jira, on whatever screen. */
    fields: fieldList,

    storyPointsOf,

    async storyPointsField(
      projectKey: string,
      issueTypeId: string,
    ): Promise<StoryPointsField | undefined> {
      const onScreen = await storyPointsOf(projectKey, createFields(projectKey, issueTypeId))
      if (onScreen !== undefined) return { ...onScreen, onCreateScreen: true }
      const elsewhere = pickStoryPoints(await fieldList())
      return elsewhere === undefined ? undefined : { ...elsewhere, onCreateScreen: false }
    },
  }
}

/** It is there, and does not tell: hardened, of another age, or by its permissions. */
function isSilence({ kind, status }: JiraError): boolean {
  return ['not-found', 'forbidden', 'rejected'].includes(kind) || status === 405
}

type Page = z.output<typeof pageAnswer> | unknown[]

function itemsOf(page: Page): readonly unknown[] {
  if (Array.isArray(page)) return page
  const { values, issueTypes, fields, createMetaIssueType, results } = page
  return values ?? issueTypes ?? fields ?? createMetaIssueType ?? results ?? []
}

function isLastPage(page: Page, items: readonly unknown[], count: number): boolean {
  if (Array.isArray(page) || items.length === 0) return true
  if (page.isLast !== undefined) return page.isLast
  return page.total === undefined ? items.length < pageSize : count >= page.total
}

function readItems<T>(items: readonly unknown[], item: z.ZodType<T>, host: string): T[] {
  return items.map((value) => {
    const parsed = item.safeParse(value)
    if (parsed.success) return parsed.data
    const paths = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ')
    const detail = `an item lacks what we need: ${paths}`
    throw jiraError({ kind: 'unexpected-answer', host, detail })
  })
}

function legacyFields(fields: Record<string, object> | undefined): JiraCreateField[] | undefined {
  if (fields === undefined) return undefined
  return Object.entries(fields).map(([fieldId, field]) =>
    createFieldAnswer.parse({ fieldId, ...field }),
  )
}

const estimateType = 'com.pyxis.greenhopper.jira:jsw-story-points'
const numberType = 'com.atlassian.jira.plugin.system.customfieldtypes:float'
/** Jira translates field names; these are the ones that its own language packs use. */
const pointNames = new Set([
  'story points',
  'story point estimate',
  'נקודות סיפור',
  'הערכת נקודות סיפור',
  'story-punkte',
  'story points-schätzung',
  'puntos de historia',
  'estimación de story points',
  'points de story',
  "points d'histoire",
  'estimation des points de story',
])

function pickStoryPoints(fields: readonly JiraField[]): NamedField | undefined {
  const found =
    fields.find(({ schema, name }) => isNumber(schema) && isPointName(name)) ??
    fields.find(({ schema }) => schema?.custom === estimateType)
  return found === undefined ? undefined : { fieldId: found.id, name: found.name }
}

function isNumber(schema: JiraField['schema']): boolean {
  return schema?.custom === numberType || schema?.custom === estimateType
}

function isPointName(name: string): boolean {
  return pointNames.has(name.trim().toLowerCase().replaceAll('’', "'"))
}
