import type { ReactNode } from 'react'

/** A name or title on one line, cut at its own end: a text of the other script keeps its beginning. */
export function Truncated({ children }: { readonly children: ReactNode }) {
  return (
    <span dir="auto" className="block w-fit max-w-full truncate">
      {children}
    </span>
  )
}
