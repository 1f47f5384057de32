import type { StoryPromptRef } from '@studioops/contracts/story-prompts'
import { Link } from '@tanstack/react-router'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { Select } from '../../ui/select.tsx'
import { storiesTexts } from './stories.texts.ts'
import type { StoryInput } from './story-input.ts'
import { usePrompts, useTemplates } from './story-settings.queries.ts'

type FieldProps = {
  readonly input: StoryInput
  readonly change: (changes: Partial<StoryInput>) => void
  readonly isLocked: boolean
}

const linkClass = 'link inline-flex min-h-8 items-center self-start text-sm max-md:min-h-11'

/** Of the format `custom`: which template lays the issue out. */
export function TemplateField({ input, change, isLocked }: FieldProps) {
  const t = useTexts(storiesTexts)
  const templates = useTemplates()
  const known = templates.data ?? []
  return (
    <div className="flex flex-col gap-1">
      {templates.isError && <ProblemNotice error={templates.error} />}
      {templates.data?.length === 0 ? (
        <p className="text-sm text-muted">{t('template.none')}</p>
      ) : (
        <Select
          label={t('template.label')}
          placeholder={t('template.choose')}
          isDisabled={isLocked || templates.isPending}
          options={known.map(({ id, name }) => ({ id, label: name }))}
          value={input.templateId}
          onChange={(templateId) => change({ templateId })}
        />
      )}
      <Link to="/stories/settings" search={{ view: 'templates' }} className={linkClass}>
        {t('template.manage')}
      </Link>
    </div>
  )
}

/** Where there is more than the default, what the model is told besides the rules. */
export function PromptField({ input, change, isLocked }: FieldProps) {
  const t = useTexts(storiesTexts)
  const prompts = usePrompts()
  const known = prompts.data ?? []
  if (known.length < 2) return undefined
  return (
    <div className="flex flex-col gap-1">
      <Select<StoryPromptRef>
        label={t('prompt.label')}
        isDisabled={isLocked}
        options={known.map(({ ref, title }) => ({ id: ref, label: title }))}
        value={input.prompt ?? 'default'}
        onChange={(prompt) => change({ prompt })}
      />
      <Link to="/stories/settings" search={{ view: 'prompts' }} className={linkClass}>
        {t('prompt.manage')}
      </Link>
    </div>
  )
}
