import type { IncomingHttpHeaders } from 'node:http'
import type { Language } from '@studioops/contracts/installation'

/** The first language of `Accept-Language` that we speak; browsers write `he`, some `iw`. */
export function acceptedLanguage(headers: IncomingHttpHeaders): Language {
  const accepted = headers['accept-language'] ?? ''
  const first = /\b(he|iw|en)\b/i.exec(accepted)?.[1]?.toLowerCase()
  return first === 'he' || first === 'iw' ? 'he' : 'en'
}
