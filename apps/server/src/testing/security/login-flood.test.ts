import { signIn } from '@studioops/contracts/accounts'
import { expect, it } from 'vitest'
import { startTestApp } from '../test-app.ts'

it('turns away a flood of sign-ins with the time to wait, and says the same of known and unknown names [ID-7, SEC-9] [ASVS-6.3.1]', async () => {
  await using app = await startTestApp({
    environment: { TRUSTED_PROXIES: '127.0.0.1' },
    // As slow as with a real hash, as far as the queue is concerned.
    ground: { passwordCost: 8 },
  })
  await app.signedIn()
  const attempts = Array.from({ length: 80 }, (_, index) => {
    const username = index % 2 === 0 ? 'noa.levi' : `nobody.${index}`
    const headers = { 'x-forwarded-for': `198.18.0.${index}` }
    const body = { username, password: 'Wrong1!password' }
    return app.visitor().try(signIn, { body }, headers)
  })
  const refusals = (await Promise.all(attempts)).map((answer) =>
    answer.ok ? undefined : { problem: answer.problem, wait: answer.headers.get('retry-after') },
  )
  const words = (parity: number) =>
    new Set(
      refusals
        .filter((_, index) => index % 2 === parity)
        .filter((refusal) => refusal?.problem.code === 'login.failed')
        .map((refusal) => `${refusal?.problem.status} ${refusal?.problem.detail}`),
    )
  expect(words(0)).toEqual(words(1))
  expect(words(0).size).toBe(1)
  const turnedAway = refusals.filter((refusal) => refusal?.problem.status === 429)
  expect(turnedAway.length).toBeGreaterThan(0)
  expect(turnedAway.every((refusal) => Number(refusal?.wait) > 0)).toBe(true)
  expect(refusals.filter((refusal) => (refusal?.problem.status ?? 500) >= 500)).toEqual([])
  expect((await app.visitor().fetch('/healthz')).status).toBe(200)
})
