import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import { Secret } from './secret.ts'

it('never prints itself [SEC-8]', () => {
  const secret = new Secret('canary-7')
  const printed = `${JSON.stringify({ secret })}${inspect({ secret }, { depth: 9 })}${String(secret)}`
  expect(printed).not.toContain('canary-7')
  expect(secret.reveal()).toBe('canary-7')
})
