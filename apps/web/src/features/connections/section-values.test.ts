import { expect, it } from 'vitest'
import { bucketFault, confluenceTokenFault, emailFault, webAddress } from './section-values.ts'

it.each([
  ['llm.example.com/v1/', 'https://llm.example.com/v1'],
  [' http://127.0.0.1:11434/v1 ', 'http://127.0.0.1:11434/v1'],
  ['ftp://a.b', undefined],
  ['not an address', undefined],
  ['', undefined],
])('the address %s is sent as %s', (typed, sent) => {
  expect(webAddress(typed)).toBe(sent)
})

it('says the rule of Confluence before anything is sent [D-4]', () => {
  expect(confluenceTokenFault('x7Kq2LmP9aWz4RtY8vBn1')).toBe('fault.confluenceToken')
  expect(confluenceTokenFault('x7Kq2LmP9aWz4RtY8vBn')).toBeUndefined()
  expect(confluenceTokenFault(' ')).toBe('fault.missing')
})

it('knows an e-mail address and the name of a bucket', () => {
  expect([emailFault('noa@studio.example'), emailFault('noa')]).toEqual([undefined, 'fault.email'])
  expect([bucketFault('studio-files'), bucketFault('Studio')]).toEqual([undefined, 'fault.bucket'])
})
