import { type Story, type StorySummary, storyState } from '@studioops/contracts/stories'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Select } from '../../ui/select.tsx'
import { storiesTexts } from './stories.texts.ts'

const all = 'all'

/** Which stories the list shows, by state. */
export function StateFilter({
  stories,
  value,
  onChange,
}: {
  readonly stories: readonly StorySummary[]
  readonly value: Story['state'] | undefined
  readonly onChange: (state: Story['state'] | undefined) => void
}) {
  const t = useTexts(storiesTexts)
  const used = storyState.options.filter(
    (option) => option === value || stories.some(({ state }) => state === option),
  )
  return (
    <div className="max-w-60">
      <Select
        label={t('list.filter')}
        value={value ?? all}
        onChange={(id) => onChange(id === all ? undefined : id)}
        options={[
          { id: all, label: t('list.filter.all') },
          ...used.map((id) => ({ id, label: t(`state.${id}`) })),
        ]}
      />
    </div>
  )
}
