import { listProjects } from '@studioops/contracts/projects'
import {
  changeStoryPrompt,
  createStoryPrompt,
  deleteStoryPrompt,
  listStoryPrompts,
} from '@studioops/contracts/story-prompts'
import {
  changeStoryTemplate,
  createStoryTemplate,
  deleteStoryTemplate,
  listStoryTemplates,
  listTemplateVersions,
  previewStoryTemplate,
  type TemplateText,
} from '@studioops/contracts/story-templates'
import type { CallOf } from '@studioops/contracts/endpoint'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useApi } from '../../lib/api-context.tsx'
import { newIdempotencyKey } from '../../lib/idempotency-key.ts'
import { useLanguage } from '../../lib/i18n/language-provider.tsx'
import { useSingleMutation } from '../../lib/single-mutation.queries.ts'

const once = () => ({ idempotencyKey: newIdempotencyKey() })
const templatesKey = ['story-templates'] as const
const promptsKey = ['story-prompts'] as const

/** The open projects of the person, by name. */
export function useStoryProjects() {
  const api = useApi()
  return useQuery({
    queryKey: ['projects', 'of-stories'],
    queryFn: ({ signal }) => api.call(listProjects, { query: { sort: 'name' } }, { signal }),
    select: ({ projects }) => projects,
  })
}

export function useTemplates() {
  const api = useApi()
  return useQuery({
    queryKey: templatesKey,
    queryFn: ({ signal }) => api.call(listStoryTemplates, { query: {} }, { signal }),
    select: ({ templates }) => templates,
    staleTime: 0,
  })
}

export type SavedTemplate = TemplateText & {
  /** Of the template that is changed; absent for a new one. */
  readonly change?: { readonly templateId: string; readonly basedOn: number }
  readonly projectId?: string
}

export function useSaveTemplate() {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['save-story-template'],
    mutationFn: ({ change, projectId, ...body }: SavedTemplate) =>
      change === undefined
        ? api.call(
            createStoryTemplate,
            { body: { ...body, ...(projectId === undefined ? {} : { projectId }) } },
            once(),
          )
        : api.call(
            changeStoryTemplate,
            {
              params: { templateId: change.templateId },
              body: { ...body, basedOn: change.basedOn },
            },
            once(),
          ),
    onSettled: () => void queries.invalidateQueries({ queryKey: templatesKey }),
  })
}

export function useDeleteTemplate() {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['delete-story-template'],
    mutationFn: (templateId: string) =>
      api.call(deleteStoryTemplate, { params: { templateId } }, once()),
    onSuccess: () => void queries.invalidateQueries({ queryKey: templatesKey }),
  })
}

export function useTemplateVersions(templateId: string) {
  const api = useApi()
  return useQuery({
    queryKey: [...templatesKey, templateId, 'versions'],
    queryFn: ({ signal }) => api.call(listTemplateVersions, { params: { templateId } }, { signal }),
    select: ({ versions }) => versions,
    staleTime: 0,
  })
}

export function usePreviewTemplate() {
  const api = useApi()
  return useSingleMutation({
    mutationKey: ['preview-story-template'],
    mutationFn: (body: CallOf<typeof previewStoryTemplate>['body']) =>
      api.call(previewStoryTemplate, { body }, once()),
  })
}

/** With titles in the language of the page. */
export function usePrompts() {
  const api = useApi()
  const language = useLanguage().texts
  return useQuery({
    queryKey: [...promptsKey, language],
    queryFn: ({ signal }) => api.call(listStoryPrompts, { query: { language } }, { signal }),
    select: ({ prompts }) => prompts,
    staleTime: 0,
  })
}

export type SavedPrompt = {
  readonly promptId?: string | undefined
  readonly title: string
  readonly text: string
}

export function useSavePrompt() {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['save-story-prompt'],
    mutationFn: ({ promptId, ...body }: SavedPrompt) =>
      promptId === undefined
        ? api.call(createStoryPrompt, { body }, once())
        : api.call(changeStoryPrompt, { params: { promptId }, body }, once()),
    onSuccess: () => void queries.invalidateQueries({ queryKey: promptsKey }),
  })
}

export function useDeletePrompt() {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['delete-story-prompt'],
    mutationFn: (promptId: string) => api.call(deleteStoryPrompt, { params: { promptId } }, once()),
    onSuccess: () => void queries.invalidateQueries({ queryKey: promptsKey }),
  })
}
