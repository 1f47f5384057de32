import { z } from 'zod'
import { fitsGraphemes } from './limits.ts'

/** The longest that people write as one character, such as a family of emoji, with room to spare. */
const unitsPerGraphemeMax = 20

/**
 * Trimmed text with at most so many characters as people count them (D-27). Its length is bounded
 * too: any number of combining marks would still be one character.
 */
export function graphemeText(graphemesMax: number) {
  return z
    .string()
    .trim()
    .max(graphemesMax * unitsPerGraphemeMax)
    .refine((value) => fitsGraphemes(value, graphemesMax), {
      error: `at most ${graphemesMax} characters`,
      params: { graphemesMax },
    })
}
