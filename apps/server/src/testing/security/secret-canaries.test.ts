import { expect, inject, it } from 'vitest'
import { canaryCampaign, encodingsOf } from './secret-canaries.ts'

it('tells no secret to the log, an answer or a table, whatever fails, nor to a file, an export or a backup after a crash [SEC-8, SEC-1, ERR-6]', async () => {
  const report = await canaryCampaign({
    faultsMax: 2,
    crashes: 1,
    seed: 7,
    postgres: inject('postgres'),
  })
  expect(report.findings).toEqual([])
  expect(report.secrets).toBeGreaterThanOrEqual(40)
  expect(report.searched).toBeGreaterThan(100_000)
  expect(report.files).toBeGreaterThan(5)
}, 120_000)

it('knows a secret again in another coat', () => {
  const secret = 'Kn4ry+abc/def"0123456789!'
  const seen = (text: string) => encodingsOf(secret).some((one) => text.includes(one))
  for (const text of [
    `x${secret}y`,
    JSON.stringify({ secret }),
    Buffer.from(`Basic ab:${secret}:cd`).toString('base64'),
    Buffer.from(`a${secret}`).toString('base64url'),
    Buffer.from(secret).toString('hex'),
    `https://a.test/?token=${encodeURIComponent(secret)}`,
  ])
    expect(seen(text), text).toBe(true)
  expect(seen('nothing of it')).toBe(false)
})
