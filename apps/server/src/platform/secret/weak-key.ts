type Words = { readonly en: string; readonly he: string }

/** The longest pattern that counts as one when it only repeats. */
const periodMax = 8

/**
 * Why a key of random bytes cannot be one: nobody draws these by chance.
 *
 * @returns undefined for a key that may be random
 */
export function weaknessOf(key: Uint8Array): Words | undefined {
  const bytes = [...key]
  if (bytes.every((byte) => byte === 0)) return { en: 'it is all zeros', he: 'כולו אפסים' }
  for (let period = 1; period <= periodMax; period += 1)
    if (bytes.every((byte, at) => byte === bytes[at % period]))
      return { en: 'it repeats itself', he: 'הוא חוזר על עצמו' }
  const steps = new Set(bytes.slice(1).map((byte, at) => (byte - (bytes[at] ?? 0) + 256) % 256))
  if (steps.size === 1) return { en: 'it counts', he: 'הוא סדרה עולה או יורדת' }
  if (bytes.every((byte) => byte >= 0x20 && byte < 0x7f))
    return { en: 'it is readable text', he: 'הוא טקסט קריא' }
  // Of 32 random bytes fewer than 16 are different once in 10^16 keys.
  if (new Set(bytes).size < bytes.length / 2)
    return { en: 'it has too few different bytes', he: 'יש בו מעט מדי בתים שונים' }
  return undefined
}
