import type { PayloadPreview, Story } from '@studioops/contracts/stories'
import { Check } from 'lucide-react'
import { useId } from 'react'
import { useIdempotencyKey } from '../../lib/idempotency-key.ts'
import { RichText } from '../../lib/i18n/rich-text.tsx'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { ExtrasForm } from './extras-form.tsx'
import { JiraFieldsForm } from './jira-fields-form.tsx'
import type { Write } from './requirement-panel.tsx'
import { RulesPanel } from './rules-panel.tsx'
import { StepSection } from './step-section.tsx'
import { brokenRulesOf } from './story-checks.ts'
import { useApproveStory } from './stories.queries.ts'
import { storiesTexts } from './stories.texts.ts'
import type { StoryEditor } from './story-editing.ts'
import type { KeptInput } from './story-input.ts'

type PanelProps = {
  readonly story: Story
  readonly kept: KeptInput
  readonly write: Write
  readonly editor: StoryEditor
  readonly isWriting: boolean
}

/** The third step: the rules, and what an approval does. */
export function ApprovePanel(props: PanelProps) {
  const t = useTexts(storiesTexts)
  const { story, editor, write, isWriting } = props
  const version = story.versions.at(-1)
  const isReady = version !== undefined && !isWriting
  return (
    <div className="flex min-w-0 flex-col gap-10 @3xl:col-start-2 @7xl:sticky @7xl:top-6 @7xl:col-start-3">
      <StepSection step={3} title={t('step.approve')}>
        {isReady ? (
          <>
            <RulesPanel story={story} editor={editor} write={write} />
            <ExtrasForm story={story} />
            <JiraFieldsForm storyId={story.id} asked={story.preview?.asked ?? []} />
            <ApproveBox
              key={`${version.number} ${story.preview?.payloadHash}`}
              {...props}
              version={version.number}
            />
          </>
        ) : (
          <p className="text-muted">
            {isWriting ? t('approve.blocked.writing') : t('approve.blocked.none')}
          </p>
        )}
      </StepSection>
    </div>
  )
}

type Obstacle = 'offline' | 'unsaved' | 'rules' | 'saving' | 'preview' | 'fields'

function obstacleOf({ story, kept, editor }: PanelProps): Obstacle | undefined {
  if (editor.isChanged) return 'unsaved'
  if (story.versions.at(-1)?.source === 'offline') return 'offline'
  if (brokenRulesOf(story, editor).length > 0) return 'rules'
  if (kept.saving.kind !== 'saved') return 'saving'
  if (story.preview === undefined) return 'preview'
  const hasGap = story.preview.asked.some(({ problem }) => problem !== undefined)
  return hasGap ? 'fields' : undefined
}

/** Not part of any form, so that no Enter in a text field can reach it. */
function ApproveBox(props: PanelProps & { readonly version: number }) {
  const t = useTexts(storiesTexts)
  const reasonId = useId()
  const { story, version } = props
  const { key: idempotencyKey } = useIdempotencyKey()
  const approve = useApproveStory(story.id)
  const { preview } = story
  const obstacle = obstacleOf(props)
  const send = () => {
    if (preview === undefined || obstacle !== undefined) return
    approve.mutate({ version, payloadHash: preview.payloadHash, idempotencyKey })
  }
  return (
    <Card>
      <div className="flex flex-col gap-4">
        {preview !== undefined && (
          <>
            <WhatHappens preview={preview} />
            <HowMany preview={preview} />
          </>
        )}
        <Button
          look="primary"
          isWide
          isDisabled={obstacle !== undefined}
          isPending={approve.isPending}
          icon={<Check className="size-4" />}
          aria-describedby={reasonId}
          onPress={send}
        >
          {t('approve.button')}
        </Button>
        <p id={reasonId} className="text-sm text-muted">
          {obstacle === undefined ? t('approve.once') : t(`approve.blocked.${obstacle}`)}
        </p>
        {approve.isError && <ProblemNotice error={approve.error} onRetry={send} />}
      </div>
    </Card>
  )
}

/** Of a split all issues, and of an approval that stopped half way only what is left. */
function HowMany({ preview }: { readonly preview: PayloadPreview }) {
  const t = useTexts(storiesTexts)
  const { left, children, isCreated } = preview
  if (left !== undefined)
    return (
      <div>
        <p>{t('approve.left')}</p>
        <ul className="list-disc ps-5">
          {left.map((title, index) => (
            <li key={index}>
              <bdi>{title}</bdi>
            </li>
          ))}
        </ul>
      </div>
    )
  if (children.length === 0) return undefined
  return <p>{t('approve.parts', { count: children.length + (isCreated ? 1 : 0) })}</p>
}

function WhatHappens({ preview }: { readonly preview: PayloadPreview }) {
  const { issueType, projectKey, account, jiraUrl, children, left } = preview
  const isMany = children.length > 0 || left !== undefined
  return (
    <p>
      <RichText
        texts={storiesTexts}
        textKey={isMany ? 'approve.what.many' : 'approve.what'}
        values={{ type: issueType, project: projectKey, account, jira: hostOf(jiraUrl) }}
        parts={{
          type: <bdi className="font-medium" />,
          project: <bdi dir="ltr" className="font-medium" />,
          account: <bdi className="font-medium" />,
          jira: <bdi dir="ltr" className="font-medium wrap-anywhere" />,
        }}
      />
    </p>
  )
}

function hostOf(address: string): string {
  return URL.parse(address)?.host ?? address
}
