import { type ReactNode, type Ref, useId } from 'react'

/** One of the steps of the page, with its number. */
export function StepSection({
  step,
  title,
  children,
  aside,
  ref,
}: {
  readonly step?: 1 | 2 | 3
  readonly title: string
  readonly children: ReactNode
  /** Stands beside the heading. */
  readonly aside?: ReactNode
  /** The heading, for moving the focus there. */
  readonly ref?: Ref<HTMLHeadingElement>
}) {
  const headingId = useId()
  return (
    <section aria-labelledby={headingId} className="flex min-w-0 flex-col gap-5">
      <div className="flex min-h-9 flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <h2
          ref={ref}
          tabIndex={-1}
          id={headingId}
          className="flex items-center gap-2.5 text-lg font-semibold outline-none"
        >
          {step !== undefined && (
            <span
              aria-hidden
              className="grid size-7 shrink-0 place-items-center rounded-full bg-accent-soft text-sm text-accent-ink tabular-nums"
            >
              {step}
            </span>
          )}
          {title}
        </h2>
        {aside}
      </div>
      {children}
    </section>
  )
}
