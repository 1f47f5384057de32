import type { AttachedPage, FoundPage } from '@studioops/contracts/pages'
import { Link } from '@tanstack/react-router'
import { Plus, RotateCw, Search, X } from 'lucide-react'
import { type FormEvent, useId, useState } from 'react'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { OutsideLink } from '../../ui/outside-link.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useAttachPage, useDetachPage, usePageSearch, useStoryPages } from './pages.queries.ts'
import { pagesTexts } from './pages.texts.ts'

export type StoryPagesProps = {
  readonly storyId: string
  /** Whether pages can be attached and taken away. */
  readonly isOpen: boolean
}

/** Pages of Confluence that the story is given as context. */
export function StoryPages({ storyId, isOpen }: StoryPagesProps) {
  const t = useTexts(pagesTexts)
  const headingId = useId()
  const known = useStoryPages(storyId)
  return (
    <section aria-labelledby={headingId} className="flex min-w-0 flex-col gap-4">
      <h3 id={headingId} className="font-semibold">
        {t('context.title')}
      </h3>
      {known.isError && <ProblemNotice error={known.error} onRetry={() => void known.refetch()} />}
      {known.isPending && (
        <>
          <LoadingStatus />
          <Skeleton shape="line" count={2} />
        </>
      )}
      {known.data !== undefined && (
        <>
          {(known.data.isConnected || known.data.pages.length > 0) && (
            <p className="text-sm text-muted">{t('context.lead')}</p>
          )}
          <Attached storyId={storyId} pages={known.data.pages} isOpen={isOpen} />
          {isOpen && (known.data.isConnected ? <FindPage storyId={storyId} /> : <Gate />)}
        </>
      )}
    </section>
  )
}

function Gate() {
  const t = useTexts(pagesTexts)
  return (
    <Notice>
      <p>{t('context.gate')}</p>
      <Link to="/connections" className="link inline-flex min-h-8 items-center max-md:min-h-11">
        {t('context.connect')}
      </Link>
    </Notice>
  )
}

type AttachedProps = StoryPagesProps & { readonly pages: readonly AttachedPage[] }

function Attached({ storyId, pages, isOpen }: AttachedProps) {
  const t = useTexts(pagesTexts)
  const attach = useAttachPage(storyId)
  const detach = useDetachPage(storyId)
  if (pages.length === 0) return isOpen ? null : <p className="text-muted">{t('context.none')}</p>
  const failed = attach.error ?? detach.error
  return (
    <>
      <ul className="flex flex-col divide-y divide-line rounded-card border border-line bg-surface">
        {pages.map((page) => (
          <li key={page.pageId} className="flex min-w-0 flex-col gap-2 p-3">
            <div className="flex items-start gap-1">
              <PageFacts page={page} />
              {isOpen && (
                <>
                  <IconButton
                    size="small-icon"
                    label={t('context.again', { title: page.title })}
                    icon={<RotateCw className="size-4" />}
                    onPress={() => attach.mutate(page.pageId)}
                  />
                  <IconButton
                    size="small-icon"
                    label={t('context.remove', { title: page.title })}
                    icon={<X className="size-4" />}
                    onPress={() => detach.mutate(page.pageId)}
                  />
                </>
              )}
            </div>
            {page.stale !== undefined && <ProblemNotice tone="warn" error={page.stale} />}
          </li>
        ))}
      </ul>
      {failed !== null && <ProblemNotice error={failed} />}
    </>
  )
}

function PageFacts({ page }: { readonly page: AttachedPage }) {
  const t = useTexts(pagesTexts)
  const { dateTime } = useFormats()
  const { title, url, spaceName, version, asOf, isCut } = page
  const facts = { space: spaceName, version, when: dateTime(asOf) }
  return (
    <div className="min-w-0 flex-1 wrap-anywhere">
      <OutsideLink href={url}>
        <bdi>{title}</bdi>
      </OutsideLink>
      <p className="text-sm text-muted">{t('context.facts', facts)}</p>
      {isCut && <p className="text-sm text-muted">{t('context.cut')}</p>}
    </div>
  )
}

function FindPage({ storyId }: { readonly storyId: string }) {
  const t = useTexts(pagesTexts)
  const [words, setWords] = useState('')
  const [asked, setAsked] = useState<string>()
  const found = usePageSearch(asked)
  const search = (event: FormEvent) => {
    event.preventDefault()
    const clean = words.trim()
    if (clean !== '') setAsked(clean)
  }
  return (
    <>
      <form onSubmit={search} className="flex flex-col gap-2">
        <TextField
          label={t('context.search')}
          description={t('context.search.hint')}
          value={words}
          onChange={setWords}
        />
        <span>
          <Button type="submit" isPending={found.isFetching} icon={<Search className="size-4" />}>
            {t('context.search.button')}
          </Button>
        </span>
      </form>
      {found.isError && <ProblemNotice error={found.error} onRetry={() => void found.refetch()} />}
      {found.data !== undefined && <Found storyId={storyId} pages={found.data} />}
    </>
  )
}

type FoundProps = { readonly storyId: string; readonly pages: readonly FoundPage[] }

function Found({ storyId, pages }: FoundProps) {
  const t = useTexts(pagesTexts)
  const attach = useAttachPage(storyId)
  if (pages.length === 0)
    return (
      <p role="status" className="text-sm text-muted">
        {t('context.found.none')}
      </p>
    )
  return (
    <>
      <ul aria-label={t('context.found')} className="flex flex-col gap-3">
        {pages.map(({ pageId, title, spaceName, excerpt }) => (
          <li key={pageId} className="flex min-w-0 items-start gap-2">
            <div className="min-w-0 flex-1 wrap-anywhere">
              <bdi className="font-medium">{title}</bdi>
              <p className="text-sm text-muted">
                <bdi>{spaceName}</bdi>
              </p>
              <p dir="auto" className="line-clamp-2 text-start text-sm text-muted">
                {excerpt}
              </p>
            </div>
            <Button
              aria-label={t('context.add', { title })}
              isPending={attach.isPending && attach.variables === pageId}
              icon={<Plus className="size-4" />}
              onPress={() => attach.mutate(pageId)}
            >
              {t('context.add.short')}
            </Button>
          </li>
        ))}
      </ul>
      {attach.isError && <ProblemNotice error={attach.error} />}
    </>
  )
}
