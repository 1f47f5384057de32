import type { StoryIssue } from '@studioops/contracts/stories'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Card } from '../../ui/card.tsx'
import { Code } from '../../ui/code.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { OutsideLink } from '../../ui/outside-link.tsx'
import { splitTexts } from './split.texts.ts'

/** The issues of an approval with their keys and links, to be copied; for a split one each. */
export function IssuesList({ issues }: { readonly issues: readonly StoryIssue[] }) {
  const t = useTexts(splitTexts)
  const made = issues.filter(({ key }) => key !== undefined)
  if (made.length === 0 && issues.length < 2) return undefined
  return (
    <Card>
      <div className="flex flex-col gap-3">
        <div className="flex flex-wrap items-center justify-between gap-2">
          <h3 className="font-semibold">{t('issues.title')}</h3>
          {made.length > 0 && <CopyButton text={copied(made)} object={t('issues.copy')} />}
        </div>
        {issues.length > 1 && (
          <p className="text-sm text-muted">
            {t('issues.progress', { done: made.length, count: issues.length })}
          </p>
        )}
        <ol className="flex flex-col gap-2">
          {issues.map((issue) => (
            <li
              key={issue.operationId}
              className="flex flex-wrap items-baseline gap-x-3 gap-y-1 wrap-anywhere"
            >
              <Key issue={issue} />
              {issues.length > 1 && (
                <span className="text-sm text-muted">
                  {issue.child === undefined
                    ? t('issues.whole')
                    : t('issues.part', { number: issue.child + 1 })}
                </span>
              )}
              <bdi className="min-w-0">{issue.title}</bdi>
            </li>
          ))}
        </ol>
      </div>
    </Card>
  )
}

function Key({ issue: { key, url } }: { readonly issue: StoryIssue }) {
  const t = useTexts(splitTexts)
  if (key === undefined) return <span className="text-sm text-muted">{t('issues.waits')}</span>
  if (url === undefined) return <Code>{key}</Code>
  return (
    <OutsideLink href={url}>
      <Code>{key}</Code>
    </OutsideLink>
  )
}

/** A line for each, as it can be pasted anywhere. */
function copied(issues: readonly StoryIssue[]): string {
  return issues
    .map(({ key = '', title, url }) =>
      [key, title, url].filter((part) => part !== undefined).join(' '),
    )
    .join('\n')
}
