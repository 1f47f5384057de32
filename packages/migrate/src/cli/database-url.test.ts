import { expect, it } from 'vitest'
import { chooseConnection } from './database-url.ts'

it.each([
  ['postgres://app:geheim@db.example.com:5432/shop', 'app@db.example.com:5432/shop'],
  ['postgresql://app@/shop?host=/run/postgresql', 'app@/run/postgresql/shop'],
  ['postgres://a%40b:p%2Fw@h/d%20b?sslmode=require', 'a@b@h/d b'],
  ['postgres://localhost/shop', 'localhost/shop'],
])('names %s without its password', (url, title) => {
  expect(chooseConnection(url, {})).toMatchObject({ kind: 'chosen', title })
})

it('prefers the option, then the way past the pooler, then the address of the application', () => {
  const env = {
    MIGRATION_DATABASE_URL: 'postgres://direct/shop',
    DATABASE_URL: 'postgres://pooled/shop',
  }
  const title = (url: string | undefined, from: Record<string, string>) => {
    const chosen = chooseConnection(url, from)
    return chosen.kind === 'chosen' ? chosen.title : chosen.kind
  }
  expect(title('postgres://given/shop', env)).toBe('given/shop')
  expect(title(undefined, env)).toBe('direct/shop')
  expect(title(undefined, { DATABASE_URL: env.DATABASE_URL })).toBe('pooled/shop')
  expect(title(undefined, { PGHOST: 'h', PGDATABASE: 'd', PGUSER: 'u' })).toBe('u@h/d')
  expect(title(undefined, {})).toBe('none')
})

it('does not repeat an address that it cannot read, because it may hold a password', () => {
  const chosen = chooseConnection(undefined, { DATABASE_URL: 'mysql://root:geheim@h/d' })
  expect(chosen).toEqual({ kind: 'unreadable', source: 'DATABASE_URL' })
})
