import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'

/** Rows by table; tables without any are left out. */
const rowCounts = z.record(z.string(), z.int())

/** Purchases are accounting records: they stay without their project, or go with it. */
export const purchasesChoice = z.enum(['detach', 'delete'])
export type PurchasesChoice = z.output<typeof purchasesChoice>

/** What a deletion would do at this moment. */
export const deletionPreview = z.object({
  projectId: z.uuid(),
  name: z.string(),
  removed: rowCounts,
  /** These stay without their project, unless they are to be deleted too. */
  detached: rowCounts,
  /** Of the object store; none of them is shared with another project. */
  objects: z.int(),
  objectBytes: z.int(),
  /** Boards, projects and spaces outside; nothing happens to them. */
  links: z.array(z.string()),
  /** So long it can be restored. */
  trashDays: z.int(),
})
export type DeletionPreview = z.output<typeof deletionPreview>

/** A project in the trash: nothing of it answers any more, and nothing of it is gone. */
export const trashedProject = z.object({
  projectId: z.uuid(),
  name: z.string(),
  deletedByName: z.string(),
  deletedAt: z.iso.datetime(),
  /** When it goes for good by itself. */
  purgedFrom: z.iso.datetime(),
  purchases: purchasesChoice,
  /** Owners restore and purge. */
  isOwn: z.boolean(),
})
export type TrashedProject = z.output<typeof trashedProject>

/** What went, and who did it; it outlives the project and those who took part. */
export const deletionReceipt = z.object({
  id: z.uuid(),
  projectId: z.uuid(),
  projectName: z.string(),
  deletedByName: z.string(),
  trashedAt: z.iso.datetime(),
  purgedAt: z.iso.datetime(),
  /** A person, or the end of the days in the trash. */
  cause: z.enum(['person', 'retention']),
  requestId: z.string().optional(),
  purchases: purchasesChoice,
  removed: rowCounts,
  detached: rowCounts,
  objects: z.int(),
  objectBytes: z.int(),
  /** That were stopped. */
  jobs: z.int(),
})
export type DeletionReceipt = z.output<typeof deletionReceipt>

const params = z.object({ projectId: z.uuid() })
const reading = ['session.required', 'project.not-found', 'project.not-allowed'] as const
const changing = [
  ...reading,
  'session.read-only',
  'request.invalid',
  'project.name-differs',
] as const

export const previewDeletion = defineEndpoint({
  method: 'GET',
  path: '/projects/:projectId/deletion',
  summary: 'What the deletion of a project would take along, and what would stay.',
  access: 'member',
  params,
  reply: z.object({ preview: deletionPreview }),
  errors: reading,
})

export const trashProject = defineEndpoint({
  method: 'POST',
  path: '/projects/:projectId/deletion',
  summary: 'Puts a project into the trash, from where its owners can take it back for 30 days.',
  access: 'member',
  params,
  body: z.object({
    /** Compared after NFC and without blanks around it. */
    name: z.string().max(1_000),
    purchases: purchasesChoice.default('detach'),
  }),
  reply: z.object({ trashed: trashedProject }),
  errors: changing,
})

export const listTrash = defineEndpoint({
  method: 'GET',
  path: '/trash/projects',
  summary: 'Projects of the person that are in the trash, the newest first.',
  access: 'member',
  reply: z.object({ projects: z.array(trashedProject) }),
  errors: ['session.required'],
})

export const restoreProject = defineEndpoint({
  method: 'POST',
  path: '/trash/projects/:projectId/restore',
  summary: 'Takes a project out of the trash, as it was.',
  access: 'member',
  params,
  reply: z.object({ projectId: z.uuid() }),
  errors: [...reading, 'session.read-only'],
})

export const purgeProject = defineEndpoint({
  method: 'POST',
  path: '/trash/projects/:projectId/purge',
  summary: 'Deletes a project of the trash for good, with a receipt.',
  access: 'member',
  stepUp: true,
  params,
  body: z.object({ name: z.string().max(1_000) }),
  reply: z.object({ receipt: deletionReceipt }),
  errors: [...changing, 'session.step-up-needed'],
})

/** Not of the router: it answers with a file. */
export const projectArchive = {
  params,
  query: z.object({ language: z.enum(['en', 'he']).default('en') }),
}

/** The path below `/api` of everything in a project as one file. */
export function archivePath(projectId: string, language: 'en' | 'he'): string {
  return `/projects/${projectId}/archive?language=${language}`
}

export const listReceipts = defineEndpoint({
  method: 'GET',
  path: '/deletion-receipts',
  summary: 'Receipts of the projects in which the person took part, the newest first.',
  access: 'member',
  reply: z.object({ receipts: z.array(deletionReceipt) }),
  errors: ['session.required'],
})
