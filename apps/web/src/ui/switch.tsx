import type { ReactNode } from 'react'
import { Switch as AriaSwitch } from 'react-aria-components/Switch'

/** On or off, in force at once. */
export function Switch({
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
    <AriaSwitch
      isSelected={isSelected}
      onChange={onChange}
      isDisabled={isDisabled}
      className="group flex min-h-9 cursor-pointer items-center gap-3 rounded-field max-md:min-h-11 disabled:cursor-not-allowed disabled:opacity-55"
    >
      <span
        aria-hidden
        className="flex h-6 w-10 shrink-0 items-center rounded-full border border-edge bg-sunken p-0.5 transition-colors group-selected:border-accent group-selected:bg-accent forced-colors:group-selected:bg-[Highlight]"
      >
        <span className="size-4.5 rounded-full bg-edge transition-[margin] group-selected:ms-4 group-selected:bg-on-accent forced-colors:bg-[ButtonText]" />
      </span>
      <span className="min-w-0">{children}</span>
    </AriaSwitch>
  )
}
