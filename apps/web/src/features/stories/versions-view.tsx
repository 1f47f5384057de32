import type { Story, StoryVersion } from '@studioops/contracts/stories'
import { useState } from 'react'
import { useFormats } from '../../lib/formats.ts'
import { RichText } from '../../lib/i18n/rich-text.tsx'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { Select } from '../../ui/select.tsx'
import { useRestoreVersion } from './stories.queries.ts'
import { storiesTexts } from './stories.texts.ts'
import { StoryDiff } from './story-diff-view.tsx'
import type { StoryEditor } from './story-editing.ts'

/** Every version with its source, and the difference of any two. */
export function VersionsView({
  story,
  editor,
  isOpen,
}: {
  readonly story: Story
  readonly editor: StoryEditor
  readonly isOpen: boolean
}) {
  const t = useTexts(storiesTexts)
  const restore = useRestoreVersion(story.id)
  const newestFirst = story.versions.toReversed()
  const newest = newestFirst[0]
  const useAgain = (version: StoryVersion) => {
    if (newest !== undefined) restore.mutate({ version: version.number, basedOn: newest.number })
  }
  return (
    <div className="flex flex-col gap-8">
      <ol reversed aria-label={t('version.list')} className="flex flex-col gap-3">
        {newestFirst.map((version) => (
          <VersionRow
            key={version.number}
            version={version}
            isNewest={version === newest}
            canUse={isOpen && !editor.isChanged && version !== newest}
            isPending={restore.isPending && restore.variables.version === version.number}
            onUse={() => useAgain(version)}
          />
        ))}
      </ol>
      {restore.isError && <ProblemNotice error={restore.error} />}
      <Comparison versions={story.versions} />
    </div>
  )
}

function VersionRow({
  version,
  isNewest,
  canUse,
  isPending,
  onUse,
}: {
  readonly version: StoryVersion
  readonly isNewest: boolean
  readonly canUse: boolean
  readonly isPending: boolean
  readonly onUse: () => void
}) {
  const t = useTexts(storiesTexts)
  const formats = useFormats()
  const { number, instruction, createdAt, children = [] } = version
  return (
    <li className="flex flex-col gap-1.5 rounded-field border border-line px-4 py-3">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="font-medium">{t('version.number', { number })}</span>
        {isNewest && <Badge tone="accent">{t('version.newest')}</Badge>}
        <VersionSource version={version} />
        {children.length > 0 && (
          <span className="text-sm text-muted">
            {t('version.children', { count: children.length })}
          </span>
        )}
        <time dateTime={createdAt} className="text-sm text-muted">
          <bdi>{formats.dateTime(createdAt)}</bdi>
        </time>
      </p>
      {instruction !== undefined && (
        <p className="text-sm text-muted">
          <RichText
            texts={storiesTexts}
            textKey="version.instruction"
            values={{ instruction }}
            parts={{ quote: <bdi className="text-ink wrap-anywhere" /> }}
          />
        </p>
      )}
      {canUse && (
        <div>
          <Button size="small" isPending={isPending} onPress={onUse}>
            {t('version.use', { number })}
          </Button>
        </div>
      )}
    </li>
  )
}

export function VersionSource({
  version: { source, model, restoredFrom },
}: {
  readonly version: StoryVersion
}) {
  const t = useTexts(storiesTexts)
  if (source === 'offline') return <Badge tone="warn">{t('version.source.offline')}</Badge>
  if (source !== 'model')
    return (
      <span className="text-sm text-muted">
        {source === 'restore' && restoredFrom !== undefined
          ? t('version.source.restored', { number: restoredFrom })
          : t(`version.source.${source}`)}
      </span>
    )
  return (
    <span className="text-sm text-muted">
      {model === undefined
        ? t('version.source.model-unnamed')
        : t('version.source.model', { model })}
    </span>
  )
}

function Comparison({ versions }: { readonly versions: readonly StoryVersion[] }) {
  const t = useTexts(storiesTexts)
  const [chosen, setChosen] = useState<{ from?: string; to?: string }>({})
  const to = versionOf(versions, chosen.to) ?? versions.at(-1)
  const from = versionOf(versions, chosen.from) ?? versions.at(-2)
  const options = versions.map(({ number }) => ({
    id: String(number),
    label: t('version.number', { number }),
  }))
  return (
    <section aria-label={t('compare.title')} className="flex flex-col gap-4">
      <h3 className="font-medium">{t('compare.title')}</h3>
      {from === undefined || to === undefined ? (
        <p className="text-muted">{t('compare.one')}</p>
      ) : (
        <>
          <div className="grid max-w-md grid-cols-2 gap-3">
            <Select
              label={t('compare.from')}
              options={options}
              value={String(from.number)}
              onChange={(id) => setChosen((known) => ({ ...known, from: id }))}
            />
            <Select
              label={t('compare.to')}
              options={options}
              value={String(to.number)}
              onChange={(id) => setChosen((known) => ({ ...known, to: id }))}
            />
          </div>
          <StoryDiff before={from} after={to} />
        </>
      )}
    </section>
  )
}

function versionOf(versions: readonly StoryVersion[], number: string | undefined) {
  return versions.find((version) => String(version.number) === number)
}
