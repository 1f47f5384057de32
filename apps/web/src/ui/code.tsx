import type { ReactNode } from 'react'

/** Keys, ids, addresses, versions: left to right in any language (HE-5). */
export function Code({ children }: { readonly children: ReactNode }) {
  return (
    <code dir="ltr" className="rounded-sm bg-sunken px-1 py-0.5 font-mono text-[0.9em] break-all">
      {children}
    </code>
  )
}
