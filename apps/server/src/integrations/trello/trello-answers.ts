import { z } from 'zod'

/**
 * What we read of Trello's answers: no member more than we use, and tolerant of everything else
 * (`external-apis.md` 4). There is no file of the vendor that may be kept, so this is our contract.
 */
const text = z.string().catch('').default('')
const optionalText = z.string().min(1).optional().catch(undefined)
const flag = z.boolean().catch(false).default(false)
const count = z.number().catch(0).default(0)
const position = z.number().catch(0).default(0)
const ids = z.array(z.string()).catch([]).default([])
const id = z.string().min(1)

export const memberAnswer = z.object({
  id,
  username: text,
  fullName: text,
  email: optionalText,
})

export const organizationAnswer = z.object({
  id,
  name: text,
  displayName: text,
  url: text,
})

export const boardAnswer = z.object({
  id,
  name: text,
  desc: text,
  closed: flag,
  url: text,
  shortUrl: text,
  idOrganization: optionalText,
  dateLastActivity: optionalText,
})

export const listAnswer = z.object({
  id,
  name: text,
  closed: flag,
  idBoard: text,
  pos: position,
  subscribed: z.boolean().optional().catch(undefined),
})

export const labelAnswer = z.object({
  id,
  idBoard: text,
  name: text,
  /** Absent: a label without a colour. */
  color: optionalText,
})

export const checkItemAnswer = z.object({
  id,
  name: text,
  state: z.enum(['complete', 'incomplete']).catch('incomplete').default('incomplete'),
  pos: position,
  due: optionalText,
  idMember: optionalText,
})

export const checklistAnswer = z.object({
  id,
  name: text,
  idCard: text,
  idBoard: text,
  pos: position,
  checkItems: z.array(checkItemAnswer).catch([]).default([]),
})

export const customFieldItemAnswer = z.object({
  idCustomField: id,
  /** Of a field with a list of options. */
  idValue: optionalText,
  /** One member, named by the kind: `text`, `number`, `date`, `checked`; values are texts. */
  value: z.record(z.string(), z.string()).optional().catch(undefined),
})

export const customFieldAnswer = z.object({
  id,
  name: text,
  type: text,
  pos: position,
  options: z
    .array(
      z.object({
        id,
        value: z.object({ text }).catch({ text: '' }).default({ text: '' }),
        color: optionalText,
      }),
    )
    .optional()
    .catch(undefined),
})

export const attachmentAnswer = z.object({
  id,
  name: text,
  url: text,
  bytes: z.number().optional().catch(undefined),
  mimeType: optionalText,
  date: optionalText,
  /** True where the file lies with Trello; false for a link. */
  isUpload: flag,
})

const badges = z
  .object({ comments: count, attachments: count, checkItems: count, checkItemsChecked: count })
  .catch({ comments: 0, attachments: 0, checkItems: 0, checkItemsChecked: 0 })

export const cardAnswer = z.object({
  id,
  idShort: z.number().optional().catch(undefined),
  name: text,
  desc: text,
  closed: flag,
  idBoard: text,
  idList: text,
  pos: position,
  due: optionalText,
  dueComplete: flag,
  /** Minutes before `due`; -1 for none. */
  dueReminder: z.number().optional().catch(undefined),
  start: optionalText,
  idMembers: ids,
  labels: z.array(labelAnswer).catch([]).default([]),
  subscribed: z.boolean().optional().catch(undefined),
  shortUrl: text,
  url: text,
  dateLastActivity: optionalText,
  badges: badges.default({ comments: 0, attachments: 0, checkItems: 0, checkItemsChecked: 0 }),
  checklists: z.array(checklistAnswer).optional().catch(undefined),
  attachments: z.array(attachmentAnswer).optional().catch(undefined),
  members: z.array(memberAnswer).optional().catch(undefined),
  customFieldItems: z.array(customFieldItemAnswer).optional().catch(undefined),
})

export const actionAnswer = z.object({
  id,
  type: text,
  date: text,
  memberCreator: memberAnswer.optional().catch(undefined),
  data: z.record(z.string(), z.unknown()).catch({}).default({}),
})

/** A whole board in one answer: what `GET /boards/{id}` nests. */
export const wholeBoardAnswer = boardAnswer.extend({
  lists: z.array(listAnswer),
  cards: z.array(cardAnswer),
  labels: z.array(labelAnswer).catch([]).default([]),
  members: z.array(memberAnswer).catch([]).default([]),
  checklists: z.array(checklistAnswer).catch([]).default([]),
  customFields: z.array(customFieldAnswer).catch([]).default([]),
})

export const searchAnswer = z.object({
  boards: z.array(boardAnswer).catch([]).default([]),
  cards: z.array(cardAnswer).catch([]).default([]),
  members: z.array(memberAnswer).catch([]).default([]),
})

export const webhookAnswer = z.object({
  id,
  description: text,
  idModel: text,
  callbackURL: text,
  active: flag,
  consecutiveFailures: count,
})

/** What Trello sends to the callback of a webhook. */
export const webhookEvent = z.object({
  action: actionAnswer,
  model: z.object({ id }),
})
