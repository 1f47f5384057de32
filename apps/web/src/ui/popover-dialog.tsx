import { type ReactElement, type ReactNode, useId } from 'react'
import { DialogTrigger } from 'react-aria-components/Dialog'
import { Popover } from 'react-aria-components/Popover'
import { classNames } from '../lib/class-names.ts'
import { floatClass } from './float-class.ts'

/** A small form or list that floats at its `trigger`, a `Button`, under a heading of its own. */
export function PopoverDialog({
  trigger,
  title,
  children,
  placement = 'bottom end',
  isOpenAtFirst = false,
}: {
  readonly trigger: ReactElement
  readonly title: string
  readonly children: ReactNode
  readonly placement?: 'bottom end' | 'bottom start' | 'top start' | 'top end'
  readonly isOpenAtFirst?: boolean
}) {
  const titleId = useId()
  return (
    <DialogTrigger defaultOpen={isOpenAtFirst}>
      {trigger}
      {/* The popover itself is the dialog, so that its hidden buttons for closing stand inside it. */}
      <Popover
        aria-labelledby={titleId}
        placement={placement}
        className={classNames(floatClass, 'w-96 overflow-auto p-4')}
      >
        <h2 id={titleId} className="font-semibold">
          {title}
        </h2>
        {children}
      </Popover>
    </DialogTrigger>
  )
}
