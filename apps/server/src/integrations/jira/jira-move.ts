import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { jiraError } from './jira-error.ts'
import type { Api } from './jira-issues.ts'
import type { JiraRequests } from './jira-requests.ts'

const submittedAnswer = z.object({ taskId: z.string() })
const progressAnswer = z.object({
  status: z.string(),
  failedAccessibleIssues: z.record(z.string(), z.array(z.string())).catch({}).default({}),
  invalidOrInaccessibleIssueCount: z.int().catch(0).default(0),
})
const movedAnswer = z.object({ id: z.string(), key: z.string() })

const asksMax = 20
const betweenMs = 1_000
const underway: ReadonlySet<string> = new Set(['ENQUEUED', 'RUNNING', 'CANCEL_REQUESTED'])

export type MoveTarget = {
  readonly projectKey: string
  /** An issue type of that project, no sub-task. */
  readonly issueTypeId: string
  readonly signal?: AbortSignal
}

/** Only Cloud has a call for it; Data Center moves issues in its own pages alone. */
export function createJiraMove(
  requests: JiraRequests,
  { flavour, api, betweenAsksMs = betweenMs }: Api & { readonly betweenAsksMs?: number },
) {
  const read = (idOrKey: string) =>
    requests.call({
      path: `${api}/issue/${encodeURIComponent(idOrKey)}`,
      query: { fields: 'issuetype' },
      answer: movedAnswer,
    })

  async function follow(taskId: string, signal: AbortSignal | undefined) {
    for (let asked = 0; asked < asksMax; asked += 1) {
      const progress = await requests.call({
        path: `${api}/bulk/queue/${encodeURIComponent(taskId)}`,
        answer: progressAnswer,
      })
      if (!underway.has(progress.status)) return progress
      await sleep(betweenAsksMs, undefined, signal === undefined ? {} : { signal })
    }
    return undefined
  }

  /**
   * Moves an issue, with its sub-tasks, into another project. What the other project asks for and the
   * issue does not have stays empty, and a status that it does not know becomes its first one.
   *
   * @returns its new key; undefined while Jira is still at work on it
   * @throws JiraError `rejected` with the reason
   */
  async function moveIssue(
    key: string,
    { projectKey, issueTypeId, signal }: MoveTarget,
  ): Promise<string | undefined> {
    const { id } = await read(key)
    const { taskId } = await requests.call({
      path: `${api}/bulk/issues/move`,
      body: {
        sendBulkNotification: false,
        targetToSourcesMapping: {
          [`${projectKey},${issueTypeId}`]: {
            issueIdsOrKeys: [id],
            inferClassificationDefaults: true,
            inferFieldDefaults: true,
            inferStatusDefaults: true,
            inferSubtaskTypeDefault: true,
          },
        },
      },
      answer: submittedAnswer,
    })
    const progress = await follow(taskId, signal)
    if (progress === undefined) return undefined
    const reasons = Object.values(progress.failedAccessibleIssues).flat()
    const isDone = progress.status === 'COMPLETE' && progress.invalidOrInaccessibleIssueCount === 0
    if (isDone && reasons.length === 0) return (await read(id)).key
    const { host } = requests
    const detail = `the move ended as ${progress.status}`
    throw jiraError({ kind: 'rejected', sent: true, host, detail, messages: reasons })
  }

  return { moveIssue: flavour === 'cloud' ? moveIssue : undefined }
}
