import type { ReactNode, Ref } from 'react'
import { TextArea as AriaTextArea } from 'react-aria-components/TextArea'
import { TextField as AriaTextField } from 'react-aria-components/TextField'
import { classNames } from '../lib/class-names.ts'
import { bareInputClass, frameClass } from './field-frame.ts'
import { FieldLabel } from './field-label.tsx'

/** Text that a machine reads: left to right in any language, as it is written, nothing wrapped. */
export function CodeArea({
  label,
  value,
  onChange,
  onBlur,
  isInvalid = false,
  ref,
}: {
  readonly label: ReactNode
  readonly value: string
  readonly onChange: (value: string) => void
  readonly onBlur?: () => void
  readonly isInvalid?: boolean
  readonly ref?: Ref<HTMLTextAreaElement>
}) {
  return (
    <AriaTextField
      value={value}
      onChange={onChange}
      {...(onBlur === undefined ? {} : { onBlur })}
      isInvalid={isInvalid}
      validationBehavior="aria"
      className="group flex flex-col gap-1.5"
    >
      <FieldLabel isHidden value={value} maxGraphemes={undefined}>
        {label}
      </FieldLabel>
      <span className={classNames(frameClass, 'flex')}>
        <AriaTextArea
          ref={ref}
          dir="ltr"
          rows={22}
          spellCheck={false}
          autoCapitalize="none"
          className={classNames(
            bareInputClass,
            'resize-y overflow-auto font-mono text-sm whitespace-pre',
          )}
        />
      </span>
    </AriaTextField>
  )
}

/** Puts the cursor at a place; both count from 1, the column in UTF-16 units. */
export function goToPlace(
  area: HTMLTextAreaElement,
  { line, column }: { readonly line: number; readonly column: number },
): void {
  const lines = area.value.split('\n')
  const before = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0)
  const offset = Math.min(before + column - 1, area.value.length)
  area.focus()
  area.setSelectionRange(offset, offset)
  area.scrollTop = (area.scrollHeight * Math.max(0, line - 4)) / Math.max(1, lines.length)
}
