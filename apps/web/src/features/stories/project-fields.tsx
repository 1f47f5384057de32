import type { Problem } from '@studioops/contracts/problem'
import { useEffect, useEffectEvent } from 'react'
import { useFormats } from '../../lib/formats.ts'
import { useLanguage } from '../../lib/i18n/language-provider.tsx'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { problemTexts } from '../../lib/problem.ts'
import { Notice } from '../../ui/notice.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { Select, type SelectOption } from '../../ui/select.tsx'
import { useJiraIssueTypes, useJiraProjects } from './stories.queries.ts'
import { storiesTexts } from './stories.texts.ts'
import type { StoryInput } from './story-input.ts'

type FieldsProps = {
  readonly input: StoryInput
  readonly change: (changes: Partial<StoryInput>) => void
  readonly isLocked: boolean
}

/** One project and one issue type, from what the person's own token sees in Jira. */
export function ProjectFields(props: FieldsProps) {
  return (
    <>
      <ProjectField {...props} />
      <IssueTypeField {...props} />
    </>
  )
}

function ProjectField({ input, change, isLocked }: FieldsProps) {
  const t = useTexts(storiesTexts)
  const projects = useJiraProjects()
  const known = projects.data?.projects ?? []
  const options = known.map(({ key, name }) => ({ id: key, label: `${key} · ${name}` }))
  return (
    <div className="flex flex-col gap-2">
      <Select
        label={t('project.label')}
        placeholder={t('project.placeholder')}
        isDisabled={isLocked || (projects.isPending && input.projectKey === undefined)}
        options={withChosen(options, input.projectKey)}
        value={input.projectKey}
        onChange={(projectKey) => change({ projectKey })}
      />
      {projects.data !== undefined && known.length === 0 && (
        <Notice tone="warn">{t('project.empty')}</Notice>
      )}
      <ListState list={projects} />
    </div>
  )
}

const usualTypes = ['Story', 'סיפור', 'Task', 'משימה']

function IssueTypeField({ input, change, isLocked }: FieldsProps) {
  const t = useTexts(storiesTexts)
  const types = useJiraIssueTypes(input.projectKey)
  const names = types.data?.issueTypes.filter(({ subtask }) => !subtask).map(({ name }) => name)
  const isKnown = input.issueType !== undefined && names?.includes(input.issueType) === true
  const usual = usualTypes.find((name) => names?.includes(name)) ?? names?.[0]
  const adopt = useEffectEvent((issueType: string) => change({ issueType }))
  useEffect(() => {
    if (!isLocked && !isKnown && usual !== undefined) adopt(usual)
  }, [isLocked, isKnown, usual])
  const options = (names ?? []).map((name) => ({ id: name, label: name }))
  return (
    <div className="flex flex-col gap-2">
      <Select
        label={t('type.label')}
        placeholder={input.projectKey === undefined ? t('type.first') : t('type.placeholder')}
        isDisabled={isLocked || options.length === 0}
        options={withChosen(options, input.issueType)}
        value={input.issueType}
        onChange={(issueType) => change({ issueType })}
      />
      <ListState list={types} />
    </div>
  )
}

/** What was chosen stays in sight while the list is on its way, or when Jira no longer has it. */
function withChosen(options: readonly SelectOption[], chosen: string | undefined): SelectOption[] {
  const isMissing = chosen !== undefined && !options.some(({ id }) => id === chosen)
  return isMissing ? [{ id: chosen, label: chosen }, ...options] : [...options]
}

type JiraList = {
  readonly data: { readonly asOf: string; readonly stale?: Problem | undefined } | undefined
  readonly isError: boolean
  readonly error: unknown
  readonly isFetching: boolean
  readonly refetch: () => Promise<unknown>
}

function ListState({ list }: { readonly list: JiraList }) {
  const t = useTexts(storiesTexts)
  const formats = useFormats()
  const { texts } = useLanguage()
  const stale = list.data?.stale
  if (list.data === undefined && list.isError)
    return (
      <ProblemNotice
        error={list.error}
        isRetrying={list.isFetching}
        onRetry={() => void list.refetch()}
      />
    )
  if (list.data === undefined || stale === undefined) return undefined
  return (
    <p className="text-sm text-warn-ink">
      {t('stale.as-of', {
        time: formats.time(list.data.asOf),
        reason: problemTexts(stale, texts).message,
      })}
    </p>
  )
}
