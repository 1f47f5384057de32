import type { Story } from '@studioops/contracts/stories'
import {
  blockingRules,
  checkStory,
  type RuleResult,
  ruleWords,
  type StoryRule,
} from '@studioops/contracts/story-rules'
import { CircleCheck, CircleMinus, CircleX, type LucideIcon } from 'lucide-react'
import { classNames } from '../../lib/class-names.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { useLanguage } from '../../lib/i18n/language-provider.tsx'
import { Button } from '../../ui/button.tsx'
import type { Write } from './requirement-panel.tsx'
import { storiesTexts } from './stories.texts.ts'
import type { StoryEditor } from './story-editing.ts'
import { fixInstruction } from './story-rules-texts.ts'

type Verdict = RuleResult['verdict']

const signs: Readonly<Record<Verdict, { readonly icon: LucideIcon; readonly className: string }>> =
  {
    met: { icon: CircleCheck, className: 'text-good-ink' },
    broken: { icon: CircleX, className: 'text-bad-ink' },
    'not-applicable': { icon: CircleMinus, className: 'text-muted' },
    unknown: { icon: CircleMinus, className: 'text-muted' },
  }

/** The rules that what is shown breaks: the corrections while there are any, else the newest version. */
export function brokenRulesOf(story: Story, editor: StoryEditor): readonly StoryRule[] {
  return blockingRules(checksOf(story, editor))
}

function checksOf(story: Story, editor: StoryEditor): readonly RuleResult[] {
  const { format, language, projectKey, rules, versions, checks } = story
  if (!editor.isChanged && versions.length > 0) return checks
  const children = versions.at(-1)?.children?.map(({ content }) => content)
  return checkStory({ story: editor.content, format, language, projectKey, children }, rules)
}

/** Which rules the story obeys, and help with those that it does not. */
export function RulesPanel({
  story,
  editor,
  write,
}: {
  readonly story: Story
  readonly editor: StoryEditor
  readonly write: Write
}) {
  const t = useTexts(storiesTexts)
  const checks = checksOf(story, editor)
  const broken = blockingRules(checks)
  const summary =
    broken.length === 0 ? t('rules.all-met') : t('rules.broken', { count: broken.length })
  return (
    <div className="flex flex-col gap-3">
      <h3 className="font-medium">{t('rules.title')}</h3>
      {editor.isChanged && <p className="text-sm text-muted">{t('rules.of-edit')}</p>}
      <p role="status" className="text-sm">
        {summary}
      </p>
      <ul className="flex flex-col gap-2">
        {checks.map((result) => (
          <Rule key={result.rule} result={result} />
        ))}
      </ul>
      {broken.length > 0 && !editor.isChanged && (
        <div>
          <Button
            size="small"
            isPending={write.isPending}
            onPress={() => write.mutate({ instruction: fixInstruction(broken, story) })}
          >
            {t('rules.fix')}
          </Button>
        </div>
      )}
    </div>
  )
}

function Rule({ result }: { readonly result: RuleResult }) {
  const t = useTexts(storiesTexts)
  const language = useLanguage().language === 'he' ? 'he' : 'en'
  const { verdict } = result
  const { icon: Icon, className } = signs[verdict]
  return (
    <li className="flex gap-2.5 text-sm">
      <Icon aria-hidden className={classNames('mt-0.5 size-4 shrink-0', className)} />
      <span className="min-w-0">
        {ruleWords(result, { language, of: 'message' })}{' '}
        <span className={className}>{t(`rule.${verdict}`)}</span>
      </span>
    </li>
  )
}
