import type { Story } from '@studioops/contracts/stories'
import { Check, Eye } from 'lucide-react'
import { type ComponentType, Suspense, useId, useState } from 'react'
import { useIdempotencyKey } from '../../lib/idempotency-key.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Markdown } from '../../ui/markdown.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { Select } from '../../ui/select.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import type { OperationCardProps } from '../outbox/index.ts'
import { useBoardChoices, useCardWrites, useMakeCards, usePreviewCards } from './extras.queries.ts'
import { extrasTexts } from './extras.texts.ts'

type PanelProps = {
  readonly story: Story
  readonly OperationCard: ComponentType<OperationCardProps>
}

type Place = { readonly boardId?: string; readonly listId?: string }

/** A story as cards of Trello: where to, exactly which, approval, and what came of it. */
export function CardsPanel({ story, OperationCard }: PanelProps) {
  const t = useTexts(extrasTexts)
  const headingId = useId()
  const [isAsked, setIsAsked] = useState(false)
  return (
    <details
      className="mt-10 max-w-3xl min-w-0"
      onToggle={(event) => setIsAsked(event.currentTarget.open)}
    >
      <summary
        id={headingId}
        className="min-h-8 cursor-pointer text-lg font-semibold max-md:min-h-11"
      >
        {t('cards.title')}
      </summary>
      {isAsked && (
        <section aria-labelledby={headingId} className="mt-4 flex flex-col gap-5">
          <p className="text-muted">{t('cards.lead')}</p>
          <Writes storyId={story.id} OperationCard={OperationCard} />
          <CardsForm key={story.versions.at(-1)?.number} storyId={story.id} />
        </section>
      )}
    </details>
  )
}

function Writes({
  storyId,
  OperationCard,
}: {
  readonly storyId: string
  readonly OperationCard: PanelProps['OperationCard']
}) {
  const writes = useCardWrites(storyId)
  if (writes.isError) return <ProblemNotice error={writes.error} />
  return writes.data?.map((operation) => (
    <Suspense key={operation.id} fallback={<Skeleton shape="card" />}>
      <OperationCard operation={operation} onDeed={() => void writes.refetch()} />
    </Suspense>
  ))
}

function CardsForm({ storyId }: { readonly storyId: string }) {
  const t = useTexts(extrasTexts)
  const [place, setPlace] = useState<Place>({})
  const { boardId, listId } = place
  const { boards, board } = useBoardChoices(boardId)
  const preview = usePreviewCards(storyId)
  const choose = (next: Place) => {
    preview.reset()
    setPlace(next)
  }
  if (boards.isError)
    return <ProblemNotice error={boards.error} onRetry={() => void boards.refetch()} />
  return (
    <Card>
      <div className="flex flex-col gap-5">
        <Select
          label={t('cards.board')}
          placeholder={t('cards.choose')}
          isDisabled={boards.data === undefined}
          value={boardId}
          onChange={(id) => choose({ boardId: id })}
          options={(boards.data ?? []).map(({ id, name }) => ({ id, label: name }))}
        />
        {board.isError && <ProblemNotice error={board.error} />}
        <Select
          label={t('cards.list')}
          placeholder={t('cards.choose')}
          isDisabled={board.data === undefined}
          value={listId}
          onChange={(id) => choose({ ...place, listId: id })}
          options={(board.data?.board.lists ?? []).map(({ id, name }) => ({ id, label: name }))}
        />
        <div>
          <Button
            isDisabled={boardId === undefined || listId === undefined}
            isPending={preview.isPending}
            icon={<Eye className="size-4" />}
            onPress={() => {
              if (boardId !== undefined && listId !== undefined) preview.mutate({ boardId, listId })
            }}
          >
            {t('cards.preview')}
          </Button>
        </div>
        {preview.isError && <ProblemNotice error={preview.error} />}
        {preview.data !== undefined && (
          <Approve
            key={preview.data.payloadHash}
            storyId={storyId}
            place={preview.variables}
            shown={preview.data}
            onDone={preview.reset}
          />
        )}
      </div>
    </Card>
  )
}

type Shown = NonNullable<ReturnType<typeof usePreviewCards>['data']>

/** Not part of any form, so that no Enter in a field can reach it. */
function Approve({
  storyId,
  place,
  shown: { payloadHash, board, list, cards },
  onDone,
}: {
  readonly storyId: string
  readonly place: { readonly boardId: string; readonly listId: string }
  readonly shown: Shown
  readonly onDone: () => void
}) {
  const t = useTexts(extrasTexts)
  const { key: idempotencyKey } = useIdempotencyKey()
  const make = useMakeCards(storyId)
  return (
    <div className="flex min-w-0 flex-col gap-4 border-t border-line pt-5">
      <p>{t('cards.what', { count: cards.length, board, list })}</p>
      <ul className="flex flex-col gap-3">
        {cards.map(({ name, desc }, index) => (
          <li key={index} className="rounded-card border border-line bg-sunken p-4">
            <h3 className="font-semibold wrap-anywhere">
              <bdi>{name}</bdi>
            </h3>
            <Markdown text={desc} headingLevel={4} codeLabel={t('cards.code')} />
          </li>
        ))}
      </ul>
      <Button
        look="primary"
        isPending={make.isPending}
        icon={<Check className="size-4" />}
        onPress={() =>
          make.mutate({ body: { ...place, payloadHash }, idempotencyKey }, { onSuccess: onDone })
        }
      >
        {t('cards.approve')}
      </Button>
      <p className="text-sm text-muted">{t('cards.once')}</p>
      {make.isError && <ProblemNotice error={make.error} />}
    </div>
  )
}
