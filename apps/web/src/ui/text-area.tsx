import { type ReactNode, type Ref } from 'react'
import { TextArea as AriaTextArea } from 'react-aria-components/TextArea'
import { TextField as AriaTextField } from 'react-aria-components/TextField'
import { classNames } from '../lib/class-names.ts'
import { bareInputClass, frameClass } from './field-frame.ts'
import { FieldLabel } from './field-label.tsx'
import { FieldMessage } from './field-message.tsx'

export type TextAreaProps = {
  readonly label: ReactNode
  readonly value: string
  readonly onChange: (value: string) => void
  readonly onBlur?: () => void
  readonly name?: string
  readonly description?: ReactNode
  /** What is wrong; its presence marks the field as invalid. */
  readonly error?: string | undefined
  readonly isRequired?: boolean
  readonly isDisabled?: boolean
  readonly isReadOnly?: boolean
  readonly autoFocus?: boolean
  readonly placeholder?: string
  /** Shows a counter from 80 % of this many graphemes on. Never cuts. */
  readonly maxGraphemes?: number
  /** Height when empty; the field grows with its text, then scrolls. */
  readonly rows?: number
  readonly isLabelHidden?: boolean
  readonly ref?: Ref<HTMLTextAreaElement>
}

/** Several lines of text; as tall as what stands in it. */
export function TextArea({
  label,
  description,
  error,
  placeholder,
  maxGraphemes,
  rows = 3,
  isLabelHidden = false,
  ref,
  ...field
}: TextAreaProps) {
  return (
    <AriaTextField
      {...field}
      isInvalid={error !== undefined}
      validationBehavior="aria"
      className="group flex flex-col gap-1.5"
    >
      <FieldLabel isHidden={isLabelHidden} value={field.value} maxGraphemes={maxGraphemes}>
        {label}
      </FieldLabel>
      <span className={classNames(frameClass, 'flex')}>
        <AriaTextArea
          ref={ref}
          rows={rows}
          dir={field.value === '' ? undefined : 'auto'}
          placeholder={placeholder ?? ''}
          className={classNames(bareInputClass, 'max-h-[60vh] resize-none field-sizing-content')}
        />
      </span>
      <FieldMessage description={description} error={error} />
    </AriaTextField>
  )
}
