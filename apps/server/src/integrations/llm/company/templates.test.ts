import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import { Secret } from '../../../platform/secret/secret.ts'
import { fillHeaders, fillTemplate, type SlotValues } from './templates.ts'

const values: SlotValues = {
  messages: [
    { role: 'system', content: 'be brief' },
    { role: 'user', content: 'say {{model}} and "quotes"' },
  ],
  model: 'corp',
  temperature: 0,
  stream: true,
}

it('fills typed slots with values of their type, never with text that is parsed [CFG-7]', () => {
  const body = fillTemplate(
    {
      a: { $slot: 'messages', type: 'messages', roles: { system: 'rules' } },
      b: { $slot: 'prompt', type: 'string' },
      c: { $slot: 'temperature', type: 'number', default: 1 },
      d: { $slot: 'stream', type: 'boolean' },
      e: { $slot: 'maxOutputTokens', type: 'number', default: 5 },
      f: { $slot: 'maxOutputTokens', type: 'number' },
      g: ['model {{ model }}', 7, null, { $slot: 'email', type: 'string' }],
    },
    values,
  )
  expect(body).toEqual({
    a: [
      { role: 'rules', content: 'be brief' },
      { role: 'user', content: 'say {{model}} and "quotes"' },
    ],
    b: 'say {{model}} and "quotes"',
    c: 0,
    d: true,
    e: 5,
    g: ['model corp', 7, null],
  })
})

it('fills in one pass: what a person wrote is no template', () => {
  expect(fillTemplate({ text: 'Person: {{prompt}}' }, values)).toEqual({
    text: 'Person: say {{model}} and "quotes"',
  })
})

it('keeps a header with the cookie a secret until it is sent [CFG-6, SEC-8]', () => {
  const headers = fillHeaders(
    { Cookie: 'S={{cookie}}; v=1', 'X-Employee': '{{employeeId}}' },
    { cookie: new Secret('canary'), employeeId: 'noa.levi' },
  )
  expect(headers['X-Employee']).toBe('noa.levi')
  expect((headers['Cookie'] as Secret).reveal()).toBe('S=canary; v=1')
  expect(inspect(headers, { depth: 9 }) + JSON.stringify(headers)).not.toContain('canary')
})
