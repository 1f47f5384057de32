import type { ReactNode } from 'react'

/** For screen readers only. `role="status"` makes a change of it heard. */
export function VisuallyHidden({
  children,
  role,
}: {
  readonly children: ReactNode
  readonly role?: 'status' | 'alert'
}) {
  return (
    <span role={role} className="sr-only">
      {children}
    </span>
  )
}
