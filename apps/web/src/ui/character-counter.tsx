import { classNames } from '../lib/class-names.ts'
import { useTexts } from '../lib/i18n/use-texts.ts'
import { uiTexts } from './ui.texts.ts'

const shownFrom = 0.8
const spokenFrom = 0.9
const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' })

/** Counts what a person would count, once the text is long enough for the count to be shown. */
function graphemesOf(value: string, max: number): number {
  if (value.length < max * shownFrom) return value.length
  return [...segmenter.segment(value)].length
}

/** Where the count stands for a screen reader, which hears of 90 %, of 100 % and of each one above. */
function spokenCount(count: number, max: number): number | undefined {
  if (count >= max) return count
  return count >= max * spokenFrom ? Math.ceil(max * spokenFrom) : undefined
}

/** Shows from 80 % of the limit on. Cuts nothing. */
export function CharacterCounter({ value, max }: { readonly value: string; readonly max: number }) {
  const t = useTexts(uiTexts)
  const count = graphemesOf(value, max)
  const spoken = spokenCount(count, max)
  const textOf = (characters: number) =>
    characters > max
      ? t('counter.over', { count: characters - max })
      : t('counter', { count: characters, max })
  if (count < max * shownFrom) return undefined
  return (
    <span
      className={classNames('text-sm tabular-nums', count > max ? 'text-bad-ink' : 'text-muted')}
    >
      <span aria-hidden>{textOf(count)}</span>
      <span role="status" className="sr-only">
        {spoken !== undefined && textOf(spoken)}
      </span>
    </span>
  )
}
