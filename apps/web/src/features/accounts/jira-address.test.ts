import { expect, it } from 'vitest'
import { isCloudAddress, jiraAddress } from './jira-address.ts'

it.each([
  ['jira.example.com', 'https://jira.example.com'],
  [' https://jira.example.com/ ', 'https://jira.example.com'],
  ['http://localhost:8080/demo/jira', 'http://localhost:8080/demo/jira'],
  ['\u200ehttps://h/jira//', 'https://h/jira'],
  ['jira.example.com:8443', 'https://jira.example.com:8443'],
])('takes %j as %s [ID-1]', (typed, address) => {
  expect(jiraAddress(typed)).toBe(address)
})

it.each(['', '   ', 'ftp://jira', 'my jira', 'https://', 'file:///etc/hosts'])(
  'refuses %j',
  (typed) => {
    expect(jiraAddress(typed)).toBeUndefined()
  },
)

it('asks for an e-mail address with Jira Cloud only', () => {
  expect(isCloudAddress('https://acme.atlassian.net')).toBe(true)
  expect(isCloudAddress('https://atlassian.net.evil.example')).toBe(false)
  expect(isCloudAddress('not an address')).toBe(false)
})
