import { z } from 'zod'
import type { OpenedAnswer } from '../../platform/outbound/exchange.ts'
import { readBytes } from '../../platform/outbound/read-answer.ts'
import { withoutAbsent } from '../../platform/values/without-absent.ts'
import { refusalIn } from '../atlassian/atlassian-error.ts'
import type { FileForm } from '../atlassian/atlassian-requests.ts'
import { JiraError, jiraError } from './jira-error.ts'
import type { Api } from './jira-issues.ts'
import type { JiraRequests } from './jira-requests.ts'
import { createUsers } from './jira-users.ts'
import * as answers from './jira-work-answers.ts'

export type JiraAttachment = {
  readonly id: string
  readonly filename: string
  readonly mimeType: string
  readonly bytes: number
  readonly created: string
  readonly author?: string
  readonly url?: string
}

const fileLimitBytes = 50_000_000
const fileDeadlineMs = 60_000

/** Attachments by their content; nothing here knows the disk. */
export function createJiraFiles(requests: JiraRequests, { flavour, api }: Api) {
  const { toUser } = createUsers(flavour)

  const toAttachment = (found: z.output<typeof answers.attachmentAnswer>): JiraAttachment => ({
    id: found.id,
    filename: found.filename,
    mimeType: found.mimeType,
    bytes: found.size,
    created: found.created,
    ...withoutAbsent({
      author: found.author ? toUser(found.author).displayName : undefined,
      url: found.content,
    }),
  })

  return {
    async attachments(key: string): Promise<JiraAttachment[]> {
      const { fields } = await requests.call({
        path: `${api}/issue/${encodeURIComponent(key)}`,
        query: { fields: 'attachment' },
        answer: answers.attachmentsOfIssue,
      })
      return fields.attachment.map(toAttachment)
    },

    async attach(key: string, file: FileForm): Promise<JiraAttachment[]> {
      const made = await requests.call({
        path: `${api}/issue/${encodeURIComponent(key)}/attachments`,
        file,
        answer: z.array(answers.attachmentAnswer),
      })
      return made.map(toAttachment)
    },

    /**
     * The bytes of an attachment of this Jira; Cloud is asked not to send us elsewhere, and followed
     * where it does.
     *
     * @param limitBytes default 50 MB
     * @throws JiraError `not-allowed` for an address outside of this Jira
     */
    async attachmentContent(
      { id, url }: Pick<JiraAttachment, 'id' | 'url'>,
      limitBytes = fileLimitBytes,
    ): Promise<Uint8Array> {
      const { baseUrl, host } = requests
      const address =
        flavour === 'cloud' || url === undefined
          ? `${baseUrl}${api}/attachment/content/${encodeURIComponent(id)}?redirect=false`
          : url
      if (URL.parse(address)?.origin !== URL.parse(baseUrl)?.origin)
        throw jiraError({ kind: 'not-allowed', host, detail: 'the file lies outside of this Jira' })
      const signal = AbortSignal.timeout(fileDeadlineMs)
      const open = flavour === 'cloud' ? requests.openFile : requests.open
      const answer = await open(address, { limitBytes, signal, system: 'jira' })
      try {
        const bytes = await readBytes(answer.body)
        if (answer.status === 200) return bytes
        throw refusalOf(answer, bytes)
      } catch (thrown) {
        throw requests.toProductError(thrown)
      }
    },
  }
}

function refusalOf({ body: _body, ...head }: OpenedAnswer, bytes: Uint8Array): JiraError {
  const refusal = refusalIn({ ...head, body: Buffer.from(bytes).toString('utf8') }, 'Jira')
  if (refusal !== undefined) return new JiraError(refusal)
  const { host, status } = head
  return jiraError({ kind: 'unexpected-answer', sent: true, host, status, detail: 'no file came' })
}
