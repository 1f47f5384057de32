import { Check } from 'lucide-react'
import type { ReactNode } from 'react'
import { Checkbox as AriaCheckbox } from 'react-aria-components/Checkbox'

/** Yes or no, in force when the form is sent. */
export function Checkbox({
  children,
  isSelected,
  onChange,
  isDisabled = false,
}: {
  readonly children: ReactNode
  readonly isSelected: boolean
  readonly onChange: (isSelected: boolean) => void
  readonly isDisabled?: boolean
}) {
  return (
    <AriaCheckbox
      isSelected={isSelected}
      onChange={onChange}
      isDisabled={isDisabled}
      className="group flex min-h-9 cursor-pointer items-center gap-2.5 rounded-field max-md:min-h-11 disabled:cursor-not-allowed disabled:opacity-55"
    >
      <span
        aria-hidden
        className="grid size-5 shrink-0 place-items-center rounded-md border border-edge bg-surface text-on-accent group-selected:border-accent group-selected:bg-accent"
      >
        <Check className="size-4 opacity-0 group-selected:opacity-100" strokeWidth={3} />
      </span>
      <span className="min-w-0">{children}</span>
    </AriaCheckbox>
  )
}
