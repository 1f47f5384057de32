import type { Story } from '@studioops/contracts/stories'
import { CopyCheck } from 'lucide-react'
import { useState } from 'react'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { Code } from '../../ui/code.tsx'
import { OutsideLink } from '../../ui/outside-link.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useDuplicates } from './story-rules.queries.ts'
import { storyRulesTexts } from './story-rules.texts.ts'

/** Asks Jira, when one wants to know, whether it has such an issue already. */
export function DuplicatesPart({ story }: { readonly story: Story }) {
  const t = useTexts(storyRulesTexts)
  const version = story.versions.at(-1)?.number ?? 0
  const [asked, setAsked] = useState<number>()
  const isAsked = asked === version
  const found = useDuplicates({ storyId: story.id, version, isAsked })
  if (story.projectKey === undefined) return undefined
  return (
    <div className="flex flex-col gap-2">
      <div>
        <Button
          size="small"
          isPending={found.isFetching}
          icon={<CopyCheck className="size-4" />}
          onPress={() => (isAsked ? void found.refetch() : setAsked(version))}
        >
          {t('duplicates.look')}
        </Button>
      </div>
      {found.isError && <ProblemNotice error={found.error} />}
      {isAsked && found.data !== undefined && <Found {...found.data} />}
    </div>
  )
}

type FoundProps = NonNullable<ReturnType<typeof useDuplicates>['data']>

function Found({ duplicates, problem }: FoundProps) {
  const t = useTexts(storyRulesTexts)
  const formats = useFormats()
  return (
    <div role="status" className="flex flex-col gap-2 text-sm">
      {problem !== undefined && <ProblemNotice tone="warn" error={problem} />}
      {problem === undefined && duplicates.length === 0 && <p>{t('duplicates.none')}</p>}
      {duplicates.length > 0 && (
        <>
          <p>{t('duplicates.found', { count: duplicates.length })}</p>
          <ul className="flex flex-col gap-2">
            {duplicates.map(({ key, summary, status, url, likeness }) => (
              <li key={key} className="wrap-anywhere">
                <OutsideLink href={url}>
                  <Code>{key}</Code>
                </OutsideLink>{' '}
                <bdi>{summary}</bdi>
                <p className="flex flex-wrap gap-x-3 text-muted">
                  <bdi>{status}</bdi>
                  <span>
                    {t('duplicates.likeness', {
                      percent: formats.number(Math.round(likeness * 100)),
                    })}
                  </span>
                </p>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  )
}
