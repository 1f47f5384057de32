import type { ModelProvider, ModelsView } from '@studioops/contracts/models'
import { ArrowDown, ArrowUp, CircleAlert, CircleCheck, CircleDashed, Trash2 } from 'lucide-react'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Facts } from '../../ui/facts.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { Switch } from '../../ui/switch.tsx'
import { useChooseModel, useOrderModels, useRemoveProvider } from './models.queries.ts'
import { modelsTexts } from './models.texts.ts'

type ListProps = { readonly view: ModelsView; readonly runsWorkspace: boolean }

/** The chain, in the order in which it is asked. */
export function ProviderList({ view, runsWorkspace }: ListProps) {
  const t = useTexts(modelsTexts)
  const choose = useChooseModel()
  return (
    <section aria-labelledby="models-chain" className="flex flex-col gap-4">
      <div>
        <h2 id="models-chain" className="text-lg font-semibold">
          {t('chain.title')}
        </h2>
        <p className="text-muted">{t('chain.lead')}</p>
      </div>
      <ol className="flex flex-col gap-4">
        {view.providers.map((provider) => (
          <ProviderCard
            key={provider.id}
            provider={provider}
            view={view}
            runsWorkspace={runsWorkspace}
          />
        ))}
      </ol>
      {view.choice !== undefined && (
        <div>
          <Button isPending={choose.isPending} onPress={() => choose.mutate(undefined)}>
            {t('choose.none')}
          </Button>
        </div>
      )}
      {choose.error !== null && <ProblemNotice error={choose.error} />}
    </section>
  )
}

type CardProps = ListProps & { readonly provider: ModelProvider }

function useName() {
  const t = useTexts(modelsTexts)
  return ({ kind, name }: ModelProvider) => (kind === 'server' ? name : t(`kind.${kind}`))
}

function ProviderCard({ provider, view, runsWorkspace }: CardProps) {
  const t = useTexts(modelsTexts)
  const name = useName()(provider)
  const choose = useChooseModel()
  const { id, failure, isOpen, isEnabled } = provider
  const isChosen = view.choice === id
  return (
    <Card as="li" labelledBy={`model-${id}`}>
      <div className="mb-3 flex flex-wrap items-center gap-3">
        <h3 id={`model-${id}`} className="min-w-0 font-semibold wrap-anywhere">
          <bdi>{name}</bdi>
        </h3>
        <StateBadge provider={provider} />
        {isChosen && <Badge tone="accent">{t('choose.is')}</Badge>}
      </div>
      <ProviderFacts provider={provider} />
      {failure !== undefined && (
        <div className="mt-3">
          <ProblemNotice error={failure} tone="warn" />
        </div>
      )}
      <div className="mt-4 flex flex-wrap items-center gap-2">
        {isOpen && isEnabled && !isChosen && (
          <Button
            size="small"
            aria-label={t('choose.object', { name })}
            isPending={choose.isPending}
            onPress={() => choose.mutate(id)}
          >
            {t('choose.do')}
          </Button>
        )}
        {runsWorkspace && <OrderControls provider={provider} view={view} name={name} />}
      </div>
    </Card>
  )
}

function ProviderFacts({ provider }: { readonly provider: ModelProvider }) {
  const t = useTexts(modelsTexts)
  const formats = useFormats()
  const { host, model, keyHint, lastGoodAt } = provider
  return (
    <Facts
      facts={[
        ...(host === undefined ? [] : [{ name: t('host'), value: <bdi>{host}</bdi> }]),
        ...(model === undefined ? [] : [{ name: t('model'), value: <bdi>{model}</bdi> }]),
        ...(keyHint === undefined
          ? []
          : [{ name: t('key'), value: <bdi>{t('keyEnds', { hint: keyHint })}</bdi> }]),
        {
          name: t('lastGood'),
          value: <bdi>{lastGoodAt === undefined ? t('never') : formats.dateTime(lastGoodAt)}</bdi>,
        },
      ]}
    />
  )
}

function StateBadge({ provider }: { readonly provider: ModelProvider }) {
  const t = useTexts(modelsTexts)
  const { isEnabled, isOpen, failure, lastGoodAt } = provider
  if (!isEnabled) return <Badge icon={CircleDashed}>{t('state.off')}</Badge>
  if (!isOpen) return <Badge icon={CircleDashed}>{t('state.closed')}</Badge>
  if (failure !== undefined)
    return (
      <Badge tone="bad" icon={CircleAlert}>
        {t('state.failing')}
      </Badge>
    )
  if (lastGoodAt === undefined) return <Badge icon={CircleDashed}>{t('state.unused')}</Badge>
  return (
    <Badge tone="good" icon={CircleCheck}>
      {t('state.well')}
    </Badge>
  )
}

type OrderProps = {
  readonly provider: ModelProvider
  readonly view: ModelsView
  readonly name: string
}

function OrderControls({ provider, view, name }: OrderProps) {
  const t = useTexts(modelsTexts)
  const order = useOrderModels()
  const remove = useRemoveProvider()
  const places = view.providers.map(({ id, isEnabled }) => ({ id, isEnabled }))
  const at = places.findIndex(({ id }) => id === provider.id)
  const moved = (by: -1 | 1) => {
    const others = places.filter(({ id }) => id !== provider.id)
    const own = places.filter(({ id }) => id === provider.id)
    return [...others.slice(0, at + by), ...own, ...others.slice(at + by)]
  }
  const error = order.error ?? remove.error
  return (
    <>
      <IconButton
        label={t('order.up', { name })}
        icon={<ArrowUp aria-hidden className="size-5" />}
        isDisabled={at === 0}
        onPress={() => order.mutate(moved(-1))}
      />
      <IconButton
        label={t('order.down', { name })}
        icon={<ArrowDown aria-hidden className="size-5" />}
        isDisabled={at === places.length - 1}
        onPress={() => order.mutate(moved(1))}
      />
      {provider.kind === 'server' && (
        <IconButton
          label={t('remove.object', { name })}
          icon={<Trash2 aria-hidden className="size-5" />}
          isPending={remove.isPending}
          onPress={() => remove.mutate(provider.id)}
        />
      )}
      <Switch
        isSelected={provider.isEnabled}
        onChange={(isEnabled) =>
          order.mutate(
            places.map((place) => (place.id === provider.id ? { ...place, isEnabled } : place)),
          )
        }
      >
        {t('enabled')}
      </Switch>
      {error !== null && <ProblemNotice error={error} />}
    </>
  )
}
