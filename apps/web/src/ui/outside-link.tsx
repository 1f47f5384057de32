import { ExternalLink } from 'lucide-react'
import type { ReactNode } from 'react'
import { safeAddress } from '../lib/safe-address.ts'

/** To another site, in a new tab, without telling it where we come from. */
export function OutsideLink({
  href,
  children,
}: {
  readonly href: string
  readonly children: ReactNode
}) {
  const address = safeAddress(href)
  // It comes from another system; what is no web address stays words.
  if (address === undefined) return children
  return (
    <a href={address.href} target="_blank" rel="noopener noreferrer" className="link">
      {children}
      <ExternalLink aria-hidden className="flip ms-1 inline size-3.5 align-[-0.125em]" />
    </a>
  )
}
