import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { expect, it } from 'vitest'
import { createTestDatabase } from '../testing/test-database.ts'
import { canMatch, claimedFiles } from './claimed-files.ts'
import { detectLedgers, type FoundLedger } from './detect-ledgers.ts'

const sha = (algorithm: string, text: string) => createHash(algorithm).update(text).digest('hex')

/** Tables as their tools make them, with a few rows. */
const ledgers: readonly (readonly [tool: string, text: string, claims: readonly string[]])[] = [
  [
    'drizzle',
    `create schema drizzle; create table drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint);
     insert into drizzle.__drizzle_migrations (hash, created_at) values ('aa', 1700000000000), ('bb', 1700000001000)`,
    ['aa applied', 'bb applied'],
  ],
  [
    'prisma',
    `create table _prisma_migrations (id varchar(36) primary key, checksum varchar(64) not null, finished_at timestamptz,
       migration_name varchar(255) not null, logs text, rolled_back_at timestamptz, started_at timestamptz not null default now(),
       applied_steps_count integer not null default 0);
     insert into _prisma_migrations (id, checksum, finished_at, migration_name, rolled_back_at, started_at) values
       ('1', 'c', now(), '2024_a', null, now() - interval '3 s'), ('2', 'c', null, '2024_b', now(), now() - interval '2 s'),
       ('3', 'c', now(), '2024_b', null, now() - interval '1 s'), ('4', 'c', null, '2024_c', null, now())`,
    ['2024_a applied', '2024_b applied', '2024_c failed'],
  ],
  [
    'node-pg-migrate',
    `create table pgmigrations (id serial primary key, name varchar(255) not null, run_on timestamp not null);
     insert into pgmigrations (name, run_on) values ('1_a', now())`,
    ['1_a applied'],
  ],
  [
    'golang-migrate',
    `create table schema_migrations (version bigint primary key, dirty boolean not null); insert into schema_migrations values (3, false)`,
    ['3 applied'],
  ],
  [
    'flyway',
    `create table flyway_schema_history (installed_rank int primary key, version varchar(50), description varchar(200) not null,
       type varchar(20) not null, script varchar(1000) not null, checksum int, installed_by varchar(100) not null,
       installed_on timestamp not null default now(), execution_time int not null, success boolean not null);
     insert into flyway_schema_history values (1, '1', 'a', 'BASELINE', 'b', null, 'x', now(), 1, true),
       (2, '2', 'a', 'SQL', 'V2__a.sql', -5, 'x', now(), 1, true), (3, '3', 'a', 'SQL', 'V3__a.sql', 5, 'x', now(), 1, true),
       (4, '3', 'a', 'UNDO_SQL', 'U3__a.sql', 5, 'x', now(), 1, true), (5, null, 'a', 'SQL', 'R__v.sql', 5, 'x', now(), 1, true)`,
    ['1 baseline', '2 applied', '3 rolled-back', 'R__v.sql applied'],
  ],
  [
    'graphile-migrate',
    `create schema graphile_migrate; create table graphile_migrate.migrations (hash text primary key, previous_hash text, filename text not null, date timestamptz not null default now());
     insert into graphile_migrate.migrations (hash, filename) values ('sha1:a', '000001.sql')`,
    ['000001.sql applied'],
  ],
  [
    'dbmate',
    `create table schema_migrations (version varchar(128) primary key); insert into schema_migrations values ('20240101')`,
    ['20240101 applied'],
  ],
  [
    'rails',
    `create table schema_migrations (version varchar primary key); create table ar_internal_metadata (key varchar primary key, value varchar);
     insert into schema_migrations values ('1')`,
    ['1 applied'],
  ],
  [
    'ecto',
    `create table schema_migrations (version bigint primary key, inserted_at timestamp(0)); insert into schema_migrations values (1, now())`,
    ['1 applied'],
  ],
  [
    'kysely',
    `create table kysely_migration (name varchar(255) primary key, timestamp varchar(255) not null); insert into kysely_migration values ('a', '2024-01-01T00:00:00.000Z')`,
    ['a applied'],
  ],
  [
    'postgrator',
    `create table schemaversion (version bigint primary key, name text, md5 text, run_at timestamptz); insert into schemaversion values (0, null, null, null), (1, 'a', 'm', now())`,
    ['0 applied', '1 applied'],
  ],
  [
    'goose',
    `create table goose_db_version (id serial primary key, version_id bigint not null, is_applied boolean not null, tstamp timestamp default now());
     insert into goose_db_version (version_id, is_applied) values (0, true), (1, true), (2, true), (2, false)`,
    ['0 applied', '1 applied', '2 rolled-back'],
  ],
  [
    'knex',
    `create table knex_migrations (id serial primary key, name varchar(255), batch int, migration_time timestamptz); insert into knex_migrations (name) values ('a.js')`,
    ['a.js applied'],
  ],
  [
    'sequelize',
    `create table "SequelizeMeta" (name varchar(255) primary key); insert into "SequelizeMeta" values ('a.js')`,
    ['a.js applied'],
  ],
  [
    'typeorm',
    `create table migrations (id serial primary key, timestamp bigint not null, name varchar not null); insert into migrations (timestamp, name) values (1700000000000, 'A1')`,
    ['A1 applied'],
  ],
  [
    'alembic',
    `create table alembic_version (version_num varchar(32) primary key); insert into alembic_version values ('ae10')`,
    ['ae10 applied'],
  ],
  [
    'django',
    `create table django_migrations (id bigserial primary key, app varchar(255), name varchar(255), applied timestamptz); insert into django_migrations (app, name) values ('auth', '0001_initial')`,
    ['auth/0001_initial applied'],
  ],
  [
    'liquibase',
    `create table databasechangelog (id varchar(255), author varchar(255), filename varchar(255), dateexecuted timestamp, orderexecuted int, exectype varchar(10), md5sum varchar(35));
     insert into databasechangelog values ('1', 'me', 'f', now(), 1, 'EXECUTED', '9:a'), ('2', 'me', 'f', now(), 2, 'MARK_RAN', '9:b')`,
    ['f::1::me applied', 'f::2::me skipped'],
  ],
  [
    'sqlx',
    `create table _sqlx_migrations (version bigint primary key, description text not null, installed_on timestamptz not null default now(), success boolean not null, checksum bytea not null, execution_time bigint not null);
     insert into _sqlx_migrations values (1, 'a', now(), true, '\\xab', 1)`,
    ['1 applied'],
  ],
  [
    'diesel',
    `create table __diesel_schema_migrations (version varchar(50) primary key, run_on timestamp not null default now()); insert into __diesel_schema_migrations values ('20240101000000')`,
    ['20240101000000 applied'],
  ],
  [
    'atlas',
    `create schema atlas_schema_revisions; create table atlas_schema_revisions.atlas_schema_revisions (version varchar primary key, description varchar, type bigint, applied bigint, total bigint, executed_at timestamptz, execution_time bigint, error text, error_stmt text, hash varchar, partial_hashes jsonb, operator_version varchar);
     insert into atlas_schema_revisions.atlas_schema_revisions (version, applied, total, hash) values ('1', 2, 2, 'h'), ('2', 1, 2, 'h')`,
    ['1 applied', '2 partial'],
  ],
]

it.each(ledgers)(
  'recognises the ledger of %s and reads its claims [D-11]',
  async (tool, text, claims) => {
    await using database = await createTestDatabase()
    await database.query(text)
    const found = await detectLedgers((sql, values) => database.query(sql, values))
    expect(found.map((ledger) => ledger.tool)).toEqual([tool])
    expect(found[0]?.claims.map(({ id, state }) => `${id} ${state}`)).toEqual(claims)
  },
)

it('takes no table of an application for a ledger', async () => {
  await using database = await createTestDatabase()
  await database.query(
    `create table migrations (id int, timestamp timestamptz, name text, distance int);
     create table current (filename text); create table schema_version (version int);
     create table schema_migrations (version text, note text)`,
  )
  expect(await detectLedgers((sql, values) => database.query(sql, values))).toEqual([])
})

type Claims = FoundLedger['claims']
const claim = (id: string, checksum?: string, state: Claims[number]['state'] = 'applied') => ({
  id,
  state,
  checksum,
  appliedAt: undefined,
})

const file = (path: string, text = 'select 1') => ({ path, text })
const graphileBody = 'create table a ();'
const graphileText = (body: string) => `--! Previous: -\n--! Hash: sha1:x\n\n${body}\n`

it.each([
  {
    tool: 'drizzle',
    claims: [claim(sha('sha256', 'one'))],
    files: [file('0000_a.sql', 'one'), file('0001_b.sql', 'two')],
    applied: ['0000_a.sql'],
    pending: ['0001_b.sql'],
  },
  {
    tool: 'prisma',
    claims: [claim('2024_a', sha('sha256', 'a\r\nb')), claim('2024_b', 'other')],
    files: [
      file('2024_a/migration.sql', 'a\nb'),
      file('2024_b/migration.sql'),
      file('2024_c/migration.sql'),
    ],
    applied: ['2024_a/migration.sql', '2024_b/migration.sql'],
    edited: ['2024_b/migration.sql'],
    pending: ['2024_c/migration.sql'],
  },
  {
    tool: 'golang-migrate',
    coverage: 'up-to',
    claims: [claim('2')],
    files: [
      file('000001_a.up.sql'),
      file('000001_a.down.sql'),
      file('000010_b.up.sql'),
      file('000002_c.up.sql'),
    ],
    applied: ['000001_a.up.sql', '000002_c.up.sql'],
    pending: ['000010_b.up.sql'],
  },
  {
    tool: 'flyway',
    claims: [
      claim('1.1', undefined, 'baseline'),
      claim('2', String(crc32('select 1;select 2;') | 0)),
      claim('3', '1', 'rolled-back'),
    ],
    files: [
      file('V1__a.sql'),
      file('V1_1__b.sql'),
      file('V2__c.sql', '\uFEFFselect 1;\r\nselect 2;\r\n'),
      file('V3__d.sql'),
    ],
    applied: ['V1__a.sql', 'V1_1__b.sql', 'V2__c.sql'],
    pending: ['V3__d.sql'],
  },
  {
    tool: 'graphile-migrate',
    coverage: 'chain',
    claims: [
      claim('000001.sql', `sha1:${sha('sha1', `${graphileBody}\n`)}`),
      claim('000002.sql', 'sha1:no'),
    ],
    files: [
      file('committed/000001.sql', graphileText(graphileBody)),
      file('committed/000002.sql', graphileText('x')),
      file('current.sql'),
    ],
    applied: ['committed/000001.sql', 'committed/000002.sql'],
    edited: ['committed/000002.sql'],
    pending: [],
  },
  {
    tool: 'node-pg-migrate',
    claims: [claim('1_a'), claim('9_gone')],
    files: [file('1_a.sql'), file('2_b.sql')],
    applied: ['1_a.sql'],
    pending: ['2_b.sql'],
    unmatched: ['9_gone'],
  },
  {
    tool: 'dbmate',
    claims: [claim('20240101')],
    files: [file('20240101_a.sql'), file('20240102_b.sql')],
    applied: ['20240101_a.sql'],
    pending: ['20240102_b.sql'],
  },
] as const)('matches the files of $tool by its own names and checksums [D-11]', (example) => {
  const { tool, claims, files, applied, pending } = example
  const coverage = 'coverage' in example ? example.coverage : 'each'
  expect(canMatch(tool)).toBe(true)
  const matched = claimedFiles({ tool, coverage, claims }, files)
  expect(matched).toMatchObject({ applied, pending })
  expect(matched?.edited).toEqual('edited' in example ? example.edited : [])
  expect(matched?.unmatched.map(({ id }) => id)).toEqual(
    'unmatched' in example ? example.unmatched : [],
  )
})
