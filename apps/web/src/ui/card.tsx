import type { ReactNode } from 'react'
import { classNames } from '../lib/class-names.ts'

/** A raised area. `as="section"` with `labelledBy` names it for screen readers. */
export function Card({
  children,
  as: Element = 'div',
  labelledBy,
  isPadded = true,
}: {
  readonly children: ReactNode
  readonly as?: 'div' | 'section' | 'article' | 'li'
  readonly labelledBy?: string
  readonly isPadded?: boolean
}) {
  return (
    <Element
      aria-labelledby={labelledBy}
      className={classNames(
        'rounded-card border border-line bg-surface shadow-card',
        isPadded && 'p-5 sm:p-6',
      )}
    >
      {children}
    </Element>
  )
}
