import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { language } from './installation.ts'
import { limits } from './limits.ts'
import { storyFormat } from './stories.ts'
import { storyChild, storyContent } from './story-content.ts'
import { effectiveRule, ruleLayer, ruleResult, ruleSetting, storyRule } from './story-rules.ts'

/** The rules of the workspace, of a project and of the person: each layer over the one before (STY-12). */

const layered = z.object({
  rules: z.array(effectiveRule),
  /** What each layer says, by rule; also what is without effect because an earlier layer locks. */
  layers: z.partialRecord(ruleLayer, z.partialRecord(storyRule, ruleSetting)),
  /** The layers that the reader may change. */
  mayChange: z.array(ruleLayer),
})
export type LayeredRules = z.output<typeof layered>

export const listStoryRules = defineEndpoint({
  method: 'GET',
  path: '/story-rules',
  summary: 'The rules as they hold for the person, in a project where one is named; who said what.',
  access: 'member',
  query: z.object({ projectId: z.uuid().optional() }),
  reply: layered,
  errors: ['session.required', 'project.not-found'],
})

const rule = { rule: storyRule }
const refusals = ['session.required', 'request.invalid', 'story.bad-rule'] as const

export const setOwnRule = defineEndpoint({
  method: 'PUT',
  path: '/story-rules/own/:rule',
  summary:
    'Sets a rule for the own stories, such as the most story points. Empty: back to the rest.',
  access: 'member',
  params: z.object(rule),
  body: ruleSetting.omit({ isLocked: true }),
  reply: layered,
  errors: [...refusals, 'story.rule-locked'],
})

export const setProjectRule = defineEndpoint({
  method: 'PUT',
  path: '/story-rules/projects/:projectId/:rule',
  summary:
    'Sets a rule for the stories of a project; for those who own it. Empty: back to the rest.',
  access: 'member',
  params: z.object({ projectId: z.uuid(), ...rule }),
  body: ruleSetting,
  reply: layered,
  errors: [
    ...refusals,
    'project.not-found',
    'project.not-allowed',
    'project.archived',
    'story.rule-locked',
  ],
})

export const setWorkspaceRule = defineEndpoint({
  method: 'PUT',
  path: '/story-rules/workspace/:rule',
  summary: 'Sets a rule for everybody; locked, nobody else changes it. Empty: back to the default.',
  access: 'admin',
  params: z.object(rule),
  body: ruleSetting,
  reply: layered,
  errors: [...refusals],
})

export const tryStoryRules = defineEndpoint({
  method: 'POST',
  path: '/story-rules/try',
  summary: 'Holds a sample to the rules, with settings that are not saved yet. Nothing is kept.',
  access: 'member',
  body: z.object({
    /** One of both: a story, or text with headings such as "Acceptance Criteria" in either language. */
    content: storyContent.optional(),
    text: z.string().trim().min(1).max(limits.requirementGraphemes).optional(),
    children: z.array(storyChild).max(limits.childrenMax).optional(),
    format: storyFormat.default('classic'),
    language,
    projectKey: z
      .string()
      .regex(/^[A-Z][A-Z0-9_]+$/)
      .optional(),
    projectId: z.uuid().optional(),
    /** Tried over everything that is saved, by rule. */
    settings: z.partialRecord(storyRule, ruleSetting).optional(),
  }),
  reply: z.object({
    results: z.array(ruleResult),
    /** The sample as it was read, so that findings can be shown in it. */
    content: storyContent,
  }),
  errors: ['session.required', 'request.invalid', 'project.not-found', 'story.bad-rule'],
})
