import { classNames } from '../lib/class-names.ts'
import { useTexts } from '../lib/i18n/use-texts.ts'
import { uiTexts } from './ui.texts.ts'

const shapes = {
  line: 'h-4 w-full',
  title: 'h-7 w-3/5',
  field: 'h-10 w-full',
  card: 'h-36 w-full',
}

/** A placeholder with the measures of what comes; appears after 200 ms only. `count` repeats it. */
export function Skeleton({
  shape = 'line',
  count = 1,
}: {
  readonly shape?: keyof typeof shapes
  readonly count?: number
}) {
  return Array.from({ length: count }, (_, index) => (
    <div
      key={index}
      aria-hidden
      className={classNames('animate-late rounded-field bg-hover', shapes[shape])}
    />
  ))
}

/** Says once, to those who do not see the placeholders, that something loads. */
export function LoadingStatus() {
  const t = useTexts(uiTexts)
  return (
    <p role="status" className="sr-only">
      {t('loading')}
    </p>
  )
}
