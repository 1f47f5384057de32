import { countGraphemes, limits } from './limits.ts'

/** The parts of the composition rule of ID-4, in the order in which the form lists them. */
export const passwordRules = ['length', 'upper', 'lower', 'digit', 'special'] as const
export type PasswordRule = (typeof passwordRules)[number]

const tests: Record<PasswordRule, (password: string) => boolean> = {
  length: (password) => countGraphemes(password) >= limits.passwordLengthMin,
  upper: (password) => /[A-Z]/.test(password),
  lower: (password) => /[a-z]/.test(password),
  digit: (password) => /[0-9]/.test(password),
  // Any letter of any script is no special character, so a Hebrew letter does not count as one.
  special: (password) => /[^\p{L}\p{N}\s]/u.test(password),
}

/** The rules that a password breaks; empty for a good one. Letters are Latin: Hebrew has no case. */
export function brokenPasswordRules(password: string): PasswordRule[] {
  const normalised = password.normalize('NFKC')
  return passwordRules.filter((rule) => !tests[rule](normalised))
}
