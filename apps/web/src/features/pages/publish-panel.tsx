import type { PublicationPreview, PublicationTarget } from '@studioops/contracts/pages'
import { Check, Eye } from 'lucide-react'
import { type ComponentType, Suspense, useId, useState } from 'react'
import { useIdempotencyKey } from '../../lib/idempotency-key.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { useStorySources } from '../../lib/story-sources.queries.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Markdown } from '../../ui/markdown.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { RadioCards } from '../../ui/radio-cards.tsx'
import { Select } from '../../ui/select.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { TextField } from '../../ui/text-field.tsx'
import type { OperationCardProps } from '../outbox/index.ts'
import {
  useHeadings,
  usePreviewPublication,
  usePublications,
  usePublishStory,
  useSpaces,
} from './pages.queries.ts'
import { pagesTexts } from './pages.texts.ts'

export type PublishPanelProps = {
  readonly storyId: string
  /** Proposed as the title of a new page. */
  readonly title: string
  /** Number of the newest version: with another one a preview is old. */
  readonly version: number
  readonly OperationCard: ComponentType<OperationCardProps>
}

/** A story as a page of Confluence: where to, exactly what, approval, and what came of it. */
export function PublishPanel({ storyId, title, version, OperationCard }: PublishPanelProps) {
  const t = useTexts(pagesTexts)
  const headingId = useId()
  const known = useStorySources(storyId)
  const publications = usePublications(storyId)
  if (known.data?.available.includes('confluence-page') !== true) return null
  return (
    <section aria-labelledby={headingId} className="mt-10 flex max-w-3xl min-w-0 flex-col gap-5">
      <h2 id={headingId} className="text-lg font-semibold">
        {t('publish.title')}
      </h2>
      <p className="text-muted">{t('publish.lead')}</p>
      {publications.data?.map((operation) => (
        <Suspense key={operation.id} fallback={<Skeleton shape="card" />}>
          <OperationCard operation={operation} onDeed={() => void publications.refetch()} />
        </Suspense>
      ))}
      <PublishForm key={version} storyId={storyId} title={title} />
    </section>
  )
}

type FormProps = Pick<PublishPanelProps, 'storyId' | 'title'>

function PublishForm({ storyId, title }: FormProps) {
  const t = useTexts(pagesTexts)
  const [kind, setKind] = useState<PublicationTarget['kind']>('new-page')
  const [target, setTarget] = useState<PublicationTarget>()
  const preview = usePreviewPublication(storyId)
  const choose = (next: PublicationTarget | undefined) => {
    preview.reset()
    setTarget(next)
  }
  return (
    <Card>
      <div className="flex flex-col gap-5">
        <RadioCards
          label={t('publish.how')}
          cards={[
            { id: 'new-page', title: t('publish.new'), description: t('publish.new.text') },
            { id: 'section', title: t('publish.section'), description: t('publish.section.text') },
          ]}
          value={kind}
          onChange={(next) => {
            setKind(next)
            choose(undefined)
          }}
        />
        {kind === 'new-page' ? (
          <NewPageFields title={title} onTarget={choose} />
        ) : (
          <SectionFields storyId={storyId} onTarget={choose} />
        )}
        <span>
          <Button
            isDisabled={target === undefined}
            isPending={preview.isPending}
            icon={<Eye className="size-4" />}
            onPress={() => target !== undefined && preview.mutate(target)}
          >
            {t('publish.preview')}
          </Button>
        </span>
        {preview.isError && <ProblemNotice error={preview.error} />}
        {target !== undefined && preview.data !== undefined && (
          <Approve
            key={preview.data.preview.payloadHash}
            storyId={storyId}
            target={target}
            preview={preview.data.preview}
            onDone={() => choose(undefined)}
          />
        )}
      </div>
    </Card>
  )
}

type TargetProps = { readonly onTarget: (target: PublicationTarget | undefined) => void }

function NewPageFields({ title: proposed, onTarget }: TargetProps & { readonly title: string }) {
  const t = useTexts(pagesTexts)
  const spaces = useSpaces(true)
  const [spaceKey, setSpaceKey] = useState<string>()
  const [title, setTitle] = useState(proposed)
  const change = (space: string | undefined, words: string) => {
    setSpaceKey(space)
    setTitle(words)
    const isWhole = space !== undefined && words.trim() !== ''
    onTarget(isWhole ? { kind: 'new-page', spaceKey: space, title: words.trim() } : undefined)
  }
  const options = spaces.data?.map(({ key, name }) => ({ id: key, label: name, detail: key })) ?? []
  return (
    <>
      {spaces.isError && (
        <ProblemNotice error={spaces.error} onRetry={() => void spaces.refetch()} />
      )}
      <Select
        label={t('publish.space')}
        placeholder={t('publish.choose')}
        options={options}
        value={spaceKey}
        onChange={(space) => change(space, title)}
        isDisabled={spaces.data === undefined}
      />
      <TextField
        label={t('publish.page.title')}
        value={title}
        onChange={(words) => change(spaceKey, words)}
        maxGraphemes={255}
      />
    </>
  )
}

type Place = {
  readonly pageId?: string
  readonly heading?: string
  readonly how: 'append' | 'replace'
}

function SectionFields({ storyId, onTarget }: TargetProps & { readonly storyId: string }) {
  const t = useTexts(pagesTexts)
  const known = useStorySources(storyId)
  const [place, setPlace] = useState<Place>({ how: 'append' })
  const headings = useHeadings(place.pageId)
  const change = (next: Place) => {
    setPlace(next)
    const { pageId, heading, how } = next
    const isWhole = pageId !== undefined && heading !== undefined
    onTarget(isWhole ? { kind: 'section', pageId, heading, how } : undefined)
  }
  const pages = known.data?.sources.filter(({ kind }) => kind === 'confluence-page') ?? []
  const texts = [...new Set(headings.data?.map(({ text }) => text))]
  if (pages.length === 0) return <p className="text-muted">{t('publish.page.none')}</p>
  return (
    <>
      <Select
        label={t('publish.page')}
        description={t('publish.page.hint')}
        placeholder={t('publish.choose')}
        options={pages.map((page) => ({
          id: page.ref,
          label: page.title,
          detail: page.place,
        }))}
        value={place.pageId}
        onChange={(pageId) => change({ pageId, how: place.how })}
      />
      {headings.isError && (
        <ProblemNotice error={headings.error} onRetry={() => void headings.refetch()} />
      )}
      {headings.data?.length === 0 && <p className="text-muted">{t('publish.heading.none')}</p>}
      {texts.length > 0 && (
        <Select
          label={t('publish.heading')}
          placeholder={t('publish.choose')}
          options={texts.map((text) => ({ id: text, label: text }))}
          value={place.heading}
          onChange={(heading) => change({ ...place, heading })}
        />
      )}
      <Select
        label={t('publish.place')}
        options={[
          { id: 'append', label: t('publish.append') },
          { id: 'replace', label: t('publish.replace') },
        ]}
        value={place.how}
        onChange={(how) => change({ ...place, how })}
      />
    </>
  )
}

type ApproveProps = {
  readonly storyId: string
  readonly target: PublicationTarget
  readonly preview: PublicationPreview
  readonly onDone: () => void
}

/** Not part of any form, so that no Enter in a text field can reach it. */
function Approve({ storyId, target, preview, onDone }: ApproveProps) {
  const t = useTexts(pagesTexts)
  const { key: idempotencyKey } = useIdempotencyKey()
  const publish = usePublishStory(storyId)
  const { payloadHash, title, spaceKey, content, removed, added } = preview
  const send = () => publish.mutate({ target, payloadHash, idempotencyKey }, { onSuccess: onDone })
  return (
    <div className="flex min-w-0 flex-col gap-4 border-t border-line pt-5">
      <h3 className="font-semibold">{t('publish.preview.title')}</h3>
      <p className="wrap-anywhere text-muted">
        {t('publish.preview.where', { title, space: spaceKey })}
      </p>
      <div className="rounded-card border border-line bg-sunken p-4">
        <Markdown text={content} headingLevel={4} codeLabel={t('publish.preview.code')} />
      </div>
      <details className="flex flex-col gap-3">
        <summary className="min-h-8 cursor-pointer max-md:min-h-11">
          {t('publish.preview.raw')}
        </summary>
        {removed !== '' && <Raw label={t('publish.preview.removed')} text={removed} />}
        <Raw label={t('publish.preview.added')} text={added} />
      </details>
      <Button
        look="primary"
        isPending={publish.isPending}
        icon={<Check className="size-4" />}
        onPress={send}
      >
        {t('publish.approve')}
      </Button>
      <p className="text-sm text-muted">{t('publish.once')}</p>
      {publish.isError && <ProblemNotice error={publish.error} />}
    </div>
  )
}

function Raw({ label, text }: { readonly label: string; readonly text: string }) {
  return (
    <figure className="flex min-w-0 flex-col gap-1">
      <figcaption className="text-sm text-muted">{label}</figcaption>
      <pre
        dir="ltr"
        className="max-h-80 overflow-auto rounded-card bg-sunken p-3 text-sm wrap-anywhere whitespace-pre-wrap"
      >
        {text}
      </pre>
    </figure>
  )
}
