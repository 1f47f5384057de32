import { createHash } from 'node:crypto'
import type { JiraFlavour } from '@studioops/contracts/accounts'
import type { Language } from '@studioops/contracts/installation'
import type { Problem } from '@studioops/contracts/problem'
import { bareWords } from '@studioops/contracts/story-wording'
import { z } from 'zod'
import { formFieldOf } from '../../integrations/jira/jira-create-form.ts'
import { renderDescription } from '../../integrations/jira/jira-description.ts'
import { JiraError, type JiraFailure, toJiraRefusal } from '../../integrations/jira/jira-error.ts'
import { markerKey, markerOf } from '../../integrations/mcp/jira/jira-marked-create.ts'
import type { OpenedJira } from '../../integrations/mcp/jira/jira-opener.ts'
import type { JiraTools } from '../../integrations/mcp/jira/jira-tool-calls.ts'
import { requireSamePlace } from '../../platform/approval/same-place.ts'
import type { Database, Db } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import { OutsideError } from '../../platform/errors/outside-error.ts'
import { toProblem } from '../../platform/errors/problem.ts'
import { currentContext } from '../../platform/log/log.ts'
import type { ConnectionService } from '../connections/index.ts'
import type { Executor, Found, OperationRow } from '../outbox/index.ts'
import { type Learned, learnFrom, readScreen, rulesOf } from './stories.jira-fields.ts'
import { type CreateScreen, type IssuePayload, withMarker } from './stories.payload.ts'
import {
  createEpicLinkExecutor,
  createLinkExecutor,
  issueRef,
  keyOf,
  type WriteInJira,
} from './stories.steps.ts'
import * as store from './stories.store.ts'

/** Opens Jira's tools as this person, for as long as `work` takes. @throws AppError `secret.locked` */
export type OpenJira = <T>(userId: string, work: (jira: OpenedJira) => Promise<T>) => Promise<T>

/** An answer of Jira, or the last one that it gave. */
export type Known<T> = {
  readonly value: T
  readonly asOf: string
  /** Why it is not of this moment. */
  readonly stale: Problem | undefined
}

type Project = { readonly key: string; readonly name: string }
type IssueType = { readonly id: string; readonly name: string; readonly subtask: boolean }
type Place = { readonly projectKey: string; readonly issueType: string }

/** What the story creator asks Jira for; falls back to what Jira said before (D-10). */
export type JiraDesk = {
  /** @throws AppError `jira.unavailable` when Jira is away and has never answered this */
  projects(userId: string, language: Language): Promise<Known<Project[]>>
  /** @throws AppError `jira.unavailable` */
  issueTypes(asked: {
    userId: string
    projectKey: string
    language: Language
  }): Promise<Known<IssueType[]>>
  /** Undefined where Jira is away and has never told. */
  createScreen(userId: string, place: Place): Promise<CreateScreen | undefined>
  /** People to whom issues of the project can be given. @throws AppError `jira.unavailable` */
  assignees(asked: InProject): Promise<Known<{ id: string; name: string }[]>>
  /** Components that the create screen of the type offers. @throws AppError `jira.unavailable` */
  components(asked: InProject & { issueType: string }): Promise<string[]>
  /** @throws AppError `jira.unavailable` */
  linkTypes(userId: string, language: Language): Promise<Known<string[]>>
  /** By key or words. @throws AppError why Jira does not tell */
  searchIssues(userId: string, wish: IssueWish): Promise<FoundIssue[]>
  /** One issue as text. Undefined where there is none that the person may see. */
  readIssue(userId: string, key: string): Promise<IssueText | undefined>
  /** Open issues of the project with words of a summary; newest first. @throws AppError */
  issuesLike(userId: string, like: { projectKey: string; summary: string }): Promise<FoundIssue[]>
  /** What `issuesLike` said within the last minutes; undefined where nobody asked. */
  knownLike(
    userId: string,
    like: { projectKey: string; summary: string },
    transaction?: Db,
  ): Promise<FoundIssue[] | undefined>
  /** Keeps what a refused create teaches, and says it in words of the catalogue. */
  learn(tools: JiraTools, refused: RefusedCreate): Promise<Learned | undefined>
  render(
    markdown: string,
    flavour: JiraFlavour,
  ): { rawDescription: string; rawFormat: 'wiki' | 'adf' }
}

type InProject = {
  readonly userId: string
  readonly projectKey: string
  readonly language: Language
}

type IssueWish = {
  readonly query: string
  readonly projectKey?: string | undefined
  /** Only those of this type. */
  readonly issueType?: string | undefined
  /** The last word may go on. */
  readonly isHalfTyped?: boolean
}

export type FoundIssue = {
  readonly key: string
  readonly summary: string
  readonly status: string
  readonly url: string
}

type IssueText = FoundIssue & { readonly text: string }

type RefusedCreate = {
  readonly userId: string
  readonly jiraUrl: string
  readonly failure: JiraFailure
  readonly payload: IssuePayload
}

type Dependencies = { readonly database: Database; readonly openJira: OpenJira }

/** What was fetched within this time is not fetched again for a preview. */
const screenFreshMs = 5 * 60_000

export function createJiraDesk({ database, openJira }: Dependencies): JiraDesk {
  type Question<T> = {
    readonly userId: string
    readonly kind: string
    readonly key: string
    readonly ask: (tools: JiraTools) => Promise<T>
  }

  async function fetchNow<T>({ userId, kind, key, ask }: Question<T>): Promise<T> {
    const value = await openJira(userId, ({ tools }) => ask(tools))
    await database.asUser(userId, (db) => store.remember(db, { userId, kind, key, value }))
    return value
  }

  async function known<T>(question: Question<T>, language: Language): Promise<Known<T>> {
    try {
      return { value: await fetchNow(question), asOf: new Date().toISOString(), stale: undefined }
    } catch (error) {
      const refusal = asRefusal(error)
      const before = await database.asUser(question.userId, (db) => store.recall<T>(db, question))
      if (before === undefined) throw refusal
      const correlationId = currentContext()?.correlationId ?? ''
      return {
        value: before.value,
        asOf: before.fetchedAt.toISOString(),
        stale: toProblem(refusal, { correlationId, language }),
      }
    }
  }

  async function asking<T>(userId: string, work: (jira: OpenedJira) => Promise<T>): Promise<T> {
    try {
      return await openJira(userId, work)
    } catch (error) {
      throw asRefusal(error)
    }
  }

  return {
    projects: (userId, language) =>
      known({ userId, kind: 'projects', key: '', ask: (tools) => tools.projects() }, language),

    issueTypes: ({ userId, projectKey, language }) =>
      known(
        {
          userId,
          kind: 'issue-types',
          key: projectKey,
          ask: (tools) => tools.issueTypes(projectKey),
        },
        language,
      ),

    async createScreen(userId, { projectKey, issueType }) {
      const question: Question<CreateScreen> = {
        userId,
        kind: 'create-form',
        key: `${projectKey} ${issueType}`,
        ask: (tools) => readScreen(tools, { projectKey, issueType }),
      }
      const before = await database.asUser(userId, (db) => store.recall<CreateScreen>(db, question))
      const isFresh =
        before !== undefined && Date.now() - before.fetchedAt.getTime() < screenFreshMs
      if (isFresh) return before.value
      try {
        return await fetchNow(question)
      } catch (error) {
        asRefusal(error)
        return before?.value
      }
    },

    assignees: ({ userId, projectKey, language }) =>
      known(
        {
          userId,
          kind: 'assignees',
          key: projectKey,
          ask: async (tools) => {
            const people = await tools.assignableUsers(projectKey)
            return people.map(({ id, displayName: name }) => ({ id, name }))
          },
        },
        language,
      ),

    async components({ userId, projectKey, issueType }) {
      return asking(userId, async ({ tools }) => {
        const types = await tools.issueTypes(projectKey)
        const type = types.find(({ name }) => name === issueType)
        if (type === undefined) return []
        const { fields } = await tools.createFields(projectKey, type.id)
        const field = fields.find(({ id }) => id === 'components')
        return field === undefined
          ? []
          : (formFieldOf(field).options ?? []).map(({ label }) => label)
      })
    },

    linkTypes: (userId, language) =>
      known({ userId, kind: 'link-types', key: '', ask: (tools) => tools.linkTypes() }, language),

    searchIssues: (userId, { query, projectKey, issueType, isHalfTyped = false }) =>
      asking(userId, async (jira) => {
        const words = isHalfTyped ? halfTyped(wordsIn(query)) : wordsIn(query)
        const where = [
          ...(projectKey === undefined ? [] : [`project = "${projectKey}"`]),
          ...(issueType === undefined ? [] : [`issuetype = "${quoted(issueType)}"`]),
          ...(issueType === undefined ? [] : ['statusCategory != Done']),
          ...(words === '' ? [] : [`text ~ "${words}"`]),
        ]
        const byKey = keyShape.test(query.toUpperCase())
          ? await jira.tools.getIssue(query.toUpperCase())
          : undefined
        if (byKey !== undefined) return [foundIssue(byKey, jira.baseUrl)]
        if (where.length === 0) return []
        const jql = `${where.join(' AND ')} ORDER BY created DESC`
        const issues = await jira.tools.search(jql, issueType === undefined ? 10 : 50)
        return issues.map((issue) => foundIssue(issue, jira.baseUrl))
      }),

    readIssue: (userId, key) =>
      asking(userId, async ({ tools, baseUrl }) => {
        const issue = await tools.getIssue(key)
        return issue && { ...foundIssue(issue, baseUrl), text: issue.description }
      }),

    async issuesLike(userId, like) {
      const value = await asking(userId, (jira) => findLike(jira, like))
      const entry = { userId, kind: 'issues-like', key: likeKey(like), value }
      await database.asUser(userId, (db) => store.remember(db, entry))
      return value
    },

    async knownLike(userId, like, transaction) {
      const recall = (db: Db) =>
        store.recall<FoundIssue[]>(db, { kind: 'issues-like', key: likeKey(like) })
      const before = await (transaction === undefined
        ? database.asUser(userId, recall)
        : recall(transaction))
      const isFresh =
        before !== undefined && Date.now() - before.fetchedAt.getTime() < screenFreshMs
      return isFresh ? before.value : undefined
    },

    async learn(tools, { userId, jiraUrl, failure, payload }) {
      const { projectKey, issueType } = payload
      const key = `${projectKey} ${issueType}`
      const known = await database.asUser(userId, (db) =>
        store.recall<CreateScreen>(db, { kind: 'create-form', key }),
      )
      const { refused, told } = await learnFrom(tools, { failure, payload, screen: known?.value })
      const place = { userId, jiraUrl, projectKey, issueType }
      await database.asUser(userId, async (db) => {
        for (const { field, rule } of rulesOf(refused))
          await store.rememberField(db, place, { fieldId: field.id, rule, field })
      })
      return told
    },

    render: renderDescription,
  }
}

/** Anything but a failure of Jira, or of a stored secret, is a defect and goes on up. */
function asRefusal(error: unknown): AppError {
  if (error instanceof JiraError) return toJiraRefusal(error)
  if (error instanceof AppError) return error
  throw error
}

const keyShape = /^[A-Z][A-Z0-9_]+-\d{1,10}$/
/** Inside a string of JQL. */
const quoted = (text: string) => text.replaceAll(/["\\]/g, ' ')
/** Without the signs that Jira's text search takes for operators. */
const wordsIn = (text: string) => bareWords(text).slice(0, 8).join(' ')
const halfTyped = (words: string) => (words === '' ? '' : `${words}*`)

type AnyIssue = {
  readonly key: string
  readonly summary: string
  readonly status?: string | undefined
}

function foundIssue({ key, summary, status = '' }: AnyIssue, baseUrl: string): FoundIssue {
  return { key, summary, status, url: `${baseUrl}/browse/${key}` }
}

type Like = { readonly projectKey: string; readonly summary: string }

const likeKey = ({ projectKey, summary }: Like) =>
  createHash('sha256').update(`${projectKey} ${summary}`).digest('base64url')

/** By the longest words, each alone: an issue that has only some of them may say the same. */
async function findLike({ tools, baseUrl }: OpenedJira, { projectKey, summary }: Like) {
  const words = [...new Set(bareWords(summary))]
    .filter((word) => word.length > 2)
    .toSorted((a, b) => b.length - a.length)
    .slice(0, 5)
  if (words.length === 0) return []
  const either = words.map((word) => `summary ~ "${word}"`).join(' OR ')
  const jql = `project = "${projectKey}" AND statusCategory != Done AND (${either}) ORDER BY created DESC`
  const issues = await tools.search(jql, 25)
  return issues.map((issue) => foundIssue(issue, baseUrl))
}

const issuePayload: z.ZodType<IssuePayload> = z.object({
  projectKey: z.string(),
  issueType: z.string(),
  summary: z.string(),
  description: z.string(),
  additionalFields: z.record(z.string(), z.unknown()),
  parent: issueRef.exactOptional(),
})

const issueTarget = z.object({ project: z.string(), jiraUrl: z.string() })

type ExecutorDependencies = {
  readonly openJira: OpenJira
  readonly connections: Pick<ConnectionService, 'noteUse'>
  readonly desk: Pick<JiraDesk, 'learn'>
}

/** How many keys beyond the newest known one may be missing before the search upwards ends. */
const missingKeysMax = 5

/** How far above the newest known key is read; beyond it only the index is asked. */
const keysAboveMax = 500

type WorkDependencies = Omit<ExecutorDependencies, 'desk'>

/** Work in Jira for an operation, as the person who approved it; failures in words of the outbox. */
function createWork({ openJira, connections }: WorkDependencies) {
  return async function withJira<T>(
    row: OperationRow,
    certainty: (error: JiraError) => OutsideError['certainty'],
    work: (jira: OpenedJira) => Promise<T>,
  ): Promise<T> {
    try {
      const result = await openJira(row.user_id, (jira) => {
        requireSamePlace(issueTarget.parse(row.target).jiraUrl, jira.baseUrl)
        return work(jira)
      })
      await connections.noteUse(row.user_id, 'jira', undefined)
      return result
    } catch (error) {
      if (error instanceof OutsideError) throw error
      const refusal = asRefusal(error)
      await connections.noteUse(row.user_id, 'jira', refusal)
      throw new OutsideError(error instanceof JiraError ? certainty(error) : 'not-done', {
        code: refusal.code,
        facts: refusal.facts,
        cause: error,
        ...(error instanceof JiraError && error.retryAfterMs !== undefined
          ? { retryAfterMs: error.retryAfterMs }
          : {}),
      })
    }
  }
}

/** What may be done besides creating: links between issues, and issues put into epics. */
export function createLinkExecutors(dependencies: WorkDependencies) {
  const withJira = createWork(dependencies)
  const writing: WriteInJira = (row, work) => withJira(row, certaintyOf, work)
  return {
    'jira.link.create': createLinkExecutor(writing),
    'jira.epic.link': createEpicLinkExecutor(writing),
  }
}

/** Creates an issue in Jira, and finds it again by its marker. */
export function createIssueExecutor({
  openJira,
  connections,
  desk,
}: ExecutorDependencies): Executor {
  const withJira = createWork({ openJira, connections })
  const notDone = () => 'not-done' as const

  /** A refusal that names fields, in words that say what to do about them. */
  async function explained(
    error: unknown,
    { row, payload, tools }: { row: OperationRow; payload: IssuePayload; tools: JiraTools },
  ): Promise<unknown> {
    if (!(error instanceof JiraError) || certaintyOf(error) !== 'refused') return error
    const { failure } = error
    if (Object.keys(failure.fields).length === 0) return error
    const { jiraUrl } = issueTarget.parse(row.target)
    const told = await desk.learn(tools, { userId: row.user_id, jiraUrl, failure, payload })
    if (told === undefined) return error
    await connections.noteUse(row.user_id, 'jira', undefined)
    return new OutsideError('refused', { ...told, cause: error })
  }

  return {
    system: 'jira',
    thing: 'issue',
    unclear: 'jira.unclear',
    // The index lags, and an issue may be hidden or moved.
    absenceProves: false,
    keyExample: 'PAY-123',
    readKey(typed) {
      const key = (typed.trim().split('/').at(-1) ?? '').toUpperCase()
      return /^[A-Z][A-Z0-9_]+-\d+$/.test(key) ? key : undefined
    },
    present(row) {
      const { project, jiraUrl } = issueTarget.parse(row.target)
      return { target: `${project} · ${jiraUrl}` }
    },

    highWater: (row) =>
      withJira(row, notDone, async ({ tools }) => {
        const { projectKey } = issuePayload.parse(row.payload)
        const newest = await tools.search(`project = "${projectKey}" ORDER BY created DESC`, 1)
        return newest[0]?.key
      }),

    find: (row) =>
      withJira(row, notDone, async (jira) => {
        const byKey = await findUpwards(row, jira)
        return byKey ?? findBySearch(row, jira)
      }),

    send: (row, { signal, earlier }) =>
      withJira(row, certaintyOf, async ({ tools, baseUrl }) => {
        const payload = issuePayload.parse(row.payload)
        const { description, parent, ...issue } = payload
        const marked = {
          ...issue,
          ...(parent === undefined
            ? {}
            : {
                additionalFields: {
                  ...issue.additionalFields,
                  parent: { key: keyOf(parent, earlier) },
                },
              }),
          ...(description === '' ? {} : { description }),
          ...(isMarker(row.marker) ? { marker: row.marker } : {}),
        }
        try {
          const { key } = await tools.createIssue(marked, { signal })
          return foundAt(key, baseUrl)
        } catch (error) {
          throw await explained(error, { row, payload, tools })
        }
      }),

    verify: (row, key) =>
      withJira(row, notDone, async ({ tools, baseUrl }) => {
        const issue = await tools.getIssue(key)
        return issue !== undefined && carries(issue, row.marker) ? foundAt(key, baseUrl) : undefined
      }),

    withMarker: (row, marker) => withMarker(issuePayload.parse(row.payload), row.marker, marker),
  }
}

type Issue = {
  readonly key: string
  readonly labels: readonly string[]
  readonly description: string
  readonly properties?: Readonly<Record<string, unknown>> | undefined
}

function carries({ labels, description, properties }: Issue, marker: string): boolean {
  return (
    labels.includes(marker) ||
    description.includes(marker) ||
    markerOf(properties?.[markerKey]) === marker
  )
}

/** As the outbox makes them; those of an older outbox are found by label and text alone. */
function isMarker(text: string): boolean {
  return /^so-[a-z2-7]{10}$/.test(text)
}

function foundAt(key: string, baseUrl: string): Found {
  return { key, url: `${baseUrl}/browse/${key}` }
}

/** Reads issue after issue above the newest that was there before: no index stands in between. */
async function findUpwards(row: OperationRow, { tools, baseUrl }: OpenedJira) {
  // Nothing has left since the newest key was noted, if it was noted at all.
  if (row.sent_at === null) return undefined
  const { projectKey } = issuePayload.parse(row.payload)
  const newestBefore = Number(row.high_water?.split('-').at(-1) ?? 0)
  const last = newestBefore + keysAboveMax
  let missing = 0
  for (let number = newestBefore + 1; missing < missingKeysMax && number <= last; number += 1) {
    const issue = await tools.getIssue(`${projectKey}-${number}`)
    if (issue === undefined) missing += 1
    else {
      missing = 0
      if (carries(issue, row.marker)) return foundAt(issue.key, baseUrl)
    }
  }
  return undefined
}

async function findBySearch(row: OperationRow, { tools, baseUrl }: OpenedJira) {
  const { projectKey, additionalFields } = issuePayload.parse(row.payload)
  const where = Array.isArray(additionalFields['labels'])
    ? `labels = "${row.marker}"`
    : `text ~ "${row.marker}"`
  const found = await tools.search(`project = "${projectKey}" AND ${where}`, 5)
  for (const { key } of found) {
    const issue = await tools.getIssue(key)
    if (issue !== undefined && carries(issue, row.marker)) return foundAt(key, baseUrl)
  }
  return undefined
}

/** What a failed create means. Only what provably never arrived, or was refused, is certain. */
function certaintyOf(error: JiraError): OutsideError['certainty'] {
  if (!error.sent) return 'not-done'
  // It goes on by itself when the rate allows it, or when the person has given a new token.
  if (['rate-limited', 'bad-token', 'captcha'].includes(error.kind)) return 'not-done'
  const isRefusal = ['rejected', 'forbidden', 'not-found'].includes(error.kind)
  return isRefusal ? 'refused' : 'ambiguous'
}
