import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync, gunzipSync } from 'node:zlib'
import { PGlite } from '@electric-sql/pglite'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Query } from '../catalog/query.ts'
import { fingerprintOf } from '../catalog/fingerprint.ts'
import { readFacts } from '../catalog/read-facts.ts'
import { sentencesOf } from '../objection.ts'
import { executeOn, plainMigration } from '../testing/plain-migration.ts'
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts'
import {
  createBackup,
  entryOf,
  listBackups,
  openBackup,
  pruneBackups,
  restoreDatabase,
  readRows,
  restoreRows,
  restoreTables,
  verifyBackup,
  type BackupManifest,
  type BackupResult,
} from './backup.ts'

let directory = ''

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'migrate-backup-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

const newDirectory = () => mkdtemp(join(directory, 'a-'))

const queryOf =
  (database: TestDatabase): Query =>
  async (text, values = []) => ({ rows: await database.query(text, [...values]) })

function done(result: BackupResult) {
  if (result.kind === 'refused')
    throw new Error(result.objections.map(({ because }) => because).join('\n'))
  return result
}

function entryNamed(manifest: BackupManifest, name: string) {
  const entry = entryOf(manifest, name)
  if (entry === undefined) throw new Error(`${name} is not in the backup`)
  return entry
}

function contents(manifest: BackupManifest) {
  return manifest.entries.map(({ name, rows, sha256 }) => ({ name, rows, sha256 }))
}

const everyType = `
  create type mood as enum ('sad', 'עצוב, "very"', 'happy''s');
  create type pair as (a int, b text);
  create domain positive as int check (value > 0);
  create table every_type (
    id bigint generated always as identity primary key,
    small smallint, whole int, large bigint, amount numeric, price numeric(20, 5), f4 real,
    f8 double precision, yes boolean, word text, short varchar(10), padded char(8), ch "char",
    blob bytea, at timestamptz, local timestamp, day date, hour time, hourtz timetz, span interval,
    doc json, docb jsonb, uid uuid, ip inet, net cidr, mac macaddr, bits bit(5), vbits varbit,
    ints int[], texts text[], grid numeric[][], shifted int[], r int4range, nr numrange,
    tr tstzrange, mr int4multirange, p pair, ps pair[], m mood, ms mood[], d positive, cash money,
    pt point, poly polygon, ts tsvector, q tsquery, x xml, lsn pg_lsn, j jsonpath,
    doubled bigint generated always as (whole::bigint * 2) stored);
  insert into every_type (small, whole, large, amount, price, f4, f8, yes, word, short, padded, ch,
      blob, at, local, day, hour, hourtz, span, doc, docb, uid, ip, net, mac, bits, vbits, ints, texts,
      grid, shifted, r, nr, tr, mr, p, ps, m, ms, d, cash, pt, poly, ts, q, x, lsn, j) values
    (-32768, 2147483647, 9223372036854775807, 12345678901234567890.123456789012345678900,
      0.00001, 1.17549e-38, 0.1::float8 + 0.2::float8, true, E'line\\nbreak\\ttab \\\\ "quoted" שלום 👋',
      '', 'ab', 'x', '\\x00ff5c27'::bytea, '2026-11-21 12:34:56.123456+02', '0044-03-15 BC',
      'infinity', '23:59:59.999999', '01:02:03+05:30', '1 year -2 mons 3 days -04:05:06.7',
      '{"b": 1,  "a": 1.00, "a": "dup"}', '{"big": 123456789012345678901234567890, "n": null}',
      'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '10.1.2.3/24', '10.0.0.0/8', '08:00:2b:01:02:03',
      B'10101', B'1', '{1,NULL,3}', '{"a,b","NULL",NULL,"","\\"","{}"}', '{{1.10,2},{3,NaN}}',
      '[5:6]={1,2}', '[1,10)', '(,5.5]', '["2026-01-01 00:00:00.000001+00",infinity)',
      '{[1,3),[5,7)}', row(null, ''), array[row(1, 'a,b')::pair, null], 'עצוב, "very"',
      '{sad,"happy''s"}', 7, '1234.56', '(1.5,-0)', '((0,0),(1,1),(1,0))', 'a:1 b:2', 'a & !b',
      '<a>&amp;</a>', '16/B374D848', '$.a[*] ? (@ > 1)'),
    (0, 0, -9223372036854775808, 'NaN', null, '-Infinity', '-0', false, null, '  ', '', '',
      '', '-infinity', 'infinity', '4713-01-01 BC', '00:00', '00:00+00', '0', 'null', 'null', null,
      '::1', '::/0', null, B'00000', B'', '{}', '{}', '{}', null, 'empty', null, null, '{}',
      row(null, null), '{}', null, null, 1, '-0.01', null, null, '', null, '', null, null),
    (null, null, null, 'Infinity', null, 'NaN', 'NaN', null, null, null, null, null, null, null,
      null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
      null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
      null, null)`

it('keeps values of every type without loss, and brings them back [CNS-1]', async () => {
  await using database = await createTestDatabase()
  const query = queryOf(database)
  await database.query(everyType)
  await database.query(`set timezone = 'Asia/Jerusalem'; set extra_float_digits = -5;
    set intervalstyle = 'sql_standard'; set datestyle = 'SQL, DMY'; set bytea_output = 'escape'`)
  const options = { query, directory: await newDirectory(), parts: 'all', proof: 'rows' } as const
  const first = done(await createBackup(options))
  expect(first.manifest.entries[0]).toMatchObject({ rows: 3, key: ['id'] })
  const [row] = await fromAsync(
    readRows(first.location, entryNamed(first.manifest, 'public.every_type')),
  )
  expect(row).toMatchObject({
    id: '1',
    small: -32768,
    yes: true,
    amount: '12345678901234567890.123456789012345678900',
    f8: '0.30000000000000004',
    padded: 'ab      ',
    at: '2026-11-21 10:34:56.123456+00',
    doc: '{"b": 1,  "a": 1.00, "a": "dup"}',
    p: '(,"")',
    shifted: '[5:6]={1,2}',
    blob: '\\x00ff5c27',
  })
  await database.query('truncate every_type restart identity')
  const restored = await restoreTables({
    query,
    location: first.location,
    tables: 'all',
    mode: 'into-empty',
  })
  expect(restored).toEqual({ kind: 'done', rows: { 'public.every_type': 3 } })
  const second = done(await createBackup({ ...options, proof: 'files' }))
  expect(contents(second.manifest)).toEqual(contents(first.manifest))
  expect(second.manifest.sequences).toEqual(first.manifest.sequences)
  const rows = await database.query<
    Record<string, unknown>
  >(`insert into every_type (word) values ('next')
      returning id::text, (select doubled::text from every_type where id = 1) as doubled`)
  expect(rows).toEqual([{ id: '4', doubled: '4294967294' }])
  expect(await database.query(`select current_setting('TimeZone') as tz`)).toEqual([
    { tz: 'Asia/Jerusalem' },
  ])
})

async function fromAsync<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

const awkward = `
  create schema "סכמה/א";
  create table "סכמה/א"."טבלה ""מיוחדת"".." ("מפתח ראשי" text primary key, "select" int, "a""b" text);
  insert into "סכמה/א"."טבלה ""מיוחדת"".." values ('א', 1, null), ('ב''', null, 'x');
  create table "Case" (id int); create table "case" (id int);
  insert into "Case" values (2), (1), (1); insert into "case" values (3);
  create table nothing (); insert into nothing default values; insert into nothing default values;
  create table parent (id int primary key);
  create table child () inherits (parent);
  insert into parent values (1); insert into child values (2);
  create table parted (id int, part text, primary key (id, part)) partition by list (part);
  create table parted_a partition of parted for values in ('a');
  create table parted_b partition of parted default;
  insert into parted values (1, 'a'), (2, 'b')`

it('keeps tables of every kind and every name, in files that no system mixes up', async () => {
  await using database = await createTestDatabase()
  const query = queryOf(database)
  await database.query(awkward)
  const folder = await newDirectory()
  const { location, manifest } = done(
    await createBackup({ query, directory: folder, parts: 'all', proof: 'rows' }),
  )
  expect(manifest.entries.map(({ name, rows }) => [name, rows])).toEqual([
    ['public."Case"', 3],
    ['public."case"', 1],
    ['public.child', 1],
    ['public.nothing', 2],
    ['public.parent', 1],
    ['public.parted', 2],
    ['"סכמה/א"."טבלה ""מיוחדת"".."', 2],
  ])
  const files = manifest.entries.map(({ file }) => file.toLowerCase())
  expect(new Set(files).size).toBe(7)
  expect(await verifyBackup(location)).toEqual({ kind: 'verified', manifest })
  const names = manifest.entries.map(({ name }) => name)
  await database.query(`truncate ${names.join(', ')}`)
  await restoreTables({ query, location, tables: 'all', mode: 'into-empty' })
  const again = done(await createBackup({ query, directory: folder, parts: 'all' }))
  expect(contents(again.manifest)).toEqual(contents(manifest))
})

it('works in PGlite as on a server', async () => {
  await using lite = await PGlite.create()
  const query: Query = async (text, values = []) => ({
    rows: (await lite.query<Record<string, unknown>>(text, [...values])).rows,
  })
  await lite.exec(everyType)
  const { location, manifest } = done(
    await createBackup({ query, directory: await newDirectory(), parts: 'all', proof: 'rows' }),
  )
  await lite.exec(`update every_type set word = 'spoilt', padded = 'no', ints = null`)
  const restored = await restoreTables({ query, location, tables: 'all', mode: 'replace' })
  expect(restored.kind).toBe('done')
  const again = done(await createBackup({ query, directory: await newDirectory(), parts: 'all' }))
  expect(contents(again.manifest)).toEqual(contents(manifest))
}, 240_000)

it('restores in the order of foreign keys, cycles included, and wakes no trigger [MIG-14]', async () => {
  await using database = await createTestDatabase()
  const query = queryOf(database)
  await database.query(`
    create table a_child (id serial primary key, owner int not null);
    create table b_owner (id int primary key, boss int references b_owner, favourite int);
    alter table a_child add foreign key (owner) references b_owner deferrable initially deferred;
    alter table b_owner add foreign key (favourite) references a_child;
    create table log (at timestamptz default now(), what text);
    create function tell() returns trigger language plpgsql as
      $$ begin insert into log (what) values (tg_op); new.owner := 0; return new; end $$;
    create table c_leaf (id int generated always as identity, parent int references a_child on delete cascade);
    insert into b_owner values (1, null, null), (2, 1, null);
    insert into b_owner values (0, 2, null);
    insert into a_child (owner) values (1), (2);
    update b_owner set favourite = 2 where id = 1;
    insert into c_leaf (parent) values (1), (1), (2)`)
  await database.query(`create trigger t before insert on a_child for each row execute function tell();
    alter table a_child enable always trigger t`)
  const options = { query, directory: await newDirectory() }
  const { location, manifest } = done(await createBackup({ ...options, parts: 'all' }))
  await database.query(`update b_owner set favourite = null; delete from a_child;
    delete from b_owner where id = 0; insert into c_leaf (parent) values (null)`)
  const result = await restoreTables({
    query,
    location,
    tables: ['public.a_child', 'public.b_owner', 'public.c_leaf', 'public.log'],
    mode: 'replace',
  })
  expect(result.kind).toBe('done')
  const again = done(await createBackup({ ...options, parts: 'all' }))
  expect(contents(again.manifest)).toEqual(contents(manifest))
  expect(again.manifest.sequences).toEqual(manifest.sequences)
  const [trigger] = await database.query(`select tgenabled from pg_trigger where tgname = 't'`)
  expect(trigger).toEqual({ tgenabled: 'A' })
})

it('replaces no row that others refer to, and fills no table that has rows', async () => {
  await using database = await createTestDatabase()
  const query = queryOf(database)
  await database.query(`create table p (id int primary key); create table c (p int references p on delete cascade);
    insert into p values (1); insert into c values (1)`)
  const { location } = done(
    await createBackup({ query, directory: await newDirectory(), parts: 'all' }),
  )
  const replaced = await restoreTables({ query, location, tables: ['public.p'], mode: 'replace' })
  expect(replaced).toMatchObject({ kind: 'refused', objections: [{ object: 'public.p' }] })
  const filled = await restoreTables({ query, location, tables: ['public.p'], mode: 'into-empty' })
  expect(filled).toMatchObject({ kind: 'refused', objections: [{ code: 'backup-failed' }] })
  expect(await database.query('select * from c')).toEqual([{ p: 1 }])
})

it('detects every kind of damage before it is used', async () => {
  await using database = await createTestDatabase()
  const query = queryOf(database)
  await database.query('create table t (id int primary key, v text)')
  await database.query(`insert into t select n, md5(n::text) from generate_series(1, 500) n`)
  const { location, manifest } = done(
    await createBackup({ query, directory: await newDirectory(), parts: 'all' }),
  )
  const path = join(location, entryNamed(manifest, 'public.t').file)
  const whole = await readFile(path)
  const text = gunzipSync(whole).toString()
  const flipped = Buffer.from(whole)
  flipped.writeUInt8(flipped.readUInt8(200) ^ 1, 200)
  const damages = [
    whole.subarray(0, whole.length - 20),
    flipped,
    gzipSync(text.replace('"id":7,', '"id":8,')),
    gzipSync(text.split('\n').slice(1).join('\n')),
    gzipSync(text.trimEnd()),
    Buffer.alloc(0),
  ]
  for (const damage of damages) {
    await writeFile(path, damage)
    const result = await verifyBackup(location)
    expect(result).toMatchObject({ kind: 'refused', objections: [{ object: 'public.t' }] })
    const restored = await restoreTables({ query, location, tables: 'all', mode: 'replace' })
    expect(restored.kind).toBe('refused')
  }
  await writeFile(path, whole)
  expect((await verifyBackup(location)).kind).toBe('verified')
  const file = join(location, 'manifest.json')
  const kept = await readFile(file, 'utf8')
  for (const spoilt of [kept.replace('"rows": 500', '"rows": 501'), kept.slice(0, 80), '{}']) {
    await writeFile(file, spoilt)
    expect((await verifyBackup(location)).kind).toBe('refused')
  }
  await rm(file)
  const none = await verifyBackup(location)
  const because = 'objections' in none ? none.objections.map((one) => sentencesOf(one, 'he')) : []
  expect(because[0]?.because).toContain('אינו גיבוי שלם')
})

it('sees one moment of the database, whatever is written meanwhile', async () => {
  await using database = await createTestDatabase()
  const query = queryOf(database)
  await database.query(`create table a (id int primary key); create table z (id int primary key);
    insert into a values (1); insert into z values (1)`)
  const other = await database.connect()
  let fetches = 0
  const interrupted: Query = async (text, values) => {
    if (text.startsWith('fetch') && (fetches += 1) === 1)
      await other.query('insert into a values (2); insert into z values (2)')
    return query(text, values)
  }
  const { manifest } = done(
    await createBackup({ query: interrupted, directory: await newDirectory(), parts: 'all' }),
  )
  expect(manifest.entries.map(({ rows }) => rows)).toEqual([1, 1])
})

it('keeps a hundred thousand rows and large ones in little memory', async () => {
  await using database = await createTestDatabase()
  await database.query(`create table many (id int primary key, v text);
    insert into many select n, repeat(md5(n::text), 10) from generate_series(1, 100000) n;
    create table large (id int primary key, v text);
    insert into large select n, repeat(md5(n::text), 60000) from generate_series(1, 30) n`)
  let most = 0
  const query: Query = async (text, values = []) => {
    const rows = await database.query(text, [...values])
    const bytes = rows.reduce(
      (sum, { line }) => sum + (typeof line === 'string' ? line.length : 0),
      0,
    )
    most = Math.max(most, bytes)
    return { rows }
  }
  const { location, manifest } = done(
    await createBackup({ query, directory: await newDirectory(), parts: 'all' }),
  )
  expect(manifest.entries.map(({ rows }) => rows)).toEqual([30, 100_000])
  expect(most).toBeLessThan(40_000_000)
  await database.query('truncate many, large')
  most = 0
  const restored = await restoreTables({ query, location, tables: 'all', mode: 'into-empty' })
  expect(restored).toMatchObject({ kind: 'done', rows: { 'public.many': 100_000 } })
}, 240_000)

it('leaves nothing that looks like a backup when it is killed in the middle', async () => {
  await using database = await createTestDatabase()
  await database.query(`create table t (id int primary key, v text);
    insert into t select n, md5(n::text) from generate_series(1, 200000) n`)
  const folder = await newDirectory()
  const child = spawn(
    process.execPath,
    [
      join(import.meta.dirname, '../testing/backup-process.ts'),
      folder,
      JSON.stringify(database.target),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  await new Promise((resolve) => child.stdout.once('data', resolve))
  child.kill('SIGKILL')
  await new Promise((resolve) => child.once('exit', resolve))
  const left = await readdir(folder)
  expect(left).toHaveLength(1)
  expect(await listBackups(folder)).toEqual([])
  expect((await verifyBackup(join(folder, left[0] ?? ''))).kind).toBe('refused')
  const later = Date.now() + 2 * 86_400_000
  await pruneBackups({ directory: folder, keep: 3, now: () => later })
  expect(await readdir(folder)).toEqual([])
}, 240_000)

it('refuses before it writes when there is no space, and removes what it wrote when it fails', async () => {
  await using database = await createTestDatabase()
  const query = queryOf(database)
  await database.query('create table t (id int); insert into t values (1)')
  const folder = await newDirectory()
  const tight = await createBackup({
    query,
    directory: folder,
    parts: 'all',
    freeBytes: async () => 1000,
  })
  expect(tight).toMatchObject({ kind: 'refused', objections: [{ code: 'no-space' }] })
  const unknown = await createBackup({
    query,
    directory: folder,
    parts: [
      { kind: 'table', table: 'public.t' },
      { kind: 'table', table: 'public.missing' },
    ],
  })
  expect(unknown).toMatchObject({ kind: 'refused', objections: [{ object: 'public.missing' }] })
  const broken = await createBackup({
    query,
    directory: folder,
    parts: [{ kind: 'table', table: 'public.t', where: '1 / (x.id - 1) = 1' }],
  })
  expect(broken).toMatchObject({ kind: 'refused', objections: [{ code: 'backup-failed' }] })
  const file = join(folder, 'file')
  await writeFile(file, '')
  const unwritable = await createBackup({ query, directory: file, parts: 'all' })
  expect(unwritable).toMatchObject({ kind: 'refused', objections: [{ code: 'backup-failed' }] })
  expect(await readdir(folder)).toEqual(['file'])
  expect(await database.query('select 1 as n')).toEqual([{ n: 1 }])
})

it('keeps columns and rows of a query in an open transaction, and puts them back by key [MIG-9]', async () => {
  await using database = await createTestDatabase()
  const query = queryOf(database)
  await database.query(`create table t (id int, sub text, v numeric, w text, primary key (sub, id));
    insert into t select n, 's', n / 7.0, 'w' from generate_series(1, 3000) n`)
  await database.query('begin')
  await database.query('lock table t in access exclusive mode')
  const opened = await openBackup({
    query,
    directory: await newDirectory(),
    transaction: 'open',
    migration: '0007_x',
    proof: 'rows',
  })
  if (opened.kind === 'refused') throw new Error('refused')
  const { backup } = opened
  expect(await backup.add({ kind: 'table', table: 'public.t', columns: ['v'] })).toBeUndefined()
  await database.query('update t set v = 0')
  const images = {
    kind: 'rows',
    name: 'images of t',
    sql: 'select t as image, id as no from public.t where id < 3',
    columns: [
      { name: 'no', type: 'integer' },
      { name: 'image', type: 'public.t' },
    ],
    key: ['no'],
  } as const
  expect(await backup.add(images)).toBeUndefined()
  const { location, manifest } = done(await backup.finish())
  await database.query('commit')
  expect(entryOf(manifest, 'public.t')).toMatchObject({ key: ['sub', 'id'], rows: 3000 })
  expect(await fromAsync(readRows(location, entryNamed(manifest, 'images of t')))).toEqual([
    { no: '1', image: expect.stringMatching(/^\(1,s,0.*,w\)$/) },
    { no: '2', image: expect.stringMatching(/^\(2,s,0.*,w\)$/) },
  ])
  await database.query('begin')
  expect(await restoreRows({ query, location, name: 'public.t', mode: 'update' })).toEqual({
    kind: 'done',
    rows: 3000,
  })
  await database.query('commit')
  const [row] = await database.query('select count(*)::int as n from t where v <> id / 7.0')
  expect(row).toEqual({ n: 0 })
  await database.query('begin; delete from t where id > 2990')
  expect(await restoreRows({ query, location, name: 'public.t', mode: 'update' })).toMatchObject({
    kind: 'refused',
    objections: [{ because: expect.stringContaining('10 of 3000') }],
  })
  await database.query('rollback')
})

it('removes old backups, and none that is needed', async () => {
  await using database = await createTestDatabase()
  const query = queryOf(database)
  const folder = await newDirectory()
  const locations: string[] = []
  for (const name of ['1', '2', '3', '4', '5'])
    locations.push(
      done(await createBackup({ query, directory: folder, name, parts: 'all' })).location,
    )
  const again = await createBackup({ query, directory: folder, name: '1', parts: 'all' })
  expect(again).toMatchObject({ kind: 'refused', objections: [{ code: 'backup-failed' }] })
  const young = { directory: folder, keep: 2, keepForMs: 3_600_000 }
  expect(await pruneBackups(young)).toEqual([])
  expect(await pruneBackups({ directory: folder, keep: 2, needed: locations.slice(0, 1) })).toEqual(
    [locations[2], locations[1]],
  )
  expect((await readdir(folder)).toSorted()).toEqual(['1', '4', '5'])
})

it('refuses a backup that does not come back as it was, and rows that do not arrive [MIG-9]', async () => {
  await using database = await createTestDatabase()
  await database.query(
    `create table t (id int primary key, v text); insert into t values (1, 'two')`,
  )
  const query = queryOf(database)
  // A connection on which values change on their way to the server.
  const lossy: Query = (text, values = []) =>
    query(
      text,
      text.startsWith('insert')
        ? values.map((value) => String(value).replace('two', 'tow'))
        : values,
    )
  const folder = await newDirectory()
  const options = { directory: folder, parts: 'all' } as const
  const refused = await createBackup({ ...options, query: lossy, proof: 'rows' })
  expect(refused).toMatchObject({ kind: 'refused', objections: [{ object: 'public.t' }] })
  expect(await readdir(folder)).toEqual([])
  const { location } = done(await createBackup({ ...options, query }))
  const restored = await restoreTables({ query: lossy, location, tables: 'all', mode: 'replace' })
  expect(restored).toMatchObject({ kind: 'refused', objections: [{ code: 'backup-failed' }] })
  expect(await database.query('select v from t')).toEqual([{ v: 'two' }])
})

it('makes a whole database again from its backup, the ledger included [CNS-9] [MIG-14]', async () => {
  await using database = await createTestDatabase()
  await database.query(everyType)
  await database.query(awkward)
  await database.query(`create table boss (id serial primary key, over int references boss);
    insert into boss (over) values (null), (1);
    create view bosses as select b.id, b.over from boss b;
    create function twice(n int) returns int language sql immutable as 'select n * 2';
    create sequence alone start 5; select nextval('alone'), nextval('alone');
    create table doubled (n int, m int default nextval('alone'), d int generated always as (twice(n)) stored);
    insert into doubled (n) values (1), (2); create index on doubled (twice(n));
    comment on table boss is 'who tells whom'`)
  await executeOn(database, [plainMigration('0001_more', 'create table more (id int)')])
  const folder = await newDirectory()
  const query = queryOf(database)
  const { location, manifest } = done(
    await createBackup({ query, directory: folder, parts: 'all' }),
  )
  await using other = await createTestDatabase()
  const target = queryOf(other)
  const restored = await restoreDatabase({ query: target, location })
  expect(restored).toMatchObject({ kind: 'done', skipped: [] })
  expect(fingerprintOf(await readFacts(target))).toEqual(fingerprintOf(await readFacts(query)))
  const again = done(await createBackup({ query: target, directory: folder, parts: 'all' }))
  expect(contents(again.manifest)).toEqual(contents(manifest))
  expect(again.manifest.sequences).toEqual(manifest.sequences)
  expect(
    await executeOn(other, [plainMigration('0001_more', 'create table more (id int)')]),
  ).toMatchObject({
    kind: 'nothing-to-do',
  })
  expect(await restoreDatabase({ query: target, location })).toMatchObject({ kind: 'refused' })
  await writeFile(join(location, manifest.catalog?.file ?? ''), 'spoilt')
  expect((await verifyBackup(location)).kind).toBe('refused')
}, 240_000)
