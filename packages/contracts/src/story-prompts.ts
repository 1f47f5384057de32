import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { graphemeText } from './grapheme-text.ts'
import { language } from './installation.ts'
import { limits } from './limits.ts'

/** `default`; `company:<id>` of prompts.json; `own:<uuid>` of the person (STY-3). */
export const storyPromptRef = z
  .string()
  .regex(/^(?:default|company:[A-Za-z0-9._-]{1,100}|own:[0-9a-f-]{36})$/)
export type StoryPromptRef = z.output<typeof storyPromptRef>

export const storyPrompt = z.object({
  ref: storyPromptRef,
  /** In the language of the reader. */
  title: z.string(),
  /** What is said to the model besides the rules; empty for the default. */
  text: z.string(),
  /** Of an own one. */
  id: z.uuid().optional(),
  updatedAt: z.iso.datetime().optional(),
})
export type StoryPrompt = z.output<typeof storyPrompt>

const body = z.object({
  title: graphemeText(limits.templateNameGraphemes).pipe(z.string().min(1)),
  text: graphemeText(limits.promptTextGraphemes).pipe(z.string().min(1)),
})
const params = z.object({ promptId: z.uuid() })
const reply = z.object({ prompt: storyPrompt })

export const listStoryPrompts = defineEndpoint({
  method: 'GET',
  path: '/story-prompts',
  summary: 'The prompts to choose from: the default, those of prompts.json, the own ones.',
  access: 'member',
  query: z.object({ language: language.optional() }),
  reply: z.object({ prompts: z.array(storyPrompt) }),
  errors: ['session.required'],
})

export const createStoryPrompt = defineEndpoint({
  method: 'POST',
  path: '/story-prompts',
  summary: 'Keeps an own prompt.',
  access: 'member',
  status: 201,
  body,
  reply,
  errors: ['session.required', 'request.invalid', 'story.too-many-prompts'],
})

export const changeStoryPrompt = defineEndpoint({
  method: 'PUT',
  path: '/story-prompts/:promptId',
  summary: 'Changes an own prompt; stories that use it take the new words from then on.',
  access: 'member',
  params,
  body,
  reply,
  errors: ['session.required', 'request.invalid', 'story.prompt-not-found'],
})

export const deleteStoryPrompt = defineEndpoint({
  method: 'DELETE',
  path: '/story-prompts/:promptId',
  summary: 'Deletes an own prompt; stories that use it go back to the default.',
  access: 'member',
  params,
  reply: z.object({}),
  errors: ['session.required', 'story.prompt-not-found'],
})
