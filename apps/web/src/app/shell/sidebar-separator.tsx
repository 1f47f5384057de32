import { type RefObject, useRef } from 'react'
import { useLanguage } from '../../lib/i18n/language-provider.tsx'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { appTexts } from '../app.texts.ts'
import { sidebarLimits, widthAfterKey, widthAtPointer } from './sidebar-state.ts'

/** The line that is dragged, or moved by arrow keys; Enter or a double click brings the default. */
export function SidebarSeparator({
  widthPx,
  box,
  onResize,
  onSettle,
}: {
  readonly widthPx: number
  readonly box: RefObject<HTMLElement | null>
  /** While it moves. */
  readonly onResize: (widthPx: number) => void
  /** When it has come to rest. */
  readonly onSettle: (widthPx: number) => void
}) {
  const t = useTexts(appTexts)
  const { dir } = useLanguage()
  const drag = useRef<{ readonly fromPx: number; widthPx: number }>(undefined)
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- a focusable separator is a widget (ARIA window splitter)
    <div
      role="separator"
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- the same
      tabIndex={0}
      aria-label={t('sidebar.width')}
      aria-controls="sidebar"
      aria-orientation="vertical"
      aria-valuenow={widthPx}
      aria-valuemin={sidebarLimits.minPx}
      aria-valuemax={sidebarLimits.maxPx}
      className="group absolute inset-y-0 -end-3 w-6 cursor-col-resize touch-none outline-none"
      onKeyDown={(event) => {
        const next = widthAfterKey(event.key, widthPx, dir)
        if (next === undefined) return
        event.preventDefault()
        onSettle(next)
      }}
      onDoubleClick={() => onSettle(sidebarLimits.defaultPx)}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        drag.current = { fromPx: widthPx, widthPx }
      }}
      onPointerMove={(event) => {
        if (drag.current === undefined || box.current === null) return
        drag.current.widthPx = widthAtPointer(
          event.clientX,
          box.current.getBoundingClientRect(),
          dir,
        )
        onResize(drag.current.widthPx)
      }}
      onPointerUp={() => {
        const ended = drag.current
        drag.current = undefined
        if (ended !== undefined && ended.widthPx !== ended.fromPx) onSettle(ended.widthPx)
      }}
    >
      <span className="mx-auto block h-full w-0.5 rounded-full group-hover:bg-accent-line group-focus-visible:bg-accent-ink" />
    </div>
  )
}
