import type { PasswordPolicy } from './installation.ts'
import { countGraphemes, limits } from './limits.ts'

/** The rules of each policy, in the order in which the form lists them (ID-4, D-18). */
export const passwordRules = {
  composition: ['length', 'upper', 'lower', 'digit', 'special'],
  asvs: ['long'],
} as const satisfies Record<PasswordPolicy, readonly string[]>
export type PasswordRule = (typeof passwordRules)[PasswordPolicy][number]

const tests: Record<PasswordRule, (password: string) => boolean> = {
  long: (password) => countGraphemes(password) >= limits.longPasswordLengthMin,
  length: (password) => countGraphemes(password) >= limits.passwordLengthMin,
  upper: (password) => /[A-Z]/.test(password),
  lower: (password) => /[a-z]/.test(password),
  digit: (password) => /[0-9]/.test(password),
  // Any letter of any script is no special character, so a Hebrew letter does not count as one.
  special: (password) => /[^\p{L}\p{N}\s]/u.test(password),
}

/** The rules that a password breaks; empty for a good one. Letters are Latin: Hebrew has no case. */
export function brokenPasswordRules(
  password: string,
  policy: PasswordPolicy = 'composition',
): PasswordRule[] {
  const normalised = password.normalize('NFKC')
  return passwordRules[policy].filter((rule) => !tests[rule](normalised))
}
