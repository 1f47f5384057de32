import type { ReactNode } from 'react'
import { Label } from 'react-aria-components/Label'
import { Radio, RadioGroup } from 'react-aria-components/RadioGroup'
import { classNames } from '../lib/class-names.ts'
import { labelClass } from './field-frame.ts'
import { FieldMessage } from './field-message.tsx'

export type RadioCard<Id extends string = string> = {
  readonly id: Id
  readonly title: ReactNode
  readonly description?: ReactNode
  readonly icon?: ReactNode
  readonly isDisabled?: boolean
}

export type RadioCardsProps<Id extends string> = {
  readonly label: ReactNode
  readonly cards: readonly RadioCard<Id>[]
  readonly value: Id | undefined
  readonly onChange: (id: Id) => void
  readonly description?: ReactNode
  readonly error?: string | undefined
  readonly isDisabled?: boolean
  readonly isLabelHidden?: boolean
  /** How many stand side by side where there is room. */
  readonly columns?: 1 | 2 | 3
}

const columnClasses = { 1: '', 2: 'sm:grid-cols-2', 3: 'sm:grid-cols-2 lg:grid-cols-3' }

/** One of a few, each with a title and a sentence. */
export function RadioCards<Id extends string>({
  label,
  cards,
  value,
  onChange,
  description,
  error,
  isDisabled = false,
  isLabelHidden = false,
  columns = 2,
}: RadioCardsProps<Id>) {
  return (
    <RadioGroup
      value={value ?? null}
      onChange={(id) => onChange(id as Id)}
      isDisabled={isDisabled}
      isInvalid={error !== undefined}
      validationBehavior="aria"
      className="flex flex-col gap-1.5"
    >
      <Label className={isLabelHidden ? 'sr-only' : labelClass}>{label}</Label>
      <div className={classNames('grid gap-2', columnClasses[columns])}>
        {cards.map(({ id, title, description: sentence, icon, isDisabled: isCardDisabled }) => (
          <Radio
            key={id}
            value={id}
            isDisabled={isCardDisabled ?? false}
            className="group/card flex min-h-11 cursor-pointer items-start gap-3 rounded-card border border-edge/60 bg-surface px-3.5 py-3 transition-colors hover:border-edge selected:border-accent-ink selected:bg-accent-soft disabled:cursor-not-allowed disabled:opacity-55"
          >
            <span
              aria-hidden
              className="mt-1 grid size-4 shrink-0 place-items-center rounded-full border border-edge bg-surface group-selected/card:border-accent-ink"
            >
              <span className="size-2 rounded-full bg-accent-ink opacity-0 forced-color-adjust-none group-selected/card:opacity-100" />
            </span>
            {icon}
            <span className="min-w-0">
              <span className="block font-medium">{title}</span>
              {sentence !== undefined && (
                <span className="block text-sm text-muted">{sentence}</span>
              )}
            </span>
          </Radio>
        ))}
      </div>
      <FieldMessage description={description} error={error} />
    </RadioGroup>
  )
}
