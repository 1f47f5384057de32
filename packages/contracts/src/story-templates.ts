import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { graphemeText } from './grapheme-text.ts'
import { language } from './installation.ts'
import { limits } from './limits.ts'
import { storyContent } from './story-content.ts'

/** What a body may name in `{{…}}`; anything else is refused. `section:<key>` besides. */
export const templateSlots = [
  'summary',
  'narrative',
  'asA',
  'iWant',
  'soThat',
  'criteria',
  'scenarios',
  'stlc',
  'points',
] as const

const templateSection = z.object({
  key: z
    .string()
    .trim()
    .regex(/^[a-z][a-z0-9-]{0,29}$/),
  title: graphemeText(limits.sectionTitleGraphemes).pipe(z.string().min(1)),
  /** What the model is told to write there. */
  hint: graphemeText(limits.criterionGraphemes),
  isRequired: z.boolean(),
})
export type TemplateSection = z.output<typeof templateSection>

/** How the description of an issue is laid out (STY-2): Markdown with places to be filled in. */
export const templateText = z.object({
  name: graphemeText(limits.templateNameGraphemes).pipe(z.string().min(1)),
  body: z.string().trim().min(1).max(limits.templateBodyLengthMax),
  sections: z.array(templateSection).max(limits.templateSectionsMax),
})
export type TemplateText = z.output<typeof templateText>

/** As it is shown: what was kept is shown, whatever the limits of today are. */
const shownText = z.object({
  name: z.string(),
  body: z.string(),
  sections: z.array(
    z.object({ key: z.string(), title: z.string(), hint: z.string(), isRequired: z.boolean() }),
  ),
})

export const storyTemplate = shownText.extend({
  id: z.uuid(),
  version: z.int(),
  /** Its members may use it; absent: the own one alone. */
  projectId: z.uuid().optional(),
  /** Whether the reader may change it. */
  isOwn: z.boolean(),
  updatedAt: z.iso.datetime(),
})
export type StoryTemplate = z.output<typeof storyTemplate>

const params = z.object({ templateId: z.uuid() })
const reply = z.object({ template: storyTemplate })

export const listStoryTemplates = defineEndpoint({
  method: 'GET',
  path: '/story-templates',
  summary: 'The own templates and those of the own projects, by name.',
  access: 'member',
  query: z.object({ projectId: z.uuid().optional() }),
  reply: z.object({ templates: z.array(storyTemplate) }),
  errors: ['session.required'],
})

export const createStoryTemplate = defineEndpoint({
  method: 'POST',
  path: '/story-templates',
  summary: 'Keeps a new template, for oneself or for a project that one may edit.',
  access: 'member',
  status: 201,
  body: templateText.extend({ projectId: z.uuid().optional() }),
  reply,
  errors: [
    'session.required',
    'request.invalid',
    'project.not-found',
    'project.not-allowed',
    'project.archived',
    'story.bad-template',
    'story.too-many-templates',
  ],
})

export const changeStoryTemplate = defineEndpoint({
  method: 'PUT',
  path: '/story-templates/:templateId',
  summary: 'A new version; stories that began with an earlier one keep it until they choose.',
  access: 'member',
  params,
  body: templateText.extend({ basedOn: z.int().min(1).max(limits.versionsMax) }),
  reply,
  errors: [
    'session.required',
    'request.invalid',
    'story.template-not-found',
    'story.version-changed',
    'story.bad-template',
  ],
})

export const deleteStoryTemplate = defineEndpoint({
  method: 'DELETE',
  path: '/story-templates/:templateId',
  summary: 'Deletes a template; stories that use it are laid out the classic way from then on.',
  access: 'member',
  params,
  reply: z.object({}),
  errors: ['session.required', 'story.template-not-found'],
})

export const listTemplateVersions = defineEndpoint({
  method: 'GET',
  path: '/story-templates/:templateId/versions',
  summary: 'Every version of a template, newest first.',
  access: 'member',
  params,
  reply: z.object({
    versions: z.array(shownText.extend({ number: z.int(), createdAt: z.iso.datetime() })),
  }),
  errors: ['session.required', 'story.template-not-found'],
})

export const previewStoryTemplate = defineEndpoint({
  method: 'POST',
  path: '/story-templates/preview',
  summary: 'What a template makes of a story, or of a sample. Nothing is kept.',
  access: 'member',
  body: templateText.omit({ name: true }).extend({
    language,
    /** Absent: a sample in that language. */
    content: storyContent.optional(),
  }),
  reply: z.object({
    /** Markdown. */
    description: z.string(),
    /** Names in `{{…}}` that nothing stands for, each once; the template cannot be kept with them. */
    unknown: z.array(z.string()),
  }),
  errors: ['session.required', 'request.invalid'],
})
