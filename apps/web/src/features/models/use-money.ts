import { useLanguage } from '../../lib/i18n/language-provider.tsx'

/** Writes US dollars: small amounts with the digits that they need. */
export function useMoney() {
  const { language } = useLanguage()
  const format = new Intl.NumberFormat(language, {
    style: 'currency',
    currency: 'USD',
    maximumSignificantDigits: 4,
  })
  return (cost: number) => format.format(cost)
}
