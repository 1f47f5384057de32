import { isConfluenceToken } from '@studioops/contracts/atlassian-tokens'
import { limits } from '@studioops/contracts/limits'
import * as z from 'zod/mini'

/** What stands in the form of any section; each shows the fields that it has. */
export type SectionValues = {
  baseUrl: string
  flavour: 'dc' | 'cloud'
  loginEmail: string
  model: string
  region: string
  bucket: string
  accessKeyId: string
  token: string
  key: string
}

export const emptyValues: SectionValues = {
  baseUrl: '',
  flavour: 'dc',
  loginEmail: '',
  model: '',
  region: '',
  bucket: '',
  accessKeyId: '',
  token: '',
  key: '',
}

export type SecretName = 'token' | 'key'

/**
 * A base address as it is sent: with a scheme and without a slash at the end.
 *
 * @returns undefined for what is no address of a web server. Never throws.
 */
export function webAddress(typed: string): string | undefined {
  const trimmed = typed.trim().replace(/\/+$/, '')
  if (trimmed === '' || /\s/.test(trimmed)) return undefined
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`
  if (!URL.canParse(withScheme)) return undefined
  return /^https?:$/.test(new URL(withScheme).protocol) ? withScheme : undefined
}

/** Reasons why a value cannot be sent; each is a text of `connections`. */
export type Fault =
  | 'fault.address'
  | 'fault.missing'
  | 'fault.long'
  | 'fault.email'
  | 'fault.bucket'
  | 'fault.confluenceToken'

export function addressFault(value: string): Fault | undefined {
  return webAddress(value) === undefined ? 'fault.address' : undefined
}

export function missingFault(value: string): Fault | undefined {
  return value.trim() === '' ? 'fault.missing' : undefined
}

export function secretFault(value: string): Fault | undefined {
  return value.trim().length > limits.tokenLengthMax ? 'fault.long' : undefined
}

export function neededSecretFault(value: string): Fault | undefined {
  return missingFault(value) ?? secretFault(value)
}

/** The rule of D-4, the server's own. */
export function confluenceTokenFault(value: string): Fault | undefined {
  const missing = missingFault(value)
  if (missing !== undefined) return missing
  return isConfluenceToken(value.trim()) ? undefined : 'fault.confluenceToken'
}

export function emailFault(value: string): Fault | undefined {
  return z.safeParse(z.email(), value.trim()).success ? undefined : 'fault.email'
}

export function bucketFault(value: string): Fault | undefined {
  return /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(value.trim()) ? undefined : 'fault.bucket'
}
