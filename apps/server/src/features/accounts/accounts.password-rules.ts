import type { ErrorCode } from '@studioops/contracts/errors'
import type { PasswordPolicy } from '@studioops/contracts/installation'
import { brokenPasswordRules } from '@studioops/contracts/passwords'
import { AppError } from '../../platform/errors/app-error.ts'
import { unguessableLetters } from './common-passwords.ts'
import { isListed, loadListedPasswords } from './listed-passwords.ts'

type Candidate = {
  readonly password: string
  /** Where it stands in the request. */
  readonly pointer: string
  /** Words that everybody knows of the person: names, e-mail address, employee id. */
  readonly context: readonly string[]
}

/** Different letters that have to remain once what is common is taken out. */
const lettersLeast = 5
const product = ['StudioOps', 'Studio', 'Ops']

export type PasswordRules = {
  /** @throws AppError `password.weak`, `password.common` */
  require(candidate: Candidate): Promise<void>
}

/** What a new password has to be (ID-4); with `asvs` its length and what is commonly guessed (D-18). */
export function createPasswordRules(policy: PasswordPolicy): PasswordRules {
  return {
    async require({ password, pointer, context }) {
      if (brokenPasswordRules(password, policy).length > 0) refuse('password.weak', pointer)
      if (policy === 'composition') return
      if (unguessableLetters(password, [...context, ...product]) < lettersLeast)
        refuse('password.common', pointer)
      if (isListed(password, await loadListedPasswords())) refuse('password.common', pointer)
    },
  }
}

const messages = {
  'password.weak': {
    message_en: 'The password does not meet the rules.',
    message_he: 'הסיסמה אינה עומדת בכללים.',
  },
  'password.common': {
    message_en: 'This password is easy to guess.',
    message_he: 'קל לנחש את הסיסמה הזאת.',
  },
} as const satisfies Partial<Record<ErrorCode, object>>

function refuse(code: keyof typeof messages, pointer: string): never {
  throw new AppError(code, { fields: [{ pointer, ...messages[code] }] })
}
