import { z } from 'zod'
import type { JsonValue } from '../json-value.ts'

const json: z.ZodType<JsonValue> = z.json() as z.ZodType<JsonValue>

const storedComment = z.object({
  id: z.string(),
  author: z.string(),
  body: json,
  created: z.number(),
})

const storedWorklog = z.object({
  id: z.string(),
  author: z.string(),
  comment: json,
  started: z.string(),
  timeSpentSeconds: z.int(),
  created: z.number(),
})

const storedAttachment = z.object({
  id: z.string(),
  filename: z.string(),
  mimeType: z.string(),
  author: z.string(),
  base64: z.string(),
  created: z.number(),
})

const storedHistory = z.object({
  id: z.string(),
  author: z.string(),
  created: z.number(),
  items: z.array(
    z.object({ field: z.string(), fieldId: z.string(), before: z.string(), after: z.string() }),
  ),
})

/** What happened to an issue after it was created. Absent in what an older simulator kept. */
const sinceCreated = {
  statusId: z.string().default('10000'),
  watchers: z.array(z.string()).default([]),
  worklogs: z.array(storedWorklog).default([]),
  attachments: z.array(storedAttachment).default([]),
  history: z.array(storedHistory).default([]),
  remoteLinks: z.array(z.object({ id: z.int(), globalId: z.string(), object: json })).default([]),
  sprintId: z.int().optional(),
}

const storedIssue = z.object({
  id: z.string(),
  key: z.string(),
  projectKey: z.string(),
  issueTypeId: z.string(),
  summary: z.string(),
  /** Wiki text on Data Center, a document on Cloud, null when there is none. */
  description: json,
  labels: z.array(z.string()),
  priorityId: z.string(),
  /** Keys of people. */
  reporter: z.string(),
  creator: z.string(),
  assignee: z.string().optional(),
  parentKey: z.string().optional(),
  /** Custom fields, as they were sent. */
  custom: z.record(z.string(), json),
  properties: z.record(z.string(), json),
  comments: z.array(storedComment),
  /** Milliseconds since 1970. */
  created: z.number(),
  updated: z.number(),
  ...sinceCreated,
})

const storedVersion = z.object({
  id: z.string(),
  projectKey: z.string(),
  name: z.string(),
  description: z.string().optional(),
  startDate: z.string().optional(),
  releaseDate: z.string().optional(),
  archived: z.boolean(),
  released: z.boolean(),
})

const storedSprint = z.object({
  id: z.int(),
  boardId: z.int(),
  name: z.string(),
  state: z.enum(['future', 'active', 'closed']),
  startDate: z.string().optional(),
  endDate: z.string().optional(),
  goal: z.string().optional(),
})

const storedLink = z.object({
  id: z.string(),
  typeId: z.string(),
  inwardKey: z.string(),
  outwardKey: z.string(),
})

const counts = z.record(z.string(), z.int())

export const jiraState = z.object({
  kind: z.literal('jira'),
  version: z.literal(1),
  lastId: z.int(),
  /** The newest issue number of each project. */
  lastNumbers: counts,
  /** In the order of creation. */
  issues: z.array(storedIssue),
  links: z.array(storedLink),
  versions: z.array(storedVersion).default([]),
  sprints: z.array(storedSprint).default([]),
  /** Bulk moves, and how often each was asked about. */
  moves: z
    .array(z.object({ taskId: z.string(), ids: z.array(z.int()), asked: z.int() }))
    .default([]),
  /** How often an issue was really created: in all, by label, by marker in the description. */
  creates: z.object({ total: z.int(), byLabel: counts, byDescriptionMarker: counts }),
})

export type JiraState = z.infer<typeof jiraState>
export type StoredIssue = z.infer<typeof storedIssue>
export type StoredComment = z.infer<typeof storedComment>
export type StoredLink = z.infer<typeof storedLink>
export type StoredWorklog = z.infer<typeof storedWorklog>
export type StoredAttachment = z.infer<typeof storedAttachment>
export type StoredVersion = z.infer<typeof storedVersion>
export type StoredSprint = z.infer<typeof storedSprint>
type NewIssue = Omit<StoredIssue, 'id' | 'key' | keyof typeof sinceCreated>

export function emptyJiraState(): JiraState {
  return {
    kind: 'jira',
    version: 1,
    lastId: 10_000,
    lastNumbers: {},
    issues: [],
    links: [],
    versions: [],
    sprints: [],
    moves: [],
    creates: { total: 0, byLabel: {}, byDescriptionMarker: {} },
  }
}

const marker = /\bso-[a-z0-9]{4,40}\b/g

export function addIssue(state: JiraState, issue: NewIssue): StoredIssue {
  const number = (state.lastNumbers[issue.projectKey] ?? 0) + 1
  state.lastNumbers[issue.projectKey] = number
  const stored: StoredIssue = {
    ...issue,
    id: nextId(state),
    key: `${issue.projectKey}-${number}`,
    statusId: '10000',
    watchers: [],
    worklogs: [],
    attachments: [],
    history: [],
    remoteLinks: [],
  }
  state.issues.push(stored)
  const { creates } = state
  creates.total += 1
  for (const label of issue.labels) increment(creates.byLabel, label)
  const markers = new Set(plainText(issue.description).match(marker))
  for (const found of markers) increment(creates.byDescriptionMarker, found)
  return stored
}

export function nextId(state: JiraState): string {
  state.lastId += 1
  return String(state.lastId)
}

export function increment(record: Record<string, number>, member: string): void {
  record[member] = (record[member] ?? 0) + 1
}

export function findIssue(state: JiraState, idOrKey: string): StoredIssue | undefined {
  const wanted = idOrKey.toUpperCase()
  return state.issues.find(({ id, key }) => key === wanted || id === idOrKey)
}

/** The words of a wiki text or of a document, for searches. */
export function plainText(text: JsonValue): string {
  if (typeof text === 'string') return text
  if (Array.isArray(text)) return text.map(plainText).join(' ')
  if (text === null || typeof text !== 'object') return ''
  return [text['text'] ?? '', text['content'] ?? ''].map(plainText).join(' ')
}
