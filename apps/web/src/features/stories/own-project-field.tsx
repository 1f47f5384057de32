import { useTexts } from '../../lib/i18n/use-texts.ts'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { Select } from '../../ui/select.tsx'
import { useOpenProjects } from './context.queries.ts'
import { storiesTexts } from './stories.texts.ts'
import type { StoryInput } from './story-input.ts'

type FieldProps = {
  readonly input: StoryInput
  readonly change: (changes: Partial<StoryInput>) => void
  readonly isLocked: boolean
}

const none = '-'

/** The project of StudioOps whose rules and documents count; absent where there is none to choose. */
export function OwnProjectField({ input: { projectId }, change, isLocked }: FieldProps) {
  const t = useTexts(storiesTexts)
  const projects = useOpenProjects()
  const known = projects.data?.map(({ id, name }) => ({ id, label: name })) ?? []
  const chosen = projectId ?? none
  const isKnown = chosen === none || known.some(({ id }) => id === chosen)
  if (projects.isError)
    return <ProblemNotice error={projects.error} onRetry={() => void projects.refetch()} />
  if (known.length === 0 && chosen === none) return undefined
  return (
    <Select
      label={t('own.label')}
      description={t('own.hint')}
      isDisabled={isLocked || projects.isPending}
      options={[
        { id: none, label: t('own.none') },
        ...known,
        ...(isKnown ? [] : [{ id: chosen, label: t('own.gone') }]),
      ]}
      value={chosen}
      onChange={(id) => change({ projectId: id === none ? null : id })}
    />
  )
}
