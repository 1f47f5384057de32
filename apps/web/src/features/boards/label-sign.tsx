import type { Board } from '@studioops/contracts/boards'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { boardsTexts } from './boards.texts.ts'

const swatches = {
  green: '#4bce97',
  yellow: '#e2b203',
  orange: '#faa53d',
  red: '#f87462',
  purple: '#9f8fef',
  blue: '#579dff',
  sky: '#60c6d2',
  lime: '#94c748',
  pink: '#e774bb',
  black: '#8590a2',
} as const

type Colour = keyof typeof swatches

/** A label by its words; one without words by the name of its colour. */
export function LabelSign({ label }: { readonly label: Board['labels'][number] }) {
  const t = useTexts(boardsTexts)
  const [base = ''] = (label.color ?? '').split('_')
  const colour = base in swatches ? (base as Colour) : undefined
  const words = label.name === '' ? t(`color.${colour ?? 'none'}`) : label.name
  return (
    <span className="inline-flex max-w-full items-center gap-1.5 rounded-full border border-line bg-sunken px-2 py-0.5 text-xs">
      <span
        aria-hidden
        className="size-2.5 shrink-0 rounded-full border border-edge/55"
        style={colour === undefined ? {} : { backgroundColor: swatches[colour] }}
      />
      <bdi className="truncate">{words}</bdi>
    </span>
  )
}
