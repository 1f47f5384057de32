import { z } from 'zod'
import { attachmentLimitBytes } from '../../trello/trello-attachments.ts'
import { withoutAbsent } from '../../../platform/values/without-absent.ts'
import { badArgument } from '../tool-refusal.ts'
import { boardOf, requireCard, trelloTool } from './trello-tool-scope.ts'
import * as shape from './trello-tool-shapes.ts'

const onCard = { boardId: shape.optionalBoardId, cardId: shape.cardId }
const name = z.string().min(1).max(256).describe('Name that is shown.')
const mimeType = z.string().min(1).describe('Kind of the content, such as application/pdf.')
const base64 = z
  .string()
  .max(Math.ceil((attachmentLimitBytes * 4) / 3) + 200)
  .describe('The content as base64, or as a data: URL.')

const attachmentInput = z.object({
  cardId: shape.cardId,
  attachmentId: z.string().min(1).describe('Id of the attachment.'),
})

/** @throws ToolRefusal for what is no base64 */
function readContent(argument: string, given: string) {
  const [, type, content = given] = /^data:([^;,]*);base64,(.*)$/s.exec(given) ?? []
  const clean = content.replaceAll(/\s/g, '')
  if (clean === '' || !/^[A-Za-z0-9+/]+={0,2}$/.test(clean))
    throw badArgument(argument, 'base64, or a data: URL with base64')
  return { bytes: Buffer.from(clean, 'base64'), type }
}

export const attachmentTools = [
  trelloTool({
    name: 'get_card_attachments',
    title: 'List attachments of a card',
    description: 'Files and links.',
    toolset: 'attachments',
    effect: 'read',
    scope: 'own',
    input: z.object({ cardId: shape.cardId }),
    output: z.object({ attachments: z.array(shape.attachmentResult) }),
    async run(client, { cardId }, context) {
      await requireCard(client, cardId, context)
      return { attachments: await client.attachments(cardId) }
    },
  }),
  trelloTool({
    name: 'download_attachment',
    title: 'Read a file',
    description: 'The content of a file that lies with Trello, as base64. A link is not followed.',
    toolset: 'attachments',
    effect: 'read',
    whole: true,
    scope: 'own',
    input: attachmentInput,
    output: z.object({
      name: z.string(),
      mimeType: z.string(),
      bytes: z.int(),
      base64: z.string(),
    }),
    async run(client, { cardId, attachmentId }, context) {
      await requireCard(client, cardId, context)
      const file = await client.download(cardId, attachmentId)
      return {
        ...file,
        bytes: file.bytes.length,
        base64: Buffer.from(file.bytes).toString('base64'),
      }
    },
  }),
  trelloTool({
    name: 'attach_image_to_card',
    title: 'Attach a picture by its address',
    description: 'Attaches a link to a picture; Trello may fetch it for a preview.',
    toolset: 'attachments',
    effect: 'write',
    scope: 'own',
    input: z.object({
      ...onCard,
      imageUrl: z.url({ protocol: /^https?$/ }).describe('Address of the picture.'),
      name: name.optional(),
    }),
    output: shape.attachmentResult,
    async run(client, { cardId, imageUrl, name: shown }, context) {
      await requireCard(client, cardId, context)
      return client.attachUrl(cardId, { url: imageUrl, ...withoutAbsent({ name: shown }) })
    },
  }),
  trelloTool({
    name: 'attach_file_to_card',
    title: 'Attach a link',
    description: 'Attaches the address of a file; Trello may fetch it for a preview.',
    toolset: 'attachments',
    effect: 'write',
    scope: 'own',
    input: z.object({
      ...onCard,
      fileUrl: z.url({ protocol: /^https?$/ }).describe('Address of the file.'),
      name: name.optional(),
      mimeType: mimeType.optional(),
    }),
    output: shape.attachmentResult,
    async run(client, { cardId, fileUrl, name: shown, mimeType: type }, context) {
      await requireCard(client, cardId, context)
      const more = withoutAbsent({ name: shown, mimeType: type })
      return client.attachUrl(cardId, { url: fileUrl, ...more })
    },
  }),
  trelloTool({
    name: 'attach_data_to_card',
    title: 'Attach a file',
    description: 'Uploads content to a card.',
    toolset: 'attachments',
    effect: 'write',
    scope: 'own',
    input: z.object({
      ...onCard,
      data: base64,
      name: name.optional(),
      mimeType: mimeType.optional(),
    }),
    output: shape.attachmentResult,
    async run(client, { cardId, data, name: shown = 'file', mimeType: type }, context) {
      const content = readContent('data', data)
      await requireCard(client, cardId, context)
      const kind = type ?? content.type ?? 'application/octet-stream'
      return client.attachFile(cardId, { name: shown, mimeType: kind, bytes: content.bytes })
    },
  }),
  trelloTool({
    name: 'attach_image_data_to_card',
    title: 'Attach a picture',
    description: 'Uploads a picture to a card.',
    toolset: 'attachments',
    effect: 'write',
    scope: 'own',
    input: z.object({
      ...onCard,
      imageData: base64,
      name: name.optional(),
      mimeType: mimeType.optional(),
    }),
    output: shape.attachmentResult,
    async run(client, { cardId, imageData, name: shown = 'image', mimeType: type }, context) {
      const content = readContent('imageData', imageData)
      await requireCard(client, cardId, context)
      const kind = type ?? content.type ?? 'image/png'
      return client.attachFile(cardId, { name: shown, mimeType: kind, bytes: content.bytes })
    },
  }),
  trelloTool({
    name: 'delete_attachment',
    title: 'Delete an attachment for ever',
    description: 'Cannot be taken back.',
    toolset: 'deleting',
    effect: 'destroy',
    scope: 'own',
    input: attachmentInput,
    output: shape.doneResult,
    async run(client, { cardId, attachmentId }, context) {
      await requireCard(client, cardId, context)
      await client.deleteAttachment(cardId, attachmentId)
      return { done: true, id: attachmentId }
    },
  }),
]

const webhookInput = z.object({ webhookId: z.string().min(1).describe('Id of the webhook.') })

export const webhookTools = [
  trelloTool({
    name: 'create_webhook',
    title: 'Ask Trello to call back',
    description:
      'Trello calls the address at once and wants 200; then for every change of a board.',
    toolset: 'webhooks',
    effect: 'write',
    scope: 'own',
    input: z.object({
      boardId: shape.optionalBoardId,
      callbackURL: z.url({ protocol: /^https?$/ }).describe('Address that Trello calls.'),
      description: z.string().optional().describe('What it is for.'),
    }),
    output: shape.webhookResult,
    run: async (client, { callbackURL, description, ...args }, context) =>
      client.createWebhook({
        callbackURL,
        idModel: await boardOf(client, args, context),
        ...withoutAbsent({ description }),
      }),
  }),
  trelloTool({
    name: 'get_webhook',
    title: 'Read a webhook',
    description: 'Whether it is active and how often it failed.',
    toolset: 'webhooks',
    effect: 'read',
    scope: 'own',
    input: webhookInput,
    output: shape.webhookResult,
    async run(client, { webhookId }, { requireAllowed }) {
      const webhook = await client.webhook(webhookId)
      requireAllowed(webhook.idModel)
      return webhook
    },
  }),
  trelloTool({
    name: 'delete_webhook',
    title: 'End a webhook',
    description: 'Trello calls no more. It can be asked for again.',
    toolset: 'webhooks',
    effect: 'destroy',
    scope: 'own',
    input: webhookInput,
    output: shape.doneResult,
    async run(client, { webhookId }, { requireAllowed }) {
      requireAllowed((await client.webhook(webhookId)).idModel)
      await client.deleteWebhook(webhookId)
      return { done: true, id: webhookId }
    },
  }),
]
