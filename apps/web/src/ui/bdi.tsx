import type { ReactNode } from 'react'

/** Names and texts from outside: their direction stays their own (HE-5). */
export function Bdi({ children }: { readonly children: ReactNode }) {
  return <bdi>{children}</bdi>
}

/** An e-mail address, a phone number, a bare URL: left to right, without the look of code. */
export function LeftToRight({ children }: { readonly children: ReactNode }) {
  return (
    <bdi dir="ltr" className="break-all">
      {children}
    </bdi>
  )
}
