import type { z } from 'zod'
import { withoutAbsent } from '../../platform/values/without-absent.ts'
import { toJiraText } from './jira-description.ts'
import type { JiraFlavour } from './jira-credential.ts'
import type { JiraRequests } from './jira-requests.ts'
import { createUsers, type JiraUser } from './jira-users.ts'
import * as answers from './jira-work-answers.ts'

export type Api = { readonly flavour: JiraFlavour; readonly api: string }

/** Who may read a comment: members of a role or of a group. */
export type Visibility = { readonly type: 'role' | 'group'; readonly value: string }

export type JiraComment = {
  readonly id: string
  readonly author: JiraUser | undefined
  /** As Jira keeps it: wiki markup, or a document. */
  readonly body: unknown
  readonly created: string
  readonly updated: string
}

export type JiraWorklog = Omit<z.output<typeof answers.worklogAnswer>, 'author'> & {
  readonly author: JiraUser | undefined
}
export type JiraTransition = z.output<typeof answers.transitionsAnswer>['transitions'][number]
export type JiraLinkType = z.output<typeof answers.linkTypesAnswer>['issueLinkTypes'][number]
export type JiraHistory = Omit<z.output<typeof answers.historyAnswer>, 'author'> & {
  readonly author: JiraUser | undefined
}
export type BulkFailure = {
  /** Which of the issues that were sent, from 0. */
  readonly index: number
  readonly messages: readonly string[]
  readonly fields: Readonly<Record<string, string>>
}

export type WorklogWish = {
  /** As Jira writes time: `2h 30m`. */
  readonly timeSpent: string
  /** Markdown. */
  readonly comment?: string | undefined
  /** ISO 8601. */
  readonly started?: string | undefined
  readonly remainingEstimate?: string | undefined
}

export type LinkWish = {
  /** Name of the kind of link. */
  readonly type: string
  readonly inwardKey: string
  readonly outwardKey: string
  /** Markdown. */
  readonly comment?: string | undefined
  readonly visibility?: Visibility | undefined
}

export type RemoteLinkWish = {
  readonly url: string
  readonly title: string
  readonly summary?: string | undefined
  readonly relationship?: string | undefined
  readonly iconUrl?: string | undefined
}

type Fields = Readonly<Record<string, unknown>>
type UpdateWish = {
  readonly update?: Fields | undefined
  readonly signal?: AbortSignal | undefined
}

const bulkMax = 50
const historyPagesMax = 20

/** What is done with issues besides creating and reading them. Texts are Markdown. */
export function createJiraIssues(requests: JiraRequests, { flavour, api }: Api) {
  const { toUser, userRef, userQuery } = createUsers(flavour)
  const at = (key: string, rest = '') => `${api}/issue/${encodeURIComponent(key)}${rest}`
  const markup = (markdown: string) => toJiraText(markdown, flavour)

  const toComment = (comment: z.output<typeof answers.commentAnswer>): JiraComment => ({
    id: comment.id,
    author: comment.author ? toUser(comment.author) : undefined,
    body: comment.body,
    created: comment.created,
    updated: comment.updated,
  })
  const withAuthor = <
    T extends { author?: z.output<typeof answers.userAnswer> | null | undefined },
  >({
    author,
    ...rest
  }: T) => ({ ...rest, author: author ? toUser(author) : undefined })

  const write = (path: string, method: 'POST' | 'PUT' | 'DELETE', body?: unknown) =>
    requests.call({ path, method, body, answer: answers.nothing })

  return {
    /** @param update operations such as `{labels: [{add: 'a'}]}`, beside whole values */
    async updateIssue(key: string, fields: Fields, { update, signal }: UpdateWish = {}) {
      await requests.call({
        path: at(key),
        method: 'PUT',
        body: withoutAbsent({ fields, update }),
        answer: answers.nothing,
        ...withoutAbsent({ signal }),
      })
    },

    /** A Jira that no longer has it is content. @throws JiraError `rejected` where it has sub-tasks */
    deleteIssue: (key: string) => write(at(key), 'DELETE'),

    /** @param userId login name, or account id on Cloud; undefined: nobody */
    assign: (key: string, userId: string | undefined) =>
      write(at(key, '/assignee'), 'PUT', userId === undefined ? userRef(null) : userRef(userId)),

    /** What can be done with the issue from where it stands. */
    async transitions(key: string): Promise<JiraTransition[]> {
      const { transitions } = await requests.call({
        path: at(key, '/transitions'),
        query: { expand: 'transitions.fields' },
        answer: answers.transitionsAnswer,
      })
      return transitions
    },

    async transition(
      key: string,
      id: string,
      { fields, comment }: { fields?: Fields | undefined; comment?: string | undefined } = {},
    ) {
      const update =
        comment === undefined ? undefined : { comment: [{ add: { body: markup(comment) } }] }
      await write(at(key, '/transitions'), 'POST', {
        transition: { id },
        ...withoutAbsent({ fields, update }),
      })
    },

    /** Newest last; at most 100. */
    async comments(key: string): Promise<JiraComment[]> {
      const { comments } = await requests.call({
        path: at(key, '/comment'),
        query: { maxResults: 100 },
        answer: answers.commentsAnswer,
      })
      return comments.map(toComment)
    },

    async addComment(key: string, markdown: string, visibility?: Visibility) {
      const comment = await requests.call({
        path: at(key, '/comment'),
        body: { body: markup(markdown), ...withoutAbsent({ visibility }) },
        answer: answers.commentAnswer,
      })
      return toComment(comment)
    },

    async editComment(
      key: string,
      {
        id,
        markdown,
        visibility,
      }: { id: string; markdown: string; visibility?: Visibility | undefined },
    ) {
      const comment = await requests.call({
        path: at(key, `/comment/${encodeURIComponent(id)}`),
        method: 'PUT',
        body: { body: markup(markdown), ...withoutAbsent({ visibility }) },
        answer: answers.commentAnswer,
      })
      return toComment(comment)
    },

    async worklogs(key: string): Promise<JiraWorklog[]> {
      const { worklogs } = await requests.call({
        path: at(key, '/worklog'),
        answer: answers.worklogsAnswer,
      })
      return worklogs.map(withAuthor)
    },

    async addWorklog(key: string, wish: WorklogWish): Promise<JiraWorklog> {
      const { remainingEstimate, comment, started } = wish
      const worklog = await requests.call({
        path: at(key, '/worklog'),
        query:
          remainingEstimate === undefined
            ? {}
            : { adjustEstimate: 'new', newEstimate: remainingEstimate },
        body: {
          timeSpent: wish.timeSpent,
          ...withoutAbsent({
            comment: comment === undefined ? undefined : markup(comment),
            started: started === undefined ? undefined : toJiraTime(started),
          }),
        },
        answer: answers.worklogAnswer,
      })
      return withAuthor(worklog)
    },

    async watchers(key: string) {
      const { watchers, ...rest } = await requests.call({
        path: at(key, '/watchers'),
        answer: answers.watchersAnswer,
      })
      return { ...rest, watchers: watchers.map(toUser) }
    },

    addWatcher: (key: string, userId: string) => write(at(key, '/watchers'), 'POST', userId),

    removeWatcher: (key: string, userId: string) =>
      requests.call({
        path: at(key, '/watchers'),
        method: 'DELETE',
        query: userQuery(userId),
        answer: answers.nothing,
      }),

    async linkTypes(): Promise<JiraLinkType[]> {
      const { issueLinkTypes } = await requests.call({
        path: `${api}/issueLinkType`,
        answer: answers.linkTypesAnswer,
      })
      return issueLinkTypes
    },

    /** May be repeated: Jira answers a link that is there as if it had been made. */
    async linkIssues({ type, inwardKey, outwardKey, comment, visibility }: LinkWish) {
      await write(`${api}/issueLink`, 'POST', {
        type: { name: type },
        inwardIssue: { key: inwardKey },
        outwardIssue: { key: outwardKey },
        ...(comment === undefined
          ? {}
          : { comment: { body: markup(comment), ...withoutAbsent({ visibility }) } }),
      })
    },

    /** The keys of the two issues that a link joins. */
    async linkEnds(id: string): Promise<string[]> {
      const { inwardIssue, outwardIssue } = await requests.call({
        path: `${api}/issueLink/${encodeURIComponent(id)}`,
        answer: answers.linkAnswer,
      })
      return [inwardIssue.key, outwardIssue.key]
    },

    removeLink: (id: string) => write(`${api}/issueLink/${encodeURIComponent(id)}`, 'DELETE'),

    /** May be repeated: the address is its identity. */
    async addRemoteLink(key: string, link: RemoteLinkWish) {
      const { url, title, summary, relationship, iconUrl } = link
      const icon = iconUrl === undefined ? undefined : { url16x16: iconUrl, title }
      return requests.call({
        path: at(key, '/remotelink'),
        body: {
          globalId: url,
          ...withoutAbsent({ relationship }),
          object: { url, title, ...withoutAbsent({ summary, icon }) },
        },
        answer: answers.remoteLinkAnswer,
      })
    },

    /** Newest last. */
    async changelog(key: string): Promise<JiraHistory[]> {
      const found = flavour === 'cloud' ? await pagedChangelog(key) : await wholeChangelog(key)
      return found.map(withAuthor).toSorted((a, b) => Date.parse(a.created) - Date.parse(b.created))
    },

    /**
     * Creates up to 50 issues with one request; each of them may fail by itself.
     *
     * @throws JiraError `rejected` when all of them failed
     */
    async createIssues(issues: readonly Fields[]) {
      const { issues: created, errors } = await requests.call({
        path: `${api}/issue/bulk`,
        body: { issueUpdates: issues.slice(0, bulkMax).map((fields) => ({ fields })) },
        answer: answers.bulkAnswer,
      })
      return {
        created,
        failed: errors.map(({ failedElementNumber, elementErrors }): BulkFailure => ({
          index: failedElementNumber,
          messages: elementErrors.errorMessages,
          fields: elementErrors.errors,
        })),
      }
    },
  }

  async function pagedChangelog(key: string) {
    const found: z.output<typeof answers.historyAnswer>[] = []
    for (let page = 0; page < historyPagesMax; page += 1) {
      const { values, isLast } = await requests.call({
        path: at(key, '/changelog'),
        query: { startAt: found.length, maxResults: 100 },
        answer: answers.changelogPage,
      })
      found.push(...values)
      if (isLast !== false || values.length === 0) break
    }
    return found
  }

  async function wholeChangelog(key: string) {
    const { changelog } = await requests.call({
      path: at(key),
      query: { expand: 'changelog', fields: 'created' },
      answer: answers.changelogOfIssue,
    })
    return changelog.histories
  }
}

/** `2026-11-21T10:00:00.000+0000`: Jira takes no `Z` and no colon. */
export function toJiraTime(iso: string): string {
  const date = new Date(iso)
  return Number.isNaN(date.getTime()) ? iso : date.toISOString().replace('Z', '+0000')
}
