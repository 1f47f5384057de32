import { z } from 'zod'

/**
 * Arguments and results of our Trello tools. Names and types of arguments are those of
 * delorenj/mcp-server-trello, so that a prompt or a rule for the other server works with ours.
 */
const trelloId = z.string().regex(/^([0-9a-fA-F]{24}|[0-9a-zA-Z]{8})$/)

export const boardId = trelloId.describe('Id of the board, or the short one of its address.')
export const optionalBoardId = boardId
  .optional()
  .describe('Id of the board. May be left out where the server is kept to one board.')
export const listId = trelloId.describe('Id of the list.')
export const cardId = trelloId.describe('Id of the card, or the short one of its address.')
export const memberId = trelloId.describe('Id of the member.')
export const labelId = trelloId.describe('Id of the label.')
export const date = z
  .string()
  .refine((text) => !Number.isNaN(Date.parse(text)), 'a date such as 2026-12-24T10:00:00Z')
export const dateOrEmpty = z
  .string()
  .refine(
    (text) => text === '' || !Number.isNaN(Date.parse(text)),
    'a date such as 2026-12-24T10:00:00Z, or an empty text to take it away',
  )
export const position = z.coerce
  .string()
  .regex(/^(top|bottom|\d+(\.\d+)?)$/)
  .describe('top, bottom, or a positive number between those of two neighbours.')
export const color = z
  .string()
  .describe('Such as green, yellow, orange, red, purple, blue, sky, lime, pink, black; or null.')
export const limit = z.int().min(1).max(1_000)

export const boardResult = z.object({
  id: z.string(),
  name: z.string(),
  desc: z.string(),
  closed: z.boolean(),
  url: z.string(),
  idOrganization: z.string().optional(),
  dateLastActivity: z.string().optional(),
})

export const listResult = z.object({
  id: z.string(),
  name: z.string(),
  closed: z.boolean(),
  idBoard: z.string(),
  pos: z.number(),
})

export const labelResult = z.object({
  id: z.string(),
  name: z.string(),
  color: z.string().optional(),
})

export const memberResult = z.object({
  id: z.string(),
  username: z.string(),
  fullName: z.string(),
})

export const checkItemResult = z.object({
  id: z.string(),
  name: z.string(),
  state: z.enum(['complete', 'incomplete']),
  due: z.string().optional(),
  idMember: z.string().optional(),
})

export const checklistResult = z.object({
  id: z.string(),
  name: z.string(),
  idCard: z.string(),
  checkItems: z.array(checkItemResult),
})

export const attachmentResult = z.object({
  id: z.string(),
  name: z.string(),
  url: z.string(),
  mimeType: z.string().optional(),
  bytes: z.number().optional(),
  isUpload: z.boolean().describe('False for a link.'),
})

export const customFieldItemResult = z.object({
  idCustomField: z.string(),
  idValue: z.string().optional(),
  value: z.record(z.string(), z.string()).optional(),
})

export const cardResult = z.object({
  id: z.string(),
  name: z.string(),
  desc: z.string().optional(),
  closed: z.boolean(),
  idBoard: z.string(),
  idList: z.string(),
  pos: z.number(),
  due: z.string().optional(),
  dueComplete: z.boolean(),
  start: z.string().optional(),
  idMembers: z.array(z.string()),
  labels: z.array(labelResult),
  url: z.string(),
  dateLastActivity: z.string().optional(),
  comments: z.number(),
  attachmentCount: z.number(),
  checkItems: z.number(),
  checkItemsChecked: z.number(),
})

export const wholeCardResult = cardResult.extend({
  checklists: z.array(checklistResult),
  attachments: z.array(attachmentResult),
  members: z.array(memberResult),
  customFieldItems: z.array(customFieldItemResult),
  markdown: z.string().optional(),
})

export const commentResult = z.object({
  id: z.string(),
  text: z.string(),
  date: z.string(),
  author: z.string(),
})

export const actionResult = z.object({
  id: z.string(),
  type: z.string(),
  date: z.string(),
  author: z.string(),
  data: z.record(z.string(), z.unknown()),
})

export const customFieldResult = z.object({
  id: z.string(),
  name: z.string(),
  type: z.string(),
  options: z.array(z.object({ id: z.string(), text: z.string() })).optional(),
})

export const webhookResult = z.object({
  id: z.string(),
  idModel: z.string(),
  callbackURL: z.string(),
  active: z.boolean(),
  consecutiveFailures: z.number(),
})

export const doneResult = z.object({ done: z.boolean(), id: z.string() })
