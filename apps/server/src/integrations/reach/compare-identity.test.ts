import { describe, expect, it } from 'vitest'
import { compareIdentity } from './compare-identity.ts'

const dc = (value: string, more = {}) => ({ id: { kind: 'data-center' as const, value }, ...more })
const cloud = (value: string, more = {}) => ({ id: { kind: 'cloud' as const, value }, ...more })

describe('compareIdentity [CFG-16]', () => {
  it.each([
    ['same', dc('noa.levi'), dc(' Noa.Levi')],
    ['different', dc('noa.levi', { email: 'a@b.c' }), dc('noa.cohen', { email: 'a@b.c' })],
    ['same', cloud('712020:a'), cloud('712020:a')],
    ['different', cloud('712020:a'), cloud('712020:b')],
    [
      'same',
      dc('noa', { email: 'Noa@Studio.example' }),
      cloud('7', { email: 'noa@studio.example' }),
    ],
    ['unverifiable', dc('noa', { name: 'Noa Levi' }), cloud('7', { name: 'Noa Levi' })],
    ['same', { email: 'n@s.example' }, dc('noa', { email: 'n@s.example' })],
    ['same', { name: 'נועה לוי' }, dc('noa', { name: 'נועה לוי' })],
    ['unverifiable', { name: 'Danny C.', email: 'd@other.example' }, dc('d', { name: 'Daniel' })],
    ['unverifiable', {}, {}],
    ['unverifiable', { email: ' ', name: '' }, { email: ' ', name: '' }],
  ] as const)('%s: %o and %o, whoever is asked first', (verdict, one, other) => {
    expect(compareIdentity(one, other)).toBe(verdict)
    expect(compareIdentity(other, one)).toBe(verdict)
  })
})
