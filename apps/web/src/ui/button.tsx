import type { ReactNode, Ref } from 'react'
import { Button as AriaButton } from 'react-aria-components/Button'
import { buttonClass, type ButtonLook, type ButtonSize } from './button-class.ts'
import { Spinner } from './spinner.tsx'

export type ButtonProps = {
  readonly children: ReactNode
  readonly look?: ButtonLook
  readonly size?: ButtonSize
  readonly isWide?: boolean
  readonly type?: 'button' | 'submit'
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
  return (
    <AriaButton
      {...rest}
      isPending={isPending}
      isDisabled={isDisabled}
      className={buttonClass({ look, size, isWide })}
    >
      {isPending ? <Spinner /> : icon}
      {children}
    </AriaButton>
  )
}
