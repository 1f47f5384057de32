import type { ReactNode, Ref } from 'react'
import { Button as AriaButton } from 'react-aria-components/Button'
import { classNames } from '../lib/class-names.ts'
import { buttonClass, type ButtonLook, type ButtonSize } from './button-class.ts'
import { Spinner } from './spinner.tsx'

export type ButtonProps = {
  readonly children: ReactNode
  readonly look?: ButtonLook
  readonly size?: ButtonSize
  readonly isWide?: boolean
  readonly type?: 'button' | 'submit'
  /** Id of the form that it submits, where it stands outside of it. */
  readonly form?: string
  /** While true the label stays, a spinner joins it, and presses do nothing. */
  readonly isPending?: boolean | undefined
  readonly isDisabled?: boolean | undefined
  readonly icon?: ReactNode
  readonly autoFocus?: boolean
  readonly onPress?: () => void
  /** Inside a dialog `slot="close"` closes it. */
  readonly slot?: string
  readonly ref?: Ref<HTMLButtonElement>
  readonly 'aria-label'?: string
  readonly 'aria-describedby'?: string
  readonly 'aria-expanded'?: boolean
  readonly 'aria-pressed'?: boolean
}

/** Something to press. One `primary` on a screen; `danger` for what cannot be undone. */
export function Button({
  children,
  look,
  size,
  isWide,
  icon,
  isPending = false,
  isDisabled = false,
  ...rest
}: ButtonProps) {
  // Not React Aria's own isPending: what it announces points at the button by id, also after the
  // button has gone.
  const { type, onPress, ...whileIdle } = rest
  return (
    <AriaButton
      {...(isPending ? { ...whileIdle, 'aria-disabled': true } : rest)}
      isDisabled={isDisabled}
      className={classNames(buttonClass({ look, size, isWide }), isPending && 'cursor-progress')}
    >
      {isPending ? <Spinner /> : icon}
      {children}
    </AriaButton>
  )
}
