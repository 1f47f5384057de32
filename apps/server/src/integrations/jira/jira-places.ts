import { z } from 'zod'
import { withoutAbsent } from '../../platform/values/without-absent.ts'
import { projectAnswer } from './jira-answers.ts'
import type { Api } from './jira-issues.ts'
import type { JiraRequests } from './jira-requests.ts'
import { createUsers, type JiraUser } from './jira-users.ts'
import * as answers from './jira-work-answers.ts'

export type JiraVersion = z.output<typeof answers.versionAnswer>
export type JiraComponent = z.output<typeof answers.componentAnswer>
export type FieldOption = { readonly id: string; readonly value: string }

export type VersionWish = {
  readonly name?: string | undefined
  readonly description?: string | undefined
  /** `YYYY-MM-DD`. */
  readonly startDate?: string | undefined
  readonly releaseDate?: string | undefined
  readonly archived?: boolean | undefined
  readonly released?: boolean | undefined
}

const usersMax = 50
const optionPagesMax = 10

/** Versions, components, people and choices of a Jira. */
export function createJiraPlaces(requests: JiraRequests, { flavour, api }: Api) {
  const { toUser, userQuery, wordsQuery } = createUsers(flavour)
  const inProject = (key: string, rest: string) =>
    `${api}/project/${encodeURIComponent(key)}/${rest}`

  const project = (key: string) =>
    requests.call({ path: `${api}/project/${encodeURIComponent(key)}`, answer: projectAnswer })

  return {
    /** @throws JiraError `not-found` */
    project,

    versions: (projectKey: string): Promise<JiraVersion[]> =>
      requests.call({
        path: inProject(projectKey, 'versions'),
        answer: z.array(answers.versionAnswer),
      }),

    async createVersion(
      projectKey: string,
      version: VersionWish & { name: string },
    ): Promise<JiraVersion> {
      const { id } = await project(projectKey)
      return requests.call({
        path: `${api}/version`,
        body: { projectId: Number(id), ...withoutAbsent({ ...version }) },
        answer: answers.versionAnswer,
      })
    },

    /** With the id of its project. */
    version: (id: string) =>
      requests.call({
        path: `${api}/version/${encodeURIComponent(id)}`,
        answer: answers.versionAnswer.extend({ projectId: z.number() }),
      }),

    updateVersion: (id: string, version: VersionWish): Promise<JiraVersion> =>
      requests.call({
        path: `${api}/version/${encodeURIComponent(id)}`,
        method: 'PUT',
        body: withoutAbsent({ ...version }),
        answer: answers.versionAnswer,
      }),

    components: (projectKey: string): Promise<JiraComponent[]> =>
      requests.call({
        path: inProject(projectKey, 'components'),
        answer: z.array(answers.componentAnswer),
      }),

    /** @param id login name, or account id on Cloud. @throws JiraError `not-found` */
    async user(id: string): Promise<JiraUser> {
      const query = userQuery(id)
      return toUser(await requests.call({ path: `${api}/user`, query, answer: answers.userAnswer }))
    },

    async searchUsers(words: string, limit = 20): Promise<JiraUser[]> {
      const query = { ...wordsQuery(words), maxResults: Math.min(limit, usersMax) }
      const answer = z.array(answers.userAnswer)
      return (await requests.call({ path: `${api}/user/search`, query, answer })).map(toUser)
    },

    /** Who may be given an issue, or any issue of a project. */
    async assignableUsers(
      words: string,
      where: { projectKey?: string | undefined; issueKey?: string | undefined },
      limit = 20,
    ): Promise<JiraUser[]> {
      const found = await requests.call({
        path: `${api}/user/assignable/search`,
        query: {
          ...wordsQuery(words),
          project: where.projectKey,
          issueKey: where.issueKey,
          maxResults: Math.min(limit, usersMax),
        },
        answer: z.array(answers.userAnswer),
      })
      return found.map(toUser)
    },

    /** Cloud only, and only for administrators of Jira: elsewhere the create metadata has them. */
    async fieldOptions(fieldId: string, contextId?: string): Promise<FieldOption[]> {
      const field = `${api}/field/${encodeURIComponent(fieldId)}/context`
      const context = contextId ?? (await firstContext(field))
      if (context === undefined) return []
      const found: FieldOption[] = []
      for (let page = 0; page < optionPagesMax; page += 1) {
        const { values, isLast } = await requests.call({
          path: `${field}/${encodeURIComponent(context)}/option`,
          query: { startAt: found.length, maxResults: 100 },
          answer: answers.optionsPage,
        })
        found.push(...values.map(({ id, value }) => ({ id, value })))
        if (isLast !== false || values.length === 0) break
      }
      return found
    },
  }

  async function firstContext(field: string): Promise<string | undefined> {
    const { values } = await requests.call({ path: field, answer: answers.contextsPage })
    return values[0]?.id
  }
}
