import { z } from 'zod'

/**
 * What we read of issues at work: people, comments, time, transitions, links, plans. Tolerant like
 * `jira-answers.ts`: no member more than we use.
 */
const text = z.string().catch('').default('')
const optionalText = z.string().min(1).optional().catch(undefined)
const optionalFlag = z.boolean().optional().catch(undefined)
const idText = z.union([z.string(), z.number()]).transform(String)

export const userAnswer = z.object({
  accountId: optionalText,
  name: optionalText,
  displayName: text,
  emailAddress: optionalText,
  active: z.boolean().catch(true).default(true),
})

const author = userAnswer.nullish().catch(undefined)

export const commentAnswer = z.object({
  id: z.string(),
  author,
  body: z.unknown(),
  created: text,
  updated: text,
})
export const commentsAnswer = z.object({
  comments: z.array(commentAnswer),
  total: z.int().optional().catch(undefined),
})

export const worklogAnswer = z.object({
  id: z.string(),
  author,
  comment: z.unknown(),
  started: text,
  timeSpent: text,
  timeSpentSeconds: z.int().catch(0).default(0),
})
export const worklogsAnswer = z.object({
  worklogs: z.array(worklogAnswer),
  total: z.int().optional().catch(undefined),
})

export const transitionsAnswer = z.object({
  transitions: z.array(
    z.object({
      id: z.string(),
      name: text,
      to: z.object({ id: optionalText, name: text }).optional().catch(undefined),
      fields: z.record(z.string(), z.unknown()).optional().catch(undefined),
    }),
  ),
})

export const watchersAnswer = z.object({
  watchCount: z.int().catch(0).default(0),
  isWatching: z.boolean().catch(false).default(false),
  watchers: z.array(userAnswer).catch([]).default([]),
})

export const linkTypesAnswer = z.object({
  issueLinkTypes: z.array(z.object({ id: z.string(), name: text, inward: text, outward: text })),
})

const end = z.object({ key: z.string() })
export const linkAnswer = z.object({ inwardIssue: end, outwardIssue: end })

export const remoteLinkAnswer = z.object({ id: idText, self: optionalText })

export const attachmentAnswer = z.object({
  id: idText,
  filename: text,
  mimeType: text,
  size: z.int().catch(0).default(0),
  created: text,
  author,
  /** Where its bytes are. */
  content: optionalText,
})
export const attachmentsOfIssue = z.object({
  fields: z.object({ attachment: z.array(attachmentAnswer).catch([]).default([]) }),
})

const change = z.object({
  field: text,
  fieldId: optionalText,
  from: z.string().nullish().catch(undefined),
  fromString: z.string().nullish().catch(undefined),
  to: z.string().nullish().catch(undefined),
  toString: z.string().nullish().catch(undefined),
})
export const historyAnswer = z.object({
  id: idText,
  author,
  created: text,
  items: z.array(change).catch([]).default([]),
})
/** Cloud pages it; Data Center sends it along with the issue. */
export const changelogPage = z.object({
  values: z.array(historyAnswer),
  isLast: optionalFlag,
  total: z.int().optional().catch(undefined),
})
export const changelogOfIssue = z.object({
  changelog: z.object({ histories: z.array(historyAnswer) }),
})

export const bulkAnswer = z.object({
  issues: z.array(z.object({ id: z.string(), key: z.string() })),
  errors: z
    .array(
      z.object({
        failedElementNumber: z.int(),
        elementErrors: z
          .object({
            errorMessages: z.array(z.string()).catch([]).default([]),
            errors: z.record(z.string(), z.string()).catch({}).default({}),
          })
          .catch({ errorMessages: [], errors: {} }),
      }),
    )
    .catch([])
    .default([]),
})

export const versionAnswer = z.object({
  id: z.string(),
  name: text,
  description: optionalText,
  startDate: optionalText,
  releaseDate: optionalText,
  archived: z.boolean().catch(false).default(false),
  released: z.boolean().catch(false).default(false),
})

export const componentAnswer = z.object({ id: z.string(), name: text, description: optionalText })

export const boardAnswer = z.object({
  id: idText,
  name: text,
  type: text,
  location: z.object({ projectKey: optionalText }).optional().catch(undefined),
})

export const sprintAnswer = z.object({
  id: idText,
  name: text,
  state: text,
  startDate: optionalText,
  endDate: optionalText,
  completeDate: optionalText,
  goal: optionalText,
  originBoardId: idText.optional().catch(undefined),
})

export const boardConfigurationAnswer = z.object({
  estimation: z
    .object({
      type: text,
      field: z.object({ fieldId: z.string(), displayName: text }).optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
})

export const agilePage = z.object({
  startAt: z.int().catch(0).default(0),
  isLast: optionalFlag,
  total: z.int().optional().catch(undefined),
})

export const optionsPage = z.object({
  values: z.array(z.object({ id: idText, value: text, disabled: optionalFlag })),
  isLast: optionalFlag,
})
export const contextsPage = z.object({ values: z.array(z.object({ id: idText, name: text })) })

/** For answers that carry nothing we need, most of them empty. */
export const nothing = z.unknown().transform((): void => undefined)
