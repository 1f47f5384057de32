import {
  bypassRules,
  findDuplicates,
  type Story,
  withdrawBypass,
} from '@studioops/contracts/stories'
import {
  listStoryRules,
  setOwnRule,
  setProjectRule,
  setWorkspaceRule,
  tryStoryRules,
} from '@studioops/contracts/story-rule-settings'
import type { RuleLayer, RuleSetting, StoryRule } from '@studioops/contracts/story-rules'
import type { CallOf } from '@studioops/contracts/endpoint'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useApi } from '../../lib/api-context.tsx'
import { newIdempotencyKey } from '../../lib/idempotency-key.ts'
import { useSingleMutation } from '../../lib/single-mutation.queries.ts'
import { storyKey } from './stories.queries.ts'

const once = () => ({ idempotencyKey: newIdempotencyKey() })

function useStoryReply(storyId: string) {
  const queries = useQueryClient()
  return {
    onSuccess: ({ story }: { readonly story: Story }) =>
      void queries.setQueryData(storyKey(storyId), { story }),
    onError: () => void queries.invalidateQueries({ queryKey: storyKey(storyId) }),
  }
}

/** Lets one version be approved although it breaks rules. */
export function useBypass(storyId: string) {
  const api = useApi()
  return useSingleMutation({
    mutationKey: ['bypass-rules', storyId],
    mutationFn: (body: CallOf<typeof bypassRules>['body']) =>
      api.call(bypassRules, { params: { storyId }, body }, once()),
    ...useStoryReply(storyId),
  })
}

export function useWithdrawBypass(storyId: string) {
  const api = useApi()
  return useSingleMutation<{ story: Story }, undefined>({
    mutationKey: ['withdraw-bypass', storyId],
    mutationFn: () => api.call(withdrawBypass, { params: { storyId } }, once()),
    ...useStoryReply(storyId),
  })
}

type Asked = { readonly storyId: string; readonly version: number; readonly isAsked: boolean }

export function useDuplicates({ storyId, version, isAsked }: Asked) {
  const api = useApi()
  return useQuery({
    queryKey: ['story', storyId, 'duplicates', version],
    queryFn: ({ signal }) => api.call(findDuplicates, { params: { storyId } }, { signal }),
    enabled: isAsked,
    staleTime: 0,
  })
}

const rulesKey = (projectId: string | undefined) => ['story-rules', projectId ?? ''] as const

/** @param projectId undefined: the rules of stories without a project */
export function useStoryRules(projectId: string | undefined) {
  const api = useApi()
  return useQuery({
    queryKey: rulesKey(projectId),
    queryFn: ({ signal }) =>
      api.call(listStoryRules, { query: projectId === undefined ? {} : { projectId } }, { signal }),
    staleTime: 0,
  })
}

export type RuleChange = {
  readonly layer: RuleLayer
  readonly rule: StoryRule
  readonly setting: RuleSetting
}

export function useSetRule(projectId: string | undefined) {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['set-story-rule'],
    mutationFn: async ({ layer, rule, setting }: RuleChange) => {
      if (layer === 'workspace')
        return api.call(setWorkspaceRule, { params: { rule }, body: setting }, once())
      if (layer === 'project')
        return api.call(
          setProjectRule,
          { params: { rule, projectId: projectId ?? '' }, body: setting },
          once(),
        )
      const { isLocked: _, ...own } = setting
      return api.call(setOwnRule, { params: { rule }, body: own }, once())
    },
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['story-rules'] })
      // Stories are judged anew.
      void queries.invalidateQueries({ queryKey: ['story'] })
    },
  })
}

export function useTryRules() {
  const api = useApi()
  return useSingleMutation({
    mutationKey: ['try-story-rules'],
    mutationFn: (body: CallOf<typeof tryStoryRules>['body']) =>
      api.call(tryStoryRules, { body }, once()),
  })
}
