import type { Story } from '@studioops/contracts/stories'
import { blockingRules, type RuleResult } from '@studioops/contracts/story-rules'
import { Link } from '@tanstack/react-router'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { BypassPart } from './bypass-part.tsx'
import { DuplicatesPart } from './duplicates-part.tsx'
import type { Write } from './requirement-panel.tsx'
import { RuleItem } from './rule-words.tsx'
import { checksOf } from './story-checks.ts'
import type { StoryEditor } from './story-editing.ts'
import { fixInstruction } from './fix-instruction.ts'
import { storyRulesTexts } from './story-rules.texts.ts'

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
  const t = useTexts(storyRulesTexts)
  const checks = checksOf(story, editor)
  const broken = blockingRules(checks)
  const isTold = ({ verdict }: RuleResult) => verdict === 'broken'
  const told = checks.filter(isTold)
  const others = checks.filter((result) => !isTold(result))
  return (
    <div className="flex flex-col gap-3">
      <h3 className="font-medium">{t('panel.title')}</h3>
      {editor.isChanged && <p className="text-sm text-muted">{t('panel.of-edit')}</p>}
      <p role="status" className="text-sm">
        {broken.length === 0 ? t('panel.all-met') : t('panel.broken', { count: broken.length })}
        {told.length > broken.length && (
          <> {t('panel.warned', { count: told.length - broken.length })}</>
        )}
      </p>
      <RuleList results={told} story={story} />
      {broken.length > 0 && !editor.isChanged && (
        <div className="flex flex-wrap gap-2">
          <Button
            size="small"
            isPending={write.isPending}
            onPress={() => write.mutate({ instruction: fixInstruction(broken, story) })}
          >
            {t('panel.fix')}
          </Button>
        </div>
      )}
      <BypassPart story={story} broken={broken} isChanged={editor.isChanged} />
      {others.length > 0 && (
        <details className="flex flex-col">
          <summary className="min-h-8 cursor-pointer text-sm text-muted max-md:min-h-11">
            {t('panel.others', { count: others.length })}
          </summary>
          <RuleList results={others} story={story} />
        </details>
      )}
      <DuplicatesPart story={story} />
      <Link
        to="/stories/settings"
        search={story.projectId === undefined ? {} : { projectId: story.projectId }}
        className="link inline-flex min-h-8 items-center self-start text-sm max-md:min-h-11"
      >
        {t('panel.settings')}
      </Link>
    </div>
  )
}

function RuleList({
  results,
  story: { rules },
}: {
  readonly results: readonly RuleResult[]
  readonly story: Story
}) {
  if (results.length === 0) return undefined
  return (
    <ul className="flex flex-col gap-2.5">
      {results.map((result) => (
        <RuleItem
          key={result.rule}
          result={result}
          effective={rules.find(({ rule }) => rule === result.rule)}
        />
      ))}
    </ul>
  )
}
