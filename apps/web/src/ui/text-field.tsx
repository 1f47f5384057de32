import { Eye, EyeOff } from 'lucide-react'
import { type ReactNode, type Ref, useState } from 'react'
import { Input } from 'react-aria-components/Input'
import { TextField as AriaTextField } from 'react-aria-components/TextField'
import { withoutBidiControls } from '../lib/bidi-controls.ts'
import { classNames } from '../lib/class-names.ts'
import { useTexts } from '../lib/i18n/use-texts.ts'
import { bareInputClass, frameClass } from './field-frame.ts'
import { FieldLabel } from './field-label.tsx'
import { FieldMessage } from './field-message.tsx'
import { IconButton } from './icon-button.tsx'
import { uiTexts } from './ui.texts.ts'

/** `code`: a name of a machine, such as a model or a key; like an address always left to right. */
export type TextFieldKind = 'text' | 'code' | 'url' | 'email' | 'token' | 'password'

export type TextFieldProps = {
  readonly label: ReactNode
  readonly value: string
  readonly onChange: (value: string) => void
  readonly onBlur?: () => void
  readonly name?: string
  /** `token` and `password` are masked, with an eye that shows what is being typed. */
  readonly kind?: TextFieldKind
  readonly description?: ReactNode
  /** What is wrong; its presence marks the field as invalid. */
  readonly error?: string | undefined
  readonly isRequired?: boolean
  readonly isDisabled?: boolean
  readonly isReadOnly?: boolean
  readonly autoFocus?: boolean
  readonly autoComplete?: string
  readonly placeholder?: string
  /** Shows a counter from 80 % of this many graphemes on. Never cuts. */
  readonly maxGraphemes?: number
  /** A table of suggestions of the browser: the id of a `<datalist>`. */
  readonly list?: string
  readonly isLabelHidden?: boolean
  readonly ref?: Ref<HTMLInputElement>
}

const secretKinds: readonly TextFieldKind[] = ['token', 'password']
const inputTypes = {
  text: 'text',
  code: 'text',
  url: 'url',
  email: 'email',
  token: 'text',
  password: 'text',
} as const

const notProse = { spellCheck: false, autoCapitalize: 'none' } as const

/** Text in its own direction, but addresses, tokens and passwords always left to right (HE-6). */
function directionOf(kind: TextFieldKind, value: string): 'ltr' | 'auto' | undefined {
  if (kind !== 'text') return 'ltr'
  return value === '' ? undefined : 'auto'
}

/** What a machine reads holds no invisible marks; a password stays exactly what was typed. */
function cleaned(kind: TextFieldKind, value: string): string {
  return kind === 'text' || kind === 'password' ? value : withoutBidiControls(value)
}

/** One line of text with label, description, error and, for secrets, an eye. */
export function TextField({
  label,
  kind = 'text',
  description,
  error,
  placeholder = '',
  maxGraphemes,
  list,
  isLabelHidden = false,
  ref,
  onChange,
  autoComplete = kind === 'token' ? 'new-password' : 'off',
  ...field
}: TextFieldProps) {
  const [isShown, setIsShown] = useState(false)
  const isSecret = secretKinds.includes(kind)
  return (
    <AriaTextField
      {...field}
      onChange={(value) => onChange(cleaned(kind, value))}
      type={isSecret && !isShown ? 'password' : inputTypes[kind]}
      inputMode={inputTypes[kind]}
      autoComplete={autoComplete}
      isInvalid={error !== undefined}
      validationBehavior="aria"
      className="group flex flex-col gap-1.5"
    >
      <FieldLabel isHidden={isLabelHidden} value={field.value} maxGraphemes={maxGraphemes}>
        {label}
      </FieldLabel>
      {/* The frame holds border and eye: the input inside has a direction of its own (HE-3). */}
      <span className={classNames(frameClass, 'flex min-h-10 items-center max-md:min-h-11')}>
        <Input
          ref={ref}
          dir={directionOf(kind, field.value)}
          list={list}
          placeholder={placeholder}
          {...(kind === 'text' ? {} : notProse)}
          className={bareInputClass}
        />
        {isSecret && (
          <RevealButton isShown={isShown} onPress={() => setIsShown((shown) => !shown)} />
        )}
      </span>
      <FieldMessage description={description} error={error} />
    </AriaTextField>
  )
}

function RevealButton({ isShown, onPress }: { isShown: boolean; onPress: () => void }) {
  const t = useTexts(uiTexts)
  return (
    <span className="shrink-0 pe-1">
      <IconButton
        size="small-icon"
        label={isShown ? t('password.hide') : t('password.show')}
        icon={isShown ? <EyeOff className="size-4" /> : <Eye className="size-4" />}
        onPress={onPress}
      />
    </span>
  )
}
