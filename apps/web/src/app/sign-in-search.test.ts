import { expect, it } from 'vitest'
import { signInSearch } from './sign-in-search.ts'

it('remembers where the person was [ID-11]', () => {
  expect(signInSearch('/stories/1?view=diff', 'idle')).toEqual({
    next: '/stories/1?view=diff',
    reason: 'idle',
  })
  expect(signInSearch('/profile', undefined)).toEqual({ next: '/profile' })
})

it.each(['/', '/sign-in?next=/x', '/register', '/welcome'])('leaves %s alone', (href) => {
  expect(signInSearch(href, 'idle')).toBeUndefined()
})
