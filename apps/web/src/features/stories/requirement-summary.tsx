import type { Story } from '@studioops/contracts/stories'
import type { ReactNode } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Code } from '../../ui/code.tsx'
import { letterDirection } from '../../ui/markdown-direction.ts'
import { ContextField } from './context-field.tsx'
import { StepSection } from './step-section.tsx'
import { storiesTexts } from './stories.texts.ts'

/** What an approved story was made from, to read. */
export function RequirementSummary({ story }: { readonly story: Story }) {
  const t = useTexts(storiesTexts)
  const { requirement, format, language, projectKey, issueType } = story
  return (
    <StepSection step={1} title={t('step.requirement')}>
      <p
        dir={letterDirection(requirement)}
        className="text-start wrap-anywhere whitespace-pre-line"
      >
        {requirement}
      </p>
      <dl className="flex flex-col gap-1.5">
        <Entry name={t('format.label')}>{t(`format.${format}`)}</Entry>
        <Entry name={t('language.label')}>{t(`language.${language}`)}</Entry>
        {projectKey !== undefined && (
          <Entry name={t('project.label')}>
            <Code>{projectKey}</Code>
          </Entry>
        )}
        {issueType !== undefined && (
          <Entry name={t('type.label')}>
            <bdi>{issueType}</bdi>
          </Entry>
        )}
      </dl>
      <ContextField storyId={story.id} isOpen={false} hasProject={story.projectId !== undefined} />
    </StepSection>
  )
}

function Entry({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="flex flex-wrap gap-x-3">
      <dt className="text-sm leading-[1.6rem] text-muted">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </div>
  )
}
