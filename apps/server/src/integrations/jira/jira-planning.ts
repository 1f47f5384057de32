import { z } from 'zod'
import { withoutAbsent } from '../../platform/values/without-absent.ts'
import { issueAnswer } from './jira-answers.ts'
import { toJiraTime, type Api } from './jira-issues.ts'
import type { JiraRequests } from './jira-requests.ts'
import * as answers from './jira-work-answers.ts'

export type JiraBoard = z.output<typeof answers.boardAnswer>
export type JiraSprint = z.output<typeof answers.sprintAnswer>

export type PageWish = { readonly startAt?: number; readonly limit?: number }
export type BoardWish = PageWish & {
  readonly name?: string | undefined
  readonly projectKey?: string | undefined
  readonly type?: string | undefined
}
export type SprintWish = {
  readonly name?: string | undefined
  readonly state?: string | undefined
  readonly startDate?: string | undefined
  readonly endDate?: string | undefined
  readonly goal?: string | undefined
}

const root = '/rest/agile/1.0'
const pageMax = 50

/** Boards, sprints, epics and estimates: the same paths in both flavours. */
export function createJiraPlanning(requests: JiraRequests, { flavour, api }: Api) {
  const paged = ({ startAt = 0, limit = 10 }: PageWish) => ({
    startAt,
    maxResults: Math.min(pageMax, Math.max(1, limit)),
  })

  async function rawIssues(
    path: string,
    wish: PageWish & {
      fields?: readonly string[]
      jql?: string | undefined
      expand?: string | undefined
    },
  ) {
    const { issues, startAt, total } = await requests.call({
      path,
      query: {
        ...paged(wish),
        fields: wish.fields?.join(','),
        jql: wish.jql,
        expand: wish.expand,
      },
      answer: answers.agilePage.extend({ issues: z.array(issueAnswer) }),
    })
    return { issues, startAt, total }
  }

  return {
    rawBoardIssues: (boardId: string, wish: Parameters<typeof rawIssues>[1]) =>
      rawIssues(`${root}/board/${encodeURIComponent(boardId)}/issue`, wish),

    rawSprintIssues: (sprintId: string, wish: Parameters<typeof rawIssues>[1]) =>
      rawIssues(`${root}/sprint/${encodeURIComponent(sprintId)}/issue`, wish),

    rawEpicIssues: (epicKey: string, wish: Parameters<typeof rawIssues>[1]) =>
      rawIssues(`${root}/epic/${encodeURIComponent(epicKey)}/issue`, wish),

    async boards(wish: BoardWish = {}) {
      const { values, startAt, total, isLast } = await requests.call({
        path: `${root}/board`,
        query: {
          ...paged(wish),
          name: wish.name,
          projectKeyOrId: wish.projectKey,
          type: wish.type,
        },
        answer: answers.agilePage.extend({ values: z.array(answers.boardAnswer) }),
      })
      return { boards: values, startAt, ...withoutAbsent({ total, isLast }) }
    },

    /** The field that a board estimates by. Undefined where it counts issues, or nothing. */
    async boardEstimation(boardId: string) {
      const { estimation } = await requests.call({
        path: `${root}/board/${encodeURIComponent(boardId)}/configuration`,
        answer: answers.boardConfigurationAnswer,
      })
      return estimation?.type === 'field' ? estimation.field : undefined
    },

    /** Works also where the field is on no screen. */
    setEstimate: (key: string, boardId: string, value: number) =>
      requests.call({
        path: `${root}/issue/${encodeURIComponent(key)}/estimation`,
        method: 'PUT',
        query: { boardId },
        body: { value: String(value) },
        answer: answers.nothing,
      }),

    async sprints(boardId: string, wish: PageWish & { state?: string | undefined } = {}) {
      const { values, startAt, isLast } = await requests.call({
        path: `${root}/board/${encodeURIComponent(boardId)}/sprint`,
        query: { ...paged(wish), state: wish.state },
        answer: answers.agilePage.extend({ values: z.array(answers.sprintAnswer) }),
      })
      return { sprints: values, startAt, ...withoutAbsent({ isLast }) }
    },

    sprint: (id: string): Promise<JiraSprint> =>
      requests.call({
        path: `${root}/sprint/${encodeURIComponent(id)}`,
        answer: answers.sprintAnswer,
      }),

    createSprint: (boardId: string, sprint: SprintWish & { name: string }): Promise<JiraSprint> =>
      requests.call({
        path: `${root}/sprint`,
        body: { originBoardId: Number(boardId), ...sprintBody(sprint) },
        answer: answers.sprintAnswer,
      }),

    /** Only what is named changes. */
    updateSprint: (id: string, sprint: SprintWish): Promise<JiraSprint> =>
      requests.call({
        path: `${root}/sprint/${encodeURIComponent(id)}`,
        body: sprintBody(sprint),
        answer: answers.sprintAnswer,
      }),

    /** At most 50 issues; may be repeated. */
    addToSprint: (id: string, keys: readonly string[]) =>
      requests.call({
        path: `${root}/sprint/${encodeURIComponent(id)}/issue`,
        body: { issues: keys },
        answer: answers.nothing,
      }),

    /** At most 50 issues; may be repeated. */
    moveToBacklog: (keys: readonly string[]) =>
      requests.call({
        path: `${root}/backlog/issue`,
        body: { issues: keys },
        answer: answers.nothing,
      }),

    /** Puts an issue into an epic; may be repeated. Cloud's own way is the parent, on every level. */
    async setEpic(key: string, epicKey: string) {
      await (flavour === 'cloud'
        ? requests.call({
            path: `${api}/issue/${encodeURIComponent(key)}`,
            method: 'PUT',
            body: { fields: { parent: { key: epicKey } } },
            answer: answers.nothing,
          })
        : requests.call({
            path: `${root}/epic/${encodeURIComponent(epicKey)}/issue`,
            body: { issues: [key] },
            answer: answers.nothing,
          }))
    },
  }
}

function sprintBody({ name, state, startDate, endDate, goal }: SprintWish) {
  return withoutAbsent({
    name,
    state,
    startDate: startDate === undefined ? undefined : toJiraTime(startDate),
    endDate: endDate === undefined ? undefined : toJiraTime(endDate),
    goal,
  })
}
