import { type ReactNode, useEffect } from 'react'
import { classNames } from '../lib/class-names.ts'

const widths = { narrow: 'max-w-xl', regular: 'max-w-4xl', wide: 'max-w-6xl', full: 'max-w-none' }

/** Name of the browser's tab and of the history entry. */
export function useDocumentTitle(title: string): void {
  useEffect(() => {
    document.title = title === '' ? 'StudioOps' : `${title} · StudioOps`
  }, [title])
}

/** The frame of every screen: one `h1`, the same words in the title of the window. */
export function Page({
  title,
  lead,
  actions,
  children,
  width = 'regular',
  windowTitle = title,
}: {
  /** A plain string, because it becomes the title of the window as well. */
  readonly title: string
  /** A sentence below the heading. */
  readonly lead?: ReactNode
  /** Buttons beside the heading. */
  readonly actions?: ReactNode
  readonly children: ReactNode
  readonly width?: keyof typeof widths
  /** Of the window, where it says more than the heading. */
  readonly windowTitle?: string
}) {
  useDocumentTitle(windowTitle)
  return (
    <div className={classNames('mx-auto w-full px-4 py-6 sm:px-8 sm:py-9', widths[width])}>
      <header className="mb-6 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0">
          <h1 tabIndex={-1} className="text-2xl font-semibold">
            {title}
          </h1>
          {lead !== undefined && <p className="mt-1 max-w-prose text-muted">{lead}</p>}
        </div>
        {actions !== undefined && <div className="flex flex-wrap gap-2">{actions}</div>}
      </header>
      {children}
    </div>
  )
}
