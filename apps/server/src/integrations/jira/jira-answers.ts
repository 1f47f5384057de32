import { z } from 'zod'

/**
 * What we read of Jira's answers: no member more than we use, and tolerant of everything else
 * (`external-apis.md` 2). Vendors add members at any time.
 */
const text = z.string().catch('')
const optionalText = z.string().min(1).optional().catch(undefined)

export const serverInfoAnswer = z.object({
  deploymentType: optionalText,
  version: optionalText,
  baseUrl: optionalText,
})

export const myselfAnswer = z.object({
  self: optionalText,
  accountId: optionalText,
  key: optionalText,
  name: optionalText,
  emailAddress: optionalText,
  displayName: optionalText,
  active: z.boolean(),
  deleted: z.boolean().catch(false).default(false),
  avatarUrls: z.record(z.string(), z.string()).catch({}).default({}),
})

export const projectAnswer = z.object({
  id: z.string(),
  key: z.string(),
  name: text,
  archived: z.boolean().catch(false).default(false),
})

export const issueTypeAnswer = z.object({
  id: z.string(),
  name: z.string(),
  description: text.default(''),
  subtask: z.boolean().catch(false).default(false),
})

const fieldSchema = z.object({
  type: text.default(''),
  items: optionalText,
  system: optionalText,
  custom: optionalText,
})

/** A choice of a field; system fields call it `name`, custom ones `value`. */
const choice = z.object({
  id: z.union([z.string(), z.number()]).transform(String).optional().catch(undefined),
  key: optionalText,
  name: optionalText,
  value: optionalText,
  title: optionalText,
  disabled: z.boolean().optional().catch(undefined),
  archived: z.boolean().optional().catch(undefined),
})
/** Of a cascading list, with what follows from it. */
const allowedValue = choice
  .extend({ children: z.array(choice).optional().catch(undefined) })
  .catch({})

export const createFieldAnswer = z.object({
  fieldId: z.string(),
  name: text,
  required: z.boolean().catch(false).default(false),
  hasDefaultValue: z.boolean().catch(false).default(false),
  schema: fieldSchema.catch({ type: '' }),
  allowedValues: z.array(allowedValue).optional().catch(undefined),
})

/** What may be changed in an issue that is there; tells much of what its create screen takes. */
export const editMetaAnswer = z.object({
  fields: z.record(z.string(), z.object({}).loose()).catch({}).default({}),
})

export const projectTypesAnswer = z.object({
  issueTypes: z.array(issueTypeAnswer).catch([]).default([]),
})

export const fieldAnswer = z.object({
  id: z.string(),
  name: text,
  schema: fieldSchema.optional().catch(undefined),
})

export const issueAnswer = z.object({
  id: z.string(),
  key: z.string(),
  fields: z.record(z.string(), z.unknown()).catch({}).default({}),
  properties: z.record(z.string(), z.unknown()).optional().catch(undefined),
})

export const searchAnswer = z.object({
  issues: z.array(issueAnswer),
  startAt: z.int().optional().catch(undefined),
  total: z.int().optional().catch(undefined),
  nextPageToken: optionalText,
})

export const createdAnswer = z.object({ id: z.string(), key: z.string(), self: optionalText })

const items = z.array(z.unknown())

/** A page of anything, in the shapes that Data Center, Cloud and both their pasts know. */
export const pageAnswer = z.object({
  values: items.optional(),
  issueTypes: items.optional(),
  fields: items.optional(),
  createMetaIssueType: items.optional(),
  results: items.optional(),
  total: z.int().optional().catch(undefined),
  isLast: z.boolean().optional().catch(undefined),
})

/** Create metadata before Jira 8.4: everything in one answer, fields by their id. */
export const legacyMetaAnswer = z.object({
  projects: z.array(
    z.object({
      issuetypes: z.array(
        issueTypeAnswer.extend({ fields: z.record(z.string(), z.object({}).loose()).default({}) }),
      ),
    }),
  ),
})
