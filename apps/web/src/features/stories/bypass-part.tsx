import type { Story } from '@studioops/contracts/stories'
import { limits } from '@studioops/contracts/limits'
import { type StoryRule, storyRuleDefinitions, ruleWords } from '@studioops/contracts/story-rules'
import { useState } from 'react'
import { useFormats } from '../../lib/formats.ts'
import { useLanguage } from '../../lib/i18n/language-provider.tsx'
import { RichText } from '../../lib/i18n/rich-text.tsx'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { useAccount } from '../../lib/session.queries.ts'
import { Button } from '../../ui/button.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { Notice } from '../../ui/notice.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { TextArea } from '../../ui/text-area.tsx'
import { useBypass, useWithdrawBypass } from './story-rules.queries.ts'
import { storyRulesTexts } from './story-rules.texts.ts'

type PartProps = {
  readonly story: Story
  /** What keeps the story from being approved. */
  readonly broken: readonly StoryRule[]
  readonly isChanged: boolean
}

/** What an administrator let pass, with the reason; and the way to let something pass (STY-13). */
export function BypassPart({ story, broken, isChanged }: PartProps) {
  const t = useTexts(storyRulesTexts)
  const runs = useRunsWorkspace()
  const [isAsked, setIsAsked] = useState(false)
  const newest = story.versions.at(-1)?.number
  const { bypass } = story
  if (bypass !== undefined && bypass.version === newest)
    return <Passed story={story} bypass={bypass} mayWithdraw={runs} />
  if (!runs || broken.length === 0 || isChanged || newest === undefined) return undefined
  return (
    <div>
      <Button size="small" look="quiet" onPress={() => setIsAsked(true)}>
        {t('bypass.open')}
      </Button>
      {isAsked && (
        <BypassDialog
          storyId={story.id}
          version={newest}
          broken={broken}
          onClose={() => setIsAsked(false)}
        />
      )}
    </div>
  )
}

function useRunsWorkspace(): boolean {
  const role = useAccount()?.role
  return role === 'owner' || role === 'admin'
}

function Passed({
  story,
  bypass: { reason, at },
  mayWithdraw,
}: {
  readonly story: Story
  readonly bypass: NonNullable<Story['bypass']>
  readonly mayWithdraw: boolean
}) {
  const t = useTexts(storyRulesTexts)
  const formats = useFormats()
  const withdraw = useWithdrawBypass(story.id)
  return (
    <>
      <Notice
        tone="warn"
        title={t('bypass.done')}
        actions={
          mayWithdraw && (
            <Button
              size="small"
              isPending={withdraw.isPending}
              onPress={() => withdraw.mutate(undefined)}
            >
              {t('bypass.withdraw')}
            </Button>
          )
        }
      >
        <p className="wrap-anywhere">
          <RichText
            texts={storyRulesTexts}
            textKey="bypass.since"
            values={{ when: formats.dateTime(at), reason }}
            parts={{ reason: <bdi /> }}
          />
        </p>
      </Notice>
      {withdraw.isError && <ProblemNotice error={withdraw.error} />}
    </>
  )
}

const reasonLengthMin = 3

function BypassDialog({
  storyId,
  version,
  broken,
  onClose,
}: {
  readonly storyId: string
  readonly version: number
  readonly broken: readonly StoryRule[]
  readonly onClose: () => void
}) {
  const t = useTexts(storyRulesTexts)
  const language = useLanguage().texts
  const bypass = useBypass(storyId)
  const [reason, setReason] = useState('')
  const [wasTried, setWasTried] = useState(false)
  const isShort = reason.trim().length < reasonLengthMin
  const send = () => {
    setWasTried(true)
    if (!isShort) bypass.mutate({ version, reason: reason.trim() }, { onSuccess: onClose })
  }
  return (
    <FormDialog
      title={t('bypass.title')}
      submit={t('bypass.submit')}
      isPending={bypass.isPending}
      error={bypass.error}
      onSubmit={send}
      onClose={onClose}
    >
      <p>{t('bypass.text')}</p>
      <ul className="flex list-disc flex-col gap-1 ps-5">
        {broken.map((rule) => (
          <li key={rule}>
            {ruleWords(
              { rule, params: storyRuleDefinitions[rule].readParams({}) },
              { language, of: 'message' },
            )}
          </li>
        ))}
      </ul>
      <TextArea
        label={t('bypass.reason')}
        value={reason}
        onChange={setReason}
        rows={2}
        maxGraphemes={limits.bypassReasonGraphemes}
        error={wasTried && isShort ? t('bypass.reason.short') : undefined}
      />
    </FormDialog>
  )
}
