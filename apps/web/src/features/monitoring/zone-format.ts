import { useMemo } from 'react'
import { useLanguage } from '../../lib/i18n/language-provider.tsx'

/** Whether an IANA name of a zone is one that this browser knows. */
export function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return name !== ''
  } catch {
    return false
  }
}

export type ZoneFormat = {
  /** `22 Nov, 09:31:12.004`, milliseconds since 1970. */
  readonly moment: (at: number) => string
  /** `09:31`. */
  readonly clock: (at: number) => string
}

/** Times in a zone that somebody chose; undefined for that of the browser. */
export function useZoneFormat(zone: string | undefined): ZoneFormat {
  const { locale } = useLanguage()
  return useMemo(() => {
    const timeZone = zone !== undefined && isZone(zone) ? { timeZone: zone } : {}
    const moment = new Intl.DateTimeFormat(locale, {
      ...timeZone,
      day: 'numeric',
      month: 'short',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      fractionalSecondDigits: 3,
      hourCycle: 'h23',
    })
    const clock = new Intl.DateTimeFormat(locale, {
      ...timeZone,
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    })
    return {
      moment: (at) => moment.format(new Date(at)),
      clock: (at) => clock.format(new Date(at)),
    }
  }, [locale, zone])
}
