import type { ReactElement, ReactNode } from 'react'
import { DialogTrigger } from 'react-aria-components/Dialog'
import { Popover } from 'react-aria-components/Popover'
import { classNames } from '../lib/class-names.ts'
import { floatClass } from './float-class.ts'

/** A small form or list that floats at its `trigger`, a `Button`. */
export function PopoverDialog({
  trigger,
  label,
  children,
  placement = 'bottom end',
}: {
  readonly trigger: ReactElement
  readonly label: string
  readonly children: ReactNode
  readonly placement?: 'bottom end' | 'bottom start' | 'top start' | 'top end'
}) {
  return (
    <DialogTrigger>
      {trigger}
      {/* The popover itself is the dialog, so that its hidden buttons for closing stand inside it. */}
      <Popover
        aria-label={label}
        placement={placement}
        className={classNames(floatClass, 'w-96 overflow-auto p-4')}
      >
        {children}
      </Popover>
    </DialogTrigger>
  )
}
