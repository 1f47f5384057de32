import { expect, it } from 'vitest'
import { withoutValues } from './error-detail.ts'

const secret = 'hunter2'

it.each([
  [
    {
      code: '23505',
      message: 'duplicate key value violates unique constraint "u"',
      constraint: 'u',
      detail: `Key (email, lower(b))=(${secret}, x)=(y) already exists.`,
    },
    {
      message: 'duplicate key value violates unique constraint "u"',
      detail: 'Key (email, lower(b))=(…) already exists.',
    },
  ],
  [
    {
      code: '23503',
      message: 'insert or update on table "t" violates foreign key constraint "f"',
      table: 't',
      constraint: 'f',
      detail: `Key (a)=(${secret}) is not present in table "p".`,
    },
    {
      message: 'insert or update on table "t" violates foreign key constraint "f"',
      detail: 'Key (a)=(…) is not present in table "p".',
    },
  ],
  [
    {
      code: '23P01',
      message: 'conflicting key value violates exclusion constraint "e"',
      constraint: 'e',
      detail: `Key (a)=(${secret}) conflicts with existing key (a)=(${secret}).`,
    },
    { detail: 'Key (a)=(…) conflicts with another key.' },
  ],
  [
    {
      code: '23514',
      message: 'new row for relation "t" violates check constraint "c"',
      table: 't',
      constraint: 'c',
      detail: `Failing row contains (1, ${secret}).`,
    },
    { message: 'new row for relation "t" violates check constraint "c"', detail: undefined },
  ],
  [
    { code: '22P02', message: `invalid input syntax for type integer: "a"${secret}"b"` },
    { message: 'invalid input syntax for type integer: "…"' },
  ],
  [
    { code: '22P02', message: 'invalid input syntax for type integer: "from the file"' },
    { message: 'invalid input syntax for type integer: "from the file"' },
  ],
  [
    {
      code: 'P0001',
      message: `user ${secret} is bad`,
      routine: 'exec_stmt_raise',
      hint: `ask ${secret} now`,
      detail: secret,
    },
    { message: 'user … is bad', hint: '…', detail: '…' },
  ],
  [
    {
      code: '42P01',
      message: `relation "${secret}" does not exist`,
      internalQuery: `select from ${secret}`,
    },
    { message: 'relation "…" does not exist' },
  ],
  [
    {
      code: '42703',
      message: 'column "nam" does not exist',
      position: '8',
      hint: 'Perhaps you meant to reference the column "t.name".',
    },
    {
      message: 'column "nam" does not exist',
      hint: 'Perhaps you meant to reference the column "t.name".',
    },
  ],
  [
    { code: '42P01', message: `relation "${secret}" does not exist` },
    { message: 'relation "…" does not exist' },
  ],
  [
    { code: '42701', message: 'column "bad" of relation "t" already exists' },
    { message: 'column "bad" of relation "t" already exists' },
  ],
  [
    {
      code: '2BP01',
      message: 'cannot drop table t because other objects depend on it',
      detail: 'view v depends on table t',
    },
    { detail: 'view v depends on table t' },
  ],
])('says what is known about an error without a value of a row: %j', (error, expected) => {
  const text = `raise exception 'user % is bad'; insert into t values ('from the file')`
  expect(withoutValues(error, text)).toMatchObject(expected)
  expect(JSON.stringify(withoutValues(error, text))).not.toContain(secret)
})
