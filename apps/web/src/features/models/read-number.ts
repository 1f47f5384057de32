/** @returns undefined for an empty field, `wrong` for what is no number of 0 or more */
export function readNumber(text: string): number | 'wrong' | undefined {
  const clean = text.trim()
  if (clean === '') return undefined
  return /^\d{1,12}(?:\.\d{1,4})?$/.test(clean) ? Number(clean) : 'wrong'
}
