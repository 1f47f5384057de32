import { ExternalLink } from 'lucide-react'
import type { ReactNode } from 'react'

/** To another site, in a new tab, without telling it where we come from. */
export function OutsideLink({
  href,
  children,
}: {
  readonly href: string
  readonly children: ReactNode
}) {
  return (
    <a href={href} target="_blank" rel="noopener noreferrer" className="link">
      {children}
      <ExternalLink aria-hidden className="flip ms-1 inline size-3.5 align-[-0.125em]" />
    </a>
  )
}
