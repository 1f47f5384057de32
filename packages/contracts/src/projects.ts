import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { graphemeText } from './grapheme-text.ts'
import { limits } from './limits.ts'

/**
 * What somebody may do in a project. `viewer`: read. `editor`: also change what is in it. `owner`:
 * also its members, its archive and its end. Whoever may only read the workspace may do no more here.
 */
export const projectRole = z.enum(['viewer', 'editor', 'owner'])
export type ProjectRole = z.output<typeof projectRole>

export const projectStatus = z.enum(['planned', 'active', 'on-hold', 'done'])
export type ProjectStatus = z.output<typeof projectStatus>

export const projectColor = z.enum([
  'blue',
  'teal',
  'green',
  'amber',
  'orange',
  'red',
  'pink',
  'violet',
  'gray',
])
export type ProjectColor = z.output<typeof projectColor>

/** ISO 4217; its minor units are those of `Intl`. */
export const currency = z.string().regex(/^[A-Z]{3}$/)

/** `numeric(14,4)` as a string that is never a float: digits, and up to four after the point. */
export const amount = z.string().regex(/^\d{1,10}(\.\d{1,4})?$/)

export const projectSummary = z.object({
  id: z.uuid(),
  name: z.string(),
  description: z.string(),
  status: projectStatus,
  color: projectColor,
  /** Of the person who asks. */
  role: projectRole,
  members: z.int(),
  links: z.int(),
  updatedAt: z.iso.datetime(),
  /** When something last happened in it. */
  activeAt: z.iso.datetime(),
  archivedAt: z.iso.datetime().optional(),
})
export type ProjectSummary = z.output<typeof projectSummary>

export const projectMember = z.object({
  userId: z.uuid(),
  displayName: z.string(),
  role: projectRole,
  addedAt: z.iso.datetime(),
  isYou: z.boolean(),
})
export type ProjectMember = z.output<typeof projectMember>

export const projectBudget = z.object({ currency, amount })
export type ProjectBudget = z.output<typeof projectBudget>

export const projectLinkKind = z.enum(['trello-board', 'jira-project', 'confluence-space'])
export type ProjectLinkKind = z.output<typeof projectLinkKind>

export const projectLink = z.object({
  id: z.uuid(),
  kind: projectLinkKind,
  /** Id of the board, key of the project or of the space. */
  key: z.string(),
  name: z.string(),
  url: z.string().optional(),
  /** False where it was typed while the system was away, and nobody has seen it there since. */
  isChecked: z.boolean(),
})
export type ProjectLink = z.output<typeof projectLink>

export const project = projectSummary.omit({ members: true, links: true }).extend({
  createdAt: z.iso.datetime(),
  members: z.array(projectMember),
  links: z.array(projectLink),
  budgets: z.array(projectBudget),
})
export type Project = z.output<typeof project>

/** Absent in `project.change`: stays as it is. */
const settings = z.object({
  name: graphemeText(limits.projectNameGraphemes).pipe(z.string().min(1)),
  description: graphemeText(limits.projectDescriptionGraphemes),
  status: projectStatus,
  color: projectColor,
})

const params = z.object({ projectId: z.uuid() })
const reply = z.object({ project })
const reading = ['session.required', 'project.not-found'] as const
const changing = [
  ...reading,
  'request.invalid',
  'session.read-only',
  'project.not-allowed',
  'project.archived',
] as const

export const listProjects = defineEndpoint({
  method: 'GET',
  path: '/projects',
  summary: 'Projects in which the person takes part; those in the trash are not among them.',
  access: 'member',
  query: z.object({
    shown: z.enum(['open', 'archived', 'all']).default('open'),
    search: z.string().max(limits.searchLengthMax).default(''),
    sort: z.enum(['active', 'name']).default('active'),
  }),
  reply: z.object({ projects: z.array(projectSummary) }),
  errors: ['session.required', 'request.invalid'],
})

export const createProject = defineEndpoint({
  method: 'POST',
  path: '/projects',
  summary: 'Begins a project; whoever does it owns it.',
  access: 'member',
  body: settings.partial().required({ name: true }),
  reply,
  status: 201,
  errors: ['session.required', 'session.read-only', 'request.invalid'],
})

export const readProject = defineEndpoint({
  method: 'GET',
  path: '/projects/:projectId',
  summary: 'A project with its members, links and budgets.',
  access: 'member',
  params,
  reply,
  errors: reading,
})

export const changeProject = defineEndpoint({
  method: 'PATCH',
  path: '/projects/:projectId',
  summary: 'Changes name, description, status or colour.',
  access: 'member',
  params,
  body: settings.partial(),
  reply,
  errors: changing,
})

export const archiveProject = defineEndpoint({
  method: 'PUT',
  path: '/projects/:projectId/archive',
  summary:
    'Puts a project into the archive, where it can be read and not changed, or takes it out.',
  access: 'member',
  params,
  body: z.object({ isArchived: z.boolean() }),
  reply,
  errors: changing,
})
