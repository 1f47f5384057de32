import { expect, it } from 'vitest'
import type { MigrationPlan, PlannedMigration } from '../engine/migration-plan.ts'
import { objectionReasons, objectTo } from '../objection.ts'
import type { Voice } from './answer.ts'
import { english } from './english.ts'
import { hebrew } from './hebrew.ts'
import { planText } from './print-plan.ts'

const voice: Voice = { words: english, language: 'en', paint: (_, text) => text, width: 100 }
const printing = { title: 'app@db/shop', details: false }

const migration: PlannedMigration = {
  id: '0002_orders',
  file: 'migrations/0002_orders.sql',
  type: 'schema_change',
  why: 'what they buy',
  destructive: false,
  phase: undefined,
  checksum: 'c',
  statements: [
    {
      no: 1,
      line: 2,
      column: 1,
      text: 'create table orders (…',
      txClass: 'tx',
      locks: [{ relation: 'public.people', kind: 'table', mode: 'share row exclusive' }],
      rewrites: [],
      rebuilds: [],
      scans: [],
      losses: [],
      isNoOp: false,
    },
  ],
  makes: [
    'table public.orders',
    'column public.orders.id',
    'column public.orders.person',
    'constraint public.orders.orders_pkey',
    'index public.orders_pkey',
    'index public.orders_person',
    'column public.people.vip',
  ],
  alters: [],
  drops: [],
  losses: [],
  inverse: {
    kind: 'exact',
    origin: 'generated',
    statements: ['drop table public.orders', 'alter table public.people drop column vip'],
    because: undefined,
  },
  fingerprint: 'f',
  proof: { order: 'shadow', effects: 'shadow', inverse: 'shadow' },
  rewritten: [],
}

const plan: MigrationPlan = {
  kind: 'ready',
  completed: ['0001_people'],
  migrations: [migration],
  held: [],
  shadow: { kind: 'pglite', major: 18 },
  start: { kind: 'declared' },
  objections: [],
  warnings: [],
  proposal: undefined,
  live: undefined,
}

it('tells parts of a new table with it, and counts what is left', () => {
  const text = planText(plan, voice, printing)
  expect(text).toContain('1 migration is ready (app@db/shop)')
  expect(text).toMatch(/^1 {2}0002_orders {2}1 table, 1 column, … {2}share row exclusive \(public/m)
  expect(text).toContain('table public.orders (id, person)')
  expect(text).toContain('column public.people.vip')
  expect(text).toContain('index public.orders_person')
  expect(text).not.toContain('orders_pkey')
  expect(text).toContain('way back  drop table public.orders (+1)')
  expect(text).toContain('✓ proven')
})

it('shows every statement with its locks when asked', () => {
  expect(planText(plan, voice, printing)).not.toContain('create table orders')
  const text = planText(plan, voice, { ...printing, details: true })
  expect(text).toMatch(/1\. create table orders \(…\n +locks {2}share row exclusive public\.people/)
})

it('names what is unproven, and calls a way back lossy only where no copy helps', () => {
  const lossy: PlannedMigration = {
    ...migration,
    inverse: { ...migration.inverse, kind: 'lossy' },
    proof: { order: 'text', effects: 'shadow', inverse: 'none' },
  }
  const kept = planText({ ...plan, migrations: [lossy] }, voice, printing)
  expect(kept).toContain('rows kept, found')
  expect(kept).toContain('unproven: order, way back')
  const warning = objectTo(objectionReasons['inverse-lossy'], { migration: '0002_orders' })
  const lost = planText({ ...plan, migrations: [lossy], warnings: [warning] }, voice, printing)
  expect(lost).toContain('lossy, found')
})

it('puts every objection with its place and its remedy, and another order as lines to paste', () => {
  const place = { migration: '0003_b', file: 'm/0003_b.sql', line: 4, column: 2 }
  const refused: MigrationPlan = {
    ...plan,
    kind: 'refused',
    migrations: [],
    objections: [objectTo(objectionReasons['order-conflict'], place, { after: '0004_c' })],
    proposal: { order: ['0004_c', '0003_b'], after: { '0003_b': ['0004_c'], '0004_c': [] } },
  }
  const text = planText(refused, voice, printing)
  expect(text).toMatch(
    /^m\/0003_b\.sql:4:2: order-conflict: .+\n {2}→ Add the line `-- after: 0004_c`/m,
  )
  expect(text).toContain('0003_b.sql: -- after: 0004_c')
  expect(text).toContain('0004_c.sql: -- after: none')
  const inHebrew = planText(refused, { ...voice, words: hebrew, language: 'he' }, printing)
  expect(inHebrew).toMatch(/^m\/0003_b\.sql:4:2: order-conflict: [א-ת]/m)
})
