import type { RuleSetting, StoryRule } from '@studioops/contracts/story-rules'
import { FlaskConical } from 'lucide-react'
import { useId, useState } from 'react'
import { useLanguage } from '../../lib/i18n/language-provider.tsx'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { TextArea } from '../../ui/text-area.tsx'
import { RuleItem } from './rule-words.tsx'
import { useTryRules } from './story-rules.queries.ts'
import { storyRulesTexts } from './story-rules.texts.ts'

type TryProps = {
  readonly projectId: string | undefined
  /** One rule alone, with a setting that is not saved yet. */
  readonly of?: StoryRule
  readonly setting?: RuleSetting
}

/** Holds a text to the rules; nothing of it is kept. */
export function RuleTry({ projectId, of, setting }: TryProps) {
  const t = useTexts(storyRulesTexts)
  const headingId = useId()
  const language = useLanguage().texts
  const attempt = useTryRules()
  const [text, setText] = useState('')
  const [wasTried, setWasTried] = useState(false)
  const isMissing = text.trim() === ''
  const run = () => {
    setWasTried(true)
    if (isMissing) return
    attempt.mutate({
      text: text.trim(),
      language: /\p{Script=Hebrew}/u.test(text) ? 'he' : 'en',
      ...(projectId === undefined ? {} : { projectId }),
      ...(of === undefined || setting === undefined ? {} : { settings: { [of]: setting } }),
    })
  }
  const results = attempt.data?.results.filter(({ rule }) => of === undefined || rule === of)
  return (
    <section aria-labelledby={headingId} className="flex flex-col gap-4">
      <h2 id={headingId} className={of === undefined ? 'text-lg font-semibold' : 'sr-only'}>
        {t('try.title')}
      </h2>
      <p className="max-w-prose text-sm text-muted">
        {of === undefined ? t('try.lead') : t('try.lead.rule')}
      </p>
      <TextArea
        label={t('try.sample')}
        value={text}
        onChange={setText}
        rows={5}
        error={wasTried && isMissing ? t('try.missing') : undefined}
      />
      <div className="flex flex-wrap gap-2">
        <Button
          isPending={attempt.isPending}
          icon={<FlaskConical className="size-4" />}
          onPress={run}
        >
          {t('try.run')}
        </Button>
        <Button
          look="quiet"
          onPress={() => setText(storyRulesTexts[language]['try.example'] ?? '')}
        >
          {t('try.fill')}
        </Button>
      </div>
      {attempt.isError && <ProblemNotice error={attempt.error} />}
      {results !== undefined && (
        <div role="status" className="flex flex-col gap-3">
          <p className="font-medium">{t('try.result')}</p>
          <ul className="flex flex-col gap-2.5">
            {results.map((result) => (
              <RuleItem key={result.rule} result={result} />
            ))}
          </ul>
        </div>
      )}
    </section>
  )
}
