import type { ReactNode } from 'react'
import { Label } from 'react-aria-components/Label'
import { CharacterCounter } from './character-counter.tsx'
import { labelClass } from './field-frame.ts'

/** Above a text field: its name, and a counter where the text has a limit. */
export function FieldLabel({
  children,
  isHidden,
  value,
  maxGraphemes,
}: {
  readonly children: ReactNode
  readonly isHidden: boolean
  readonly value: string
  readonly maxGraphemes?: number | undefined
}) {
  return (
    <span className="flex items-baseline justify-between gap-3">
      <Label className={isHidden ? 'sr-only' : labelClass}>{children}</Label>
      {maxGraphemes !== undefined && <CharacterCounter value={value} max={maxGraphemes} />}
    </span>
  )
}
