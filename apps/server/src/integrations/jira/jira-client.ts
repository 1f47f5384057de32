import { z } from 'zod'
import type { OpenedAnswer } from '../../platform/outbound/exchange.ts'
import { readBytes } from '../../platform/outbound/read-answer.ts'
import {
  createdAnswer,
  issueAnswer,
  myselfAnswer,
  pageAnswer,
  projectAnswer,
  searchAnswer,
} from './jira-answers.ts'
import type { JiraCredential, JiraFlavour } from './jira-credential.ts'
import { jiraError, toJiraError } from './jira-error.ts'
import { type JiraIdentity, readIdentity, requireUsable } from './jira-identity.ts'
import { createJiraFiles } from './jira-files.ts'
import { createJiraIssues } from './jira-issues.ts'
import { createJiraMetadata } from './jira-metadata.ts'
import { createJiraMove } from './jira-move.ts'
import type { Patience } from '../atlassian/atlassian-requests.ts'
import { createJiraPlaces } from './jira-places.ts'
import { createJiraPlanning } from './jira-planning.ts'
import { withoutAbsent } from '../../platform/values/without-absent.ts'
import { createJiraRequests, type JiraAddress } from './jira-requests.ts'

export type JiraProject = z.output<typeof projectAnswer>

export type JiraIssue = {
  readonly id: string
  readonly key: string
  /** Where a person looks at it. */
  readonly url: string
  /** As Jira sends them, by field id. */
  readonly fields: Readonly<Record<string, unknown>>
  /** Entity properties that were asked for. */
  readonly properties?: Readonly<Record<string, unknown>>
}

export type JiraSearchResult = {
  readonly issues: readonly JiraIssue[]
  /** Data Center only. */
  readonly total?: number
  readonly startAt?: number
  /** Cloud only; absent on the last page. */
  readonly nextPageToken?: string
}

export type JiraCreatedIssue = { readonly id: string; readonly key: string; readonly url: string }

export type SearchOptions = {
  /** Field ids; default: what a list shows. */
  readonly fields?: readonly string[]
  /** 1 to 50, default 10. */
  readonly limit?: number
  /** Data Center: how many to skip. */
  readonly startAt?: number
  /** Cloud: where to go on. */
  readonly pageToken?: string
  /** As Jira documents it, comma-separated. */
  readonly expand?: string | undefined
  /** Keys of entity properties to read along; at most 5. */
  readonly properties?: readonly string[] | undefined
}

/** Issues of a board, a sprint or an epic. */
export type PlanWish = Pick<SearchOptions, 'fields' | 'limit' | 'startAt' | 'expand'> & {
  readonly jql?: string | undefined
}

type RawPage = {
  readonly issues: readonly z.output<typeof issueAnswer>[]
  readonly startAt: number
  readonly total: number | undefined
}

/** An entity property: invisible to people, readable by programs, sent with the create. */
export type JiraProperty = { readonly key: string; readonly value: unknown }

export type JiraImage = { readonly bytes: Uint8Array; readonly contentType: string }

export const defaultIssueFields = [
  'summary',
  'description',
  'status',
  'assignee',
  'reporter',
  'labels',
  'versions',
  'priority',
  'created',
  'updated',
  'issuetype',
] as const

type Options = JiraAddress & {
  readonly flavour: JiraFlavour
  readonly credential: JiraCredential
}

const projectsPageSize = 50
const projectPagesMax = 40
const avatarLimitBytes = 500_000
const avatarDeadlineMs = 5_000

/** Jira of one flavour, with one person's credential. Every method throws JiraError only. */
export function createJiraClient(options: Options) {
  const { flavour } = options
  const requests = createJiraRequests(options, options.credential)
  const { baseUrl, host } = requests
  const api = flavour === 'cloud' ? '/rest/api/3' : '/rest/api/2'
  const where = { flavour, api }
  const { rawBoardIssues, rawSprintIssues, rawEpicIssues, ...planning } = createJiraPlanning(
    requests,
    where,
  )

  const toIssue = ({ id, key, fields, properties }: z.output<typeof issueAnswer>): JiraIssue => ({
    id,
    key,
    url: browseUrl(baseUrl, key),
    fields,
    ...withoutAbsent({ properties }),
  })

  return {
    ...createJiraPlaces(requests, where),
    ...createJiraIssues(requests, where),
    ...createJiraFiles(requests, where),
    ...planning,

    /** What this Jira can do beyond what both can. */
    can: {
      readFieldOptions: flavour === 'cloud',
      countBeforePaging: flavour === 'dc',
      ...createJiraMove(requests, where),
    },
    flavour,
    baseUrl,
    host,

    /**
     * Whose credential this is.
     *
     * @throws JiraError `inactive`, `deleted`, `redirect` (Jira calls itself by another host) and all others
     */
    async myself(patience: Patience = {}): Promise<JiraIdentity> {
      const path = `${api}/myself`
      const answer = await requests.call({ path, answer: myselfAnswer, ...patience })
      return requireUsable(readIdentity(answer, { flavour, baseUrl, host }), host)
    },

    /** Projects that the person sees, by name; at most 2000 on Cloud. */
    async projects({ archived = false }: { archived?: boolean } = {}): Promise<JiraProject[]> {
      const found =
        flavour === 'dc'
          ? await requests.call({
              path: `${api}/project`,
              query: { includeArchived: archived ? true : undefined },
              answer: z.array(projectAnswer),
            })
          : await cloudProjects(archived)
      return found.toSorted((a, b) => a.name.localeCompare(b.name))
    },

    ...createJiraMetadata(requests, where, planning),

    boardIssues: async (boardId: string, wish: PlanWish) =>
      toPlanned(await rawBoardIssues(boardId, { fields: defaultIssueFields, ...wish })),

    sprintIssues: async (sprintId: string, wish: PlanWish) =>
      toPlanned(await rawSprintIssues(sprintId, { fields: defaultIssueFields, ...wish })),

    /** The children of an epic, by its parent on Cloud and by its link on Data Center. */
    async epicIssues(epicKey: string, wish: PlanWish = {}): Promise<JiraSearchResult> {
      if (flavour === 'dc')
        return toPlanned(await rawEpicIssues(epicKey, { fields: defaultIssueFields, ...wish }))
      return search(`parent = ${quoteJql(epicKey)} ORDER BY created ASC`, wish)
    },

    /**
     * Issues that match. On Cloud the JQL must be bounded, and the index lags behind.
     *
     * @param jql put values in with `quoteJql`
     */
    search,

    /** Reads one issue; not from the search index. @throws JiraError `not-found` */
    async getIssue(
      key: string,
      { fields = defaultIssueFields, updateHistory = false, expand, properties }: IssueOptions = {},
    ): Promise<JiraIssue> {
      const issue = await requests.call({
        path: `${api}/issue/${encodeURIComponent(key)}`,
        query: {
          fields: fields.join(','),
          updateHistory,
          expand,
          properties: properties?.join(','),
        },
        answer: issueAnswer,
      })
      return toIssue(issue)
    },

    /**
     * Creates an issue once: nothing is repeated that may have reached Jira.
     *
     * @param fields by field id, as the create metadata wants them
     * @throws JiraError with `sent: true` when the issue may exist
     */
    async createIssue(
      fields: Readonly<Record<string, unknown>>,
      { properties = [], signal, deadlineMs }: CreateOptions = {},
    ): Promise<JiraCreatedIssue> {
      const { id, key } = await requests.call({
        path: `${api}/issue`,
        body: { fields, ...(properties.length > 0 && { properties }) },
        answer: createdAnswer,
        ...withoutAbsent({ signal, deadlineMs }),
      })
      return { id, key, url: browseUrl(baseUrl, key) }
    },

    avatar,
  }

  async function search(jql: string, wish: SearchOptions = {}): Promise<JiraSearchResult> {
    const { fields = defaultIssueFields, limit = 10, startAt, pageToken, expand, properties } = wish
    const answer = await requests.call({
      path: flavour === 'cloud' ? `${api}/search/jql` : `${api}/search`,
      query: {
        jql,
        maxResults: Math.min(50, Math.max(1, limit)),
        fields: fields.join(','),
        expand,
        properties: properties?.join(','),
        ...(flavour === 'cloud' ? { nextPageToken: pageToken } : { startAt }),
      },
      answer: searchAnswer,
    })
    const { issues, total, nextPageToken } = answer
    return {
      issues: issues.map(toIssue),
      ...withoutAbsent({ total, startAt: answer.startAt, nextPageToken }),
    }
  }

  function toPlanned(found: RawPage): JiraSearchResult {
    const { issues, startAt, total } = found
    return { issues: issues.map(toIssue), startAt, ...withoutAbsent({ total }) }
  }

  /**
   * The picture behind an avatar URL. The credential goes along to this Jira and to nobody else.
   *
   * @throws JiraError `unexpected-answer` for anything that is no picture
   */
  async function avatar(url: string): Promise<JiraImage> {
    try {
      const answer = await requests.open(url, {
        limitBytes: avatarLimitBytes,
        signal: AbortSignal.timeout(avatarDeadlineMs),
        system: 'jira-avatar',
      })
      return await readImage(answer)
    } catch (thrown) {
      throw toJiraError(thrown)
    }
  }

  async function cloudProjects(archived: boolean): Promise<JiraProject[]> {
    const found: JiraProject[] = []
    for (let page = 0; page < projectPagesMax; page += 1) {
      const answer = await requests.call({
        path: `${api}/project/search`,
        query: {
          startAt: page * projectsPageSize,
          maxResults: projectsPageSize,
          status: archived ? 'archived' : undefined,
        },
        answer: pageAnswer.extend({ values: z.array(projectAnswer) }),
      })
      found.push(...answer.values)
      if (answer.isLast !== false || answer.values.length === 0) return found
    }
    return found
  }
}

export type JiraClient = ReturnType<typeof createJiraClient>

type IssueOptions = {
  readonly fields?: readonly string[]
  /** True puts the issue on the person's list of things seen lately. */
  readonly updateHistory?: boolean
  /** As Jira documents it, comma-separated. */
  readonly expand?: string | undefined
  /** Keys of entity properties to read along. */
  readonly properties?: readonly string[] | undefined
}
type CreateOptions = {
  readonly properties?: readonly JiraProperty[]
  readonly signal?: AbortSignal
  readonly deadlineMs?: number
}

const imageTypes = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/svg+xml'])

async function readImage(answer: OpenedAnswer): Promise<JiraImage> {
  const [contentType = ''] = (answer.headers['content-type'] ?? '').split(';')
  if (answer.status === 200 && imageTypes.has(contentType.trim()))
    return { bytes: await readBytes(answer.body), contentType: contentType.trim() }
  answer.close()
  throw jiraError({
    kind: 'unexpected-answer',
    sent: true,
    host: answer.host,
    status: answer.status,
    detail: 'the avatar is no picture',
  })
}

/** Where a person looks at an issue. */
export function browseUrl(baseUrl: string, key: string): string {
  return `${baseUrl}/browse/${encodeURIComponent(key)}`
}

/** A value for JQL, in quotes, so that nothing in it is read as a query. */
export function quoteJql(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}
