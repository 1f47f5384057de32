import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { Outbound } from '../../platform/outbound/outbound.ts'
import { readBytes } from '../../platform/outbound/read-answer.ts'
import { attachmentAnswer } from './trello-answers.ts'
import { toTrelloError, trelloError } from './trello-error.ts'
import type { TrelloRequests } from './trello-requests.ts'

type TrelloAttachment = z.output<typeof attachmentAnswer>

export type TrelloFile = {
  readonly name: string
  readonly mimeType: string
  readonly bytes: Uint8Array
}

/** What a free workspace of Trello takes. */
export const attachmentLimitBytes = 10_000_000

/** Files and links on cards. */
export function createTrelloAttachments(requests: TrelloRequests, outbound: Outbound) {
  const { call, tell, host } = requests
  const pathOf = (cardId: string, attachmentId?: string) =>
    `/cards/${encodeURIComponent(cardId)}/attachments` +
    (attachmentId === undefined ? '' : `/${encodeURIComponent(attachmentId)}`)

  const attachment = (cardId: string, attachmentId: string): Promise<TrelloAttachment> =>
    call({ path: pathOf(cardId, attachmentId), answer: attachmentAnswer })

  return {
    attachment,

    attachments: (cardId: string): Promise<TrelloAttachment[]> =>
      call({ path: pathOf(cardId), answer: z.array(attachmentAnswer) }),

    /**
     * A link. Trello may fetch it for a preview, so it has to be one that we would call ourselves.
     *
     * @throws TrelloError `not-allowed` or `dns` before anything is sent
     */
    async attachUrl(
      cardId: string,
      link: { readonly url: string; readonly name?: string; readonly mimeType?: string },
    ): Promise<TrelloAttachment> {
      try {
        await outbound.requireAllowed(link.url)
      } catch (thrown) {
        throw toTrelloError(thrown)
      }
      return call({ method: 'POST', path: pathOf(cardId), body: link, answer: attachmentAnswer })
    },

    /** @throws TrelloError `rejected`, not sent, for more than `attachmentLimitBytes` */
    async attachFile(cardId: string, file: TrelloFile): Promise<TrelloAttachment> {
      if (file.bytes.length > attachmentLimitBytes)
        throw trelloError({
          kind: 'rejected',
          host,
          detail: 'the file is too large',
          messages: [`A file may have ${attachmentLimitBytes / 1_000_000} MB.`],
        })
      return call({
        method: 'POST',
        path: pathOf(cardId),
        form: toForm(file),
        answer: attachmentAnswer,
      })
    },

    deleteAttachment: (cardId: string, attachmentId: string): Promise<void> =>
      tell({ method: 'DELETE', path: pathOf(cardId, attachmentId) }),

    /**
     * The content of a file that lies with Trello; a link is not followed.
     *
     * @throws TrelloError `rejected` for a link
     */
    async download(cardId: string, attachmentId: string): Promise<TrelloFile> {
      const { name, mimeType, isUpload } = await attachment(cardId, attachmentId)
      if (!isUpload)
        throw trelloError({
          kind: 'rejected',
          host,
          detail: 'the attachment is a link',
          messages: ['This attachment is a link, not a file.'],
        })
      const path = `${pathOf(cardId, attachmentId)}/download/${encodeURIComponent(name)}`
      const answer = await requests.download(path, attachmentLimitBytes)
      if (answer.status !== 200) {
        answer.close()
        throw trelloError({
          kind: answer.status === 404 ? 'not-found' : 'unexpected-answer',
          sent: true,
          host,
          status: answer.status,
          detail: `the file came with status ${answer.status}`,
        })
      }
      try {
        const bytes = await readBytes(answer.body)
        return { name, mimeType: mimeType ?? 'application/octet-stream', bytes }
      } catch (thrown) {
        throw toTrelloError(thrown)
      }
    },
  }
}

/** One file as a form (RFC 7578); the name keeps its letters, as browsers send it. */
function toForm({ name, mimeType, bytes }: TrelloFile) {
  const boundary = `studioops-${randomBytes(16).toString('hex')}`
  const clean = (text: string) => text.replaceAll(/["\r\n]/g, '_')
  const part = (title: string, content: string) =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${title}"\r\n\r\n${content}\r\n`
  const head =
    part('name', name) +
    part('mimeType', mimeType) +
    `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${clean(name)}"\r\n` +
    `Content-Type: ${clean(mimeType)}\r\n\r\n`
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    bytes: Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]),
  }
}
