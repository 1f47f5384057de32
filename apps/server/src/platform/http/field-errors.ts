import { confluenceTokenRule } from '@studioops/contracts/atlassian-tokens'
import type { FieldError } from '@studioops/contracts/problem'
import type { z } from 'zod'
import en from 'zod/v4/locales/en.js'
import he from 'zod/v4/locales/he.js'

const sayEn = en().localeError
const sayHe = he().localeError

/** What is wrong with a request: a JSON pointer (RFC 6901) each, and why in both languages (ERR-3). */
export function fieldErrors(issues: readonly z.core.$ZodIssue[]): FieldError[] {
  return issues.map((issue) => ({
    pointer: pointerOf(issue.path),
    ...textsOf(issue),
  }))
}

function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/** Texts with a NUL, which no database column takes. @param value has passed its schema, so it is not deep */
export function unkeptFields(value: unknown, path: readonly PropertyKey[] = []): FieldError[] {
  if (typeof value === 'string')
    return value.includes('\0') ? [{ pointer: pointerOf(path), ...unkeptTexts }] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, part]) => unkeptFields(part, [...path, name]))
}

const unkeptTexts = {
  message_en: 'Contains a character that cannot be kept (NUL).',
  message_he: 'יש כאן תו שאי אפשר לשמור (NUL).',
}

function textsOf(issue: z.core.$ZodIssue): Omit<FieldError, 'pointer'> {
  const graphemesMax = issue.code === 'custom' ? issue.params?.['graphemesMax'] : undefined
  if (typeof graphemesMax === 'number')
    return {
      message_en: `At most ${graphemesMax} characters.`,
      message_he: `לכל היותר ${graphemesMax} תווים.`,
    }
  if (issue.code === 'custom' && issue.params?.['rule'] === 'confluence-token')
    return confluenceTokenTexts
  // The locales read what an issue has after parsing too; only the type asks for more.
  const raw = issue as unknown as z.core.$ZodRawIssue
  return { message_en: textOf(sayEn(raw)), message_he: textOf(sayHe(raw)) }
}

const confluenceTokenTexts = {
  message_en: `A token has at most ${confluenceTokenRule.plainLengthMax} characters, or the form that Atlassian gives its own.`,
  message_he: `באסימון יש לכל היותר ${confluenceTokenRule.plainLengthMax} תווים, אלא אם הוא בתבנית של Atlassian.`,
}

function textOf(said: string | { message: string } | undefined | null): string {
  return typeof said === 'string' ? said : (said?.message ?? '')
}
