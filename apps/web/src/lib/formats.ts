import { useMemo } from 'react'
import { useLanguage } from './i18n/language-provider.tsx'

export type Formats = {
  /** `21 Nov 2026, 8:30`, in the zone of the browser. */
  readonly dateTime: (iso: string) => string
  readonly date: (iso: string) => string
  /** `8:30`. */
  readonly time: (iso: string) => string
  /** `3 minutes ago`. */
  readonly relative: (iso: string, now: number) => string
  readonly number: (value: number) => string
  /** `340 ms`, `1.2 s`. */
  readonly duration: (durationMs: number) => string
}

const steps = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const

export function createFormats(locale: string): Formats {
  const dateTime = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' })
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'medium' })
  const time = new Intl.DateTimeFormat(locale, { timeStyle: 'short' })
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  const number = new Intl.NumberFormat(locale)
  const unit = (name: string, digits: number) =>
    new Intl.NumberFormat(locale, {
      style: 'unit',
      unit: name,
      unitDisplay: 'short',
      maximumFractionDigits: digits,
    })
  const milliseconds = unit('millisecond', 0)
  const seconds = unit('second', 1)
  return {
    dateTime: (iso) => dateTime.format(new Date(iso)),
    date: (iso) => date.format(new Date(iso)),
    time: (iso) => time.format(new Date(iso)),
    relative: (iso, now) => {
      const sinceMs = Date.parse(iso) - now
      const step = steps.find(([, lengthMs]) => Math.abs(sinceMs) >= lengthMs)
      if (step === undefined) return relative.format(0, 'minute')
      // Hebrew adds the digit in brackets to a unit that says one already.
      return relative.format(Math.round(sinceMs / step[1]), step[0]).replace(/\s\(1\)$/, '')
    },
    number: (value) => number.format(value),
    duration: (durationMs) =>
      durationMs < 1_000 ? milliseconds.format(durationMs) : seconds.format(durationMs / 1_000),
  }
}

/** Numbers and times as the language of the page writes them; show them inside `<bdi>` (HE-11). */
export function useFormats(): Formats {
  const { locale } = useLanguage()
  return useMemo(() => createFormats(locale), [locale])
}
