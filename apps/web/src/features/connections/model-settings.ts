import { limits } from '@studioops/contracts/limits'

/**
 * The base address of a model as it is sent: with a scheme and without a slash at the end.
 *
 * @returns undefined for what is no address of a web server. Never throws.
 */
export function modelAddress(typed: string): string | undefined {
  const trimmed = typed.trim().replace(/\/+$/, '')
  if (trimmed === '' || /\s/.test(trimmed)) return undefined
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`
  if (!URL.canParse(withScheme)) return undefined
  return /^https?:$/.test(new URL(withScheme).protocol) ? withScheme : undefined
}

export function addressFault(value: string) {
  return modelAddress(value) === undefined ? ('model.baseUrl.invalid' as const) : undefined
}

export function nameFault(value: string) {
  return value.trim() === '' ? ('model.name.missing' as const) : undefined
}

export function keyFault(value: string) {
  return value.trim().length > limits.tokenLengthMax ? ('model.key.long' as const) : undefined
}
