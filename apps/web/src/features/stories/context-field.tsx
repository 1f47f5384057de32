import type { FoundSource, SourceKind, StorySource } from '@studioops/contracts/story-context'
import { Link } from '@tanstack/react-router'
import { Plus, RotateCw, X } from 'lucide-react'
import { useEffect, useId, useState } from 'react'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { useStorySources } from '../../lib/story-sources.queries.ts'
import { IconButton } from '../../ui/icon-button.tsx'
import { OutsideLink } from '../../ui/outside-link.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { Select } from '../../ui/select.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import { TextField } from '../../ui/text-field.tsx'
import {
  type NewSource,
  useAddSource,
  useFoundSources,
  useRemoveSource,
} from './context.queries.ts'
import { contextTexts } from './context.texts.ts'

type FieldProps = {
  readonly storyId: string
  /** Whether something can be added and taken away. */
  readonly isOpen: boolean
  /** Whether the story belongs to a project, whose documents it can take. */
  readonly hasProject: boolean
}

/** What a story is written from besides its requirement, and how much of it fits. */
export function ContextField({ storyId, isOpen, hasProject }: FieldProps) {
  const t = useTexts(contextTexts)
  const headingId = useId()
  const known = useStorySources(storyId)
  const add = useAddSource(storyId)
  return (
    <section aria-labelledby={headingId} className="flex min-w-0 flex-col gap-3">
      <h3 id={headingId} className="text-sm font-medium">
        {t('title')}
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
          <p className="text-sm text-muted">
            {isOpen || known.data.sources.length > 0 ? t('lead') : t('none')}
          </p>
          <Added {...{ storyId, isOpen, add }} sources={known.data.sources} />
          {known.data.sources.length > 0 && <Budget {...known.data} />}
          {isOpen && <Finder {...{ storyId, hasProject, add }} available={known.data.available} />}
        </>
      )}
    </section>
  )
}

type Add = ReturnType<typeof useAddSource>

function newSource({
  kind,
  ref,
  boardId,
}: Pick<FoundSource, 'kind' | 'ref' | 'boardId'>): NewSource {
  return kind === 'trello-card' ? { kind, ref, boardId: boardId ?? '' } : { kind, ref }
}

type AddedProps = {
  readonly storyId: string
  readonly isOpen: boolean
  readonly add: Add
  readonly sources: readonly StorySource[]
}

function Added({ storyId, isOpen, add, sources }: AddedProps) {
  const t = useTexts(contextTexts)
  const remove = useRemoveSource(storyId)
  return (
    <>
      {sources.length > 0 && (
        <ul
          aria-label={t('list')}
          className="flex flex-col divide-y divide-line rounded-card border border-line bg-surface"
        >
          {sources.map((source) => (
            <li
              key={`${source.kind} ${source.ref}`}
              className="flex min-w-0 flex-col gap-2 p-2 ps-3"
            >
              <div className="flex items-start gap-1">
                <SourceFacts source={source} />
                {isOpen && (
                  <>
                    <IconButton
                      size="small-icon"
                      label={t('again', { title: source.title })}
                      icon={<RotateCw className="size-4" />}
                      onPress={() => add.mutate(newSource(source))}
                    />
                    <IconButton
                      size="small-icon"
                      label={t('remove', { title: source.title })}
                      icon={<X className="size-4" />}
                      onPress={() => remove.mutate(source)}
                    />
                  </>
                )}
              </div>
              {source.stale !== undefined && <ProblemNotice tone="warn" error={source.stale} />}
            </li>
          ))}
        </ul>
      )}
      {remove.isError && <ProblemNotice error={remove.error} />}
      {add.isError && <ProblemNotice error={add.error} />}
    </>
  )
}

function SourceFacts({ source }: { readonly source: StorySource }) {
  const t = useTexts(contextTexts)
  const { dateTime, number } = useFormats()
  const { title, url, place, asOf, tokens, fits, isPart } = source
  return (
    <div className="min-w-0 flex-1 text-sm wrap-anywhere">
      {url === undefined ? (
        <bdi className="font-medium">{title}</bdi>
      ) : (
        <OutsideLink href={url}>
          <bdi>{title}</bdi>
        </OutsideLink>
      )}
      <p className="text-muted">{t('facts', { place, when: dateTime(asOf) })}</p>
      <p className="flex flex-wrap gap-x-3 text-muted">
        <span>{t('tokens', { count: tokens, tokens: number(tokens) })}</span>
        {fits < 1 && (
          <span className="font-medium text-warn-ink">
            {fits === 0 ? t('fits.none') : t('fits.part', { percent: Math.floor(fits * 100) })}
          </span>
        )}
      </p>
      {isPart && <p className="text-muted">{t('part')}</p>}
    </div>
  )
}

type BudgetProps = {
  readonly sources: readonly StorySource[]
  readonly budget: { readonly max: number; readonly sources: number }
}

function Budget({ sources, budget }: BudgetProps) {
  const t = useTexts(contextTexts)
  const { number } = useFormats()
  const labelId = useId()
  const words = t('budget.used', { used: number(budget.sources), max: number(budget.max) })
  return (
    <div className="flex flex-col gap-1 text-sm text-muted">
      <p className="flex flex-wrap justify-between gap-x-3">
        <span id={labelId}>{t('budget')}</span>
        <span>{words}</span>
      </p>
      <meter
        aria-labelledby={labelId}
        aria-valuetext={words}
        max={budget.max}
        value={budget.sources}
        className="h-2 w-full"
      />
      {sources.some(({ fits }) => fits < 1) && <p className="text-warn-ink">{t('budget.over')}</p>}
    </div>
  )
}

type FinderProps = {
  readonly storyId: string
  readonly hasProject: boolean
  readonly add: Add
  readonly available: readonly SourceKind[]
}

const order: readonly SourceKind[] = ['jira-issue', 'confluence-page', 'trello-card', 'document']
/** One letter finds half of everything; of documents of one project it may. */
const lettersMin: Readonly<Partial<Record<SourceKind, number>>> = { document: 1 }
const pauseMs = 300

function Finder({ storyId, hasProject, add, available }: FinderProps) {
  const t = useTexts(contextTexts)
  const kinds = order.filter((kind) => available.includes(kind))
  const [chosen, setChosen] = useState<SourceKind>(hasProject ? 'document' : 'jira-issue')
  const kind = kinds.includes(chosen) ? chosen : 'document'
  return (
    <div className="flex flex-col gap-3">
      <Select
        label={t('kind.label')}
        options={kinds.map((id) => ({ id, label: t(`kind.${id}`) }))}
        value={kind}
        onChange={setChosen}
      />
      {kind === 'document' && !hasProject ? (
        <p className="text-sm text-muted">{t('project.first')}</p>
      ) : (
        <Search storyId={storyId} kind={kind} add={add} />
      )}
      {kinds.length < order.length && (
        <p className="text-sm text-muted">
          {t('connect')}{' '}
          <Link to="/connections" className="link inline-flex min-h-8 items-center max-md:min-h-11">
            {t('connect.link')}
          </Link>
        </p>
      )}
    </div>
  )
}

type SearchProps = {
  readonly storyId: string
  readonly kind: SourceKind
  readonly add: Add
}

function Search({ storyId, kind, add }: SearchProps) {
  const t = useTexts(contextTexts)
  const [words, setWords] = useState('')
  const typed = useSettled(words.trim())
  const query = typed.length >= (lettersMin[kind] ?? 2) ? typed : ''
  const found = useFoundSources({ storyId, kind, query })
  return (
    <>
      <TextField
        label={t('search')}
        description={t(`search.${kind}`)}
        value={words}
        onChange={setWords}
        autoComplete="off"
      />
      {found.isError && <ProblemNotice error={found.error} onRetry={() => void found.refetch()} />}
      {query !== '' && found.data !== undefined && <Found add={add} found={found.data} />}
    </>
  )
}

/** What somebody typed, once they pause. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), pauseMs)
    return () => clearTimeout(timer)
  }, [text])
  return settled
}

function Found({ add, found }: { readonly add: Add; readonly found: readonly FoundSource[] }) {
  const t = useTexts(contextTexts)
  const isAdding = (one: FoundSource) => add.isPending && add.variables.ref === one.ref
  return (
    <>
      <p role="status" className="text-sm text-muted">
        {found.length === 0 ? t('found.none') : t('found.some', { count: found.length })}
      </p>
      {found.length > 0 && (
        <ul aria-label={t('found')} className="flex flex-col gap-2">
          {found.map((one) => (
            <li key={`${one.kind} ${one.ref}`} className="flex min-w-0 items-start gap-2">
              <div className="min-w-0 flex-1 text-sm wrap-anywhere">
                <bdi className="font-medium">{one.title}</bdi>
                <p className="text-muted">
                  <bdi>{one.place}</bdi>
                </p>
                {one.detail !== undefined && (
                  <p dir="auto" className="line-clamp-2 text-start text-muted">
                    {one.detail}
                  </p>
                )}
              </div>
              <IconButton
                label={t('add', { title: one.title })}
                icon={<Plus className="size-4" />}
                isPending={isAdding(one)}
                onPress={() => add.mutate(newSource(one))}
              />
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
