import type { Story } from '@studioops/contracts/stories'
import { countGraphemes, limits } from '@studioops/contracts/limits'
import { PenLine } from 'lucide-react'
import { useRef, useState } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { RadioCards } from '../../ui/radio-cards.tsx'
import { Select } from '../../ui/select.tsx'
import { TextArea } from '../../ui/text-area.tsx'
import type { AutosaveState } from '../../lib/autosave.ts'
import { ContextField } from './context-field.tsx'
import { OwnProjectField } from './own-project-field.tsx'
import { PromptField, TemplateField } from './pattern-fields.tsx'
import { ProjectFields } from './project-fields.tsx'
import { isGoingOn } from '../../lib/run-follow.ts'
import { StepSection } from './step-section.tsx'
import type { useWriteStory } from './stories.queries.ts'
import { storiesTexts } from './stories.texts.ts'
import type { KeptInput } from './story-input.ts'

export type Write = ReturnType<typeof useWriteStory>

const isTooLong = (text: string) => countGraphemes(text) > limits.requirementGraphemes

/** The first step: what is needed, in which form, for which project. */
export function RequirementPanel({
  story,
  kept,
  write,
}: {
  readonly story: Story
  readonly kept: KeptInput
  readonly write: Write
}) {
  const t = useTexts(storiesTexts)
  const { input, change, saving } = kept
  const field = useRef<HTMLTextAreaElement>(null)
  const [wasTried, setWasTried] = useState(false)
  const isLocked = isGoingOn(story.run) || write.isPending
  const error = useRequirementError(input.requirement, wasTried)
  const start = () => {
    setWasTried(true)
    if (input.requirement.trim() === '' || isTooLong(input.requirement))
      return field.current?.focus()
    write.mutate({})
  }
  return (
    <StepSection step={1} title={t('step.requirement')}>
      <TextArea
        ref={field}
        label={t('requirement.label')}
        placeholder={t('requirement.placeholder')}
        value={input.requirement}
        onChange={(requirement) => change({ requirement }, !isTooLong(requirement))}
        maxGraphemes={limits.requirementGraphemes}
        rows={5}
        isReadOnly={isLocked}
        error={error}
      />
      <SavingState saving={saving} />
      <RadioCards
        label={t('format.label')}
        columns={1}
        isDisabled={isLocked}
        cards={[
          { id: 'classic', title: t('format.classic'), description: t('format.classic.text') },
          { id: 'bdd', title: t('format.bdd'), description: t('format.bdd.text') },
          { id: 'custom', title: t('format.custom'), description: t('format.custom.text') },
        ]}
        value={input.format}
        onChange={(format) => change({ format })}
      />
      {input.format === 'custom' && (
        <TemplateField input={input} change={change} isLocked={isLocked} />
      )}
      <PromptField input={input} change={change} isLocked={isLocked} />
      <Select
        label={t('language.label')}
        isDisabled={isLocked}
        options={[
          { id: 'en', label: t('language.en') },
          { id: 'he', label: t('language.he') },
        ]}
        value={input.language}
        onChange={(language) => change({ language })}
      />
      <ProjectFields input={input} change={change} isLocked={isLocked} />
      <OwnProjectField input={input} change={change} isLocked={isLocked} />
      <ContextField
        storyId={story.id}
        isOpen={!isLocked}
        hasProject={story.projectId !== undefined}
      />
      <WriteButton story={story} write={write} onPress={start} />
    </StepSection>
  )
}

function useRequirementError(requirement: string, wasTried: boolean): string | undefined {
  const t = useTexts(storiesTexts)
  if (isTooLong(requirement)) return t('requirement.too-long', { max: limits.requirementGraphemes })
  return wasTried && requirement.trim() === '' ? t('requirement.missing') : undefined
}

function SavingState({ saving }: { readonly saving: AutosaveState }) {
  const t = useTexts(storiesTexts)
  return (
    <div className="-mt-3 flex flex-col gap-2 text-sm text-muted">
      <p>{t(`saved.${saving.kind}`)}</p>
      {saving.kind === 'failed' && <ProblemNotice tone="warn" error={saving.error} />}
    </div>
  )
}

function WriteButton({
  story,
  write,
  onPress,
}: {
  readonly story: Story
  readonly write: Write
  readonly onPress: () => void
}) {
  const t = useTexts(storiesTexts)
  const isFirst = story.versions.length === 0
  if (isGoingOn(story.run)) return undefined
  return (
    <div className="flex flex-col gap-2">
      <Button
        look={isFirst ? 'primary' : 'secondary'}
        isWide
        isPending={write.isPending}
        icon={<PenLine className="size-4" />}
        onPress={onPress}
      >
        {isFirst ? t('write.first') : t('write.again')}
      </Button>
      {!isFirst && <p className="text-sm text-muted">{t('write.again.hint')}</p>}
      {write.isError && <ProblemNotice error={write.error} onRetry={onPress} />}
    </div>
  )
}
