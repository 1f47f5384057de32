/**
 * Formats decimal text without ever making a float of it: `Intl` reads the text itself.
 *
 * @param value such as `1250.50`
 * @param currency ISO 4217
 */
export function formatMoney(value: string, currency: string, locale: string): string {
  const format = new Intl.NumberFormat(locale, { style: 'currency', currency })
  return format.format(value as `${number}`)
}

/** The same for quantities and prices: as many digits as there are. */
export function formatDecimal(value: string, locale: string): string {
  const format = new Intl.NumberFormat(locale, { maximumFractionDigits: 4 })
  return format.format(value as `${number}`)
}
