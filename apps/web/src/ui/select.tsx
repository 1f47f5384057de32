import { Check, ChevronsUpDown } from 'lucide-react'
import type { ReactNode, Ref } from 'react'
import { Button as AriaButton } from 'react-aria-components/Button'
import { Label } from 'react-aria-components/Label'
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox'
import { Popover } from 'react-aria-components/Popover'
import { Select as AriaSelect, SelectValue } from 'react-aria-components/Select'
import { classNames } from '../lib/class-names.ts'
import { frameClass, labelClass } from './field-frame.ts'
import { FieldMessage } from './field-message.tsx'
import { floatClass } from './float-class.ts'
import { Truncated } from './truncated.tsx'

export type SelectOption<Id extends string = string> = {
  readonly id: Id
  readonly label: string
  /** A second line, smaller. */
  readonly detail?: string
}

export type SelectProps<Id extends string> = {
  readonly label: ReactNode
  readonly options: readonly SelectOption<Id>[]
  /** Id of the chosen option; undefined while none is chosen. */
  readonly value: Id | undefined
  readonly onChange: (id: Id) => void
  readonly onBlur?: () => void
  readonly name?: string
  readonly placeholder?: string
  readonly description?: ReactNode
  readonly error?: string | undefined
  readonly isRequired?: boolean
  readonly isDisabled?: boolean
  readonly isLabelHidden?: boolean
  readonly ref?: Ref<HTMLButtonElement>
}

/** One of a closed list. */
export function Select<Id extends string>({
  label,
  options,
  value,
  onChange,
  description,
  error,
  isLabelHidden = false,
  ref,
  ...field
}: SelectProps<Id>) {
  return (
    <AriaSelect
      {...field}
      value={value ?? null}
      onChange={(key) => {
        if (key !== null) onChange(key as Id)
      }}
      isInvalid={error !== undefined}
      validationBehavior="aria"
      className="group flex flex-col gap-1.5"
    >
      <Label className={isLabelHidden ? 'sr-only' : labelClass}>{label}</Label>
      <AriaButton
        ref={ref}
        className={classNames(
          frameClass,
          'flex min-h-10 cursor-pointer items-center gap-2 px-3 py-2 text-start max-md:min-h-11',
        )}
      >
        <SelectValue className="min-w-0 flex-1 placeholder:text-muted">
          {({ selectedText, isPlaceholder, defaultChildren }) =>
            isPlaceholder ? defaultChildren : <Truncated>{selectedText}</Truncated>
          }
        </SelectValue>
        <ChevronsUpDown aria-hidden className="size-4 shrink-0 text-muted" />
      </AriaButton>
      <FieldMessage description={description} error={error} />
      <Popover className={classNames(floatClass, 'min-w-(--trigger-width)')}>
        <ListBox items={options} className="max-h-80 overflow-auto p-1 outline-none">
          {(option) => (
            <ListBoxItem
              id={option.id}
              textValue={option.label}
              className="group/option flex min-h-9 cursor-pointer items-center gap-2 rounded-field px-2.5 py-1.5 outline-none focus:bg-hover selected:font-medium max-md:min-h-11 disabled:opacity-55"
            >
              <Check
                aria-hidden
                className="invisible size-4 shrink-0 text-accent-ink group-selected/option:visible"
              />
              <span className="min-w-0 flex-1">
                <bdi>{option.label}</bdi>
                {option.detail !== undefined && (
                  <span slot="description" className="block text-sm text-muted">
                    {option.detail}
                  </span>
                )}
              </span>
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </AriaSelect>
  )
}
