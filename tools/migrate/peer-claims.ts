import { setTimeout as sleep } from 'node:timers/promises'
import type { PeerMigration, PeerRun, Trial } from './peer-trial.ts'

/** What came out: the sign of the table and a word beside it. */
export type Verdict = { readonly holds: 'yes' | 'partly' | 'no'; readonly word: string }

/** Something that a tool does or does not do, and how to find out on a real server. */
export type Claim = {
  readonly title: string
  /** One sentence for readers who want to repeat it. */
  readonly how: string
  try(trial: Trial): Promise<Verdict>
}

const yes = (word = ''): Verdict => ({ holds: 'yes', word })
const partly = (word: string): Verdict => ({ holds: 'partly', word })
const no = (word = ''): Verdict => ({ holds: 'no', word })

const people: PeerMigration = {
  id: '0001_people',
  sql: 'create table people (id bigint primary key, email varchar(50));',
  down: 'drop table people;',
}

const isThere = async (trial: Trial, table: string) => {
  const [row] = await trial.query('select to_regclass($1) is not null as there', [table])
  return row?.['there'] === true
}

const indexState = async (trial: Trial, index: string) => {
  const [row] = await trial.query(
    'select indisvalid as valid from pg_index where indexrelid = to_regclass($1)',
    [index],
  )
  if (row === undefined) return 'missing'
  return row['valid'] === true ? 'valid' : 'invalid'
}

const crlf = (text: string) => text.replaceAll('\n', '\r\n')

/** `yes` where a run went as it should; otherwise the first line of what it said is of no use here. */
const isDone = ({ exitCode }: PeerRun) => exitCode === 0

export const claims: readonly Claim[] = [
  {
    title: 'A file that fails leaves nothing of itself behind',
    how: 'the second of two statements divides by zero; is the table of the first there?',
    async try(trial) {
      await trial.run('up', [
        people,
        { id: '0002_half', sql: 'create table half (id int);\nselect 1 / 0;' },
      ])
      return (await isThere(trial, 'half')) ? no() : yes()
    },
  },
  {
    title: 'Names the file that makes a missing column, and runs nothing',
    how: 'file 3 indexes a column that file 4 adds',
    async try(trial) {
      const { exitCode, output } = await trial.run('up', [
        people,
        { id: '0002_documents', sql: 'create table documents (id bigint primary key);' },
        { id: '0003_lookup', sql: 'create index lookup on documents (project_id);' },
        { id: '0004_project', sql: 'alter table documents add column project_id bigint;' },
      ])
      const names = exitCode !== 0 && output.includes('0004_project')
      const clean = !(await isThere(trial, 'people'))
      if (names && clean) return yes()
      return clean ? partly('fails, rolled back') : no('fails half way')
    },
  },
  {
    title: 'Notices that a file which has run was edited',
    how: 'varchar(50) becomes varchar(60) in file 1, then file 2 is applied',
    async try(trial) {
      await trial.run('up', [people])
      const sql = people.sql.replace('50', '60')
      const edited = { ...people, sql, written: people.sql }
      const second = { id: '0002_more', sql: 'create table more (id int);' }
      return isDone(await trial.run('up', [edited, second])) ? no('silent') : yes('refuses')
    },
  },
  {
    title: 'Takes a checkout with CRLF for the same files',
    how: 'file 1 has run with LF; it comes back with CRLF and a file 2',
    async try(trial) {
      const sql = 'create table lines (\n  id bigint primary key\n);\n'
      const first = { id: '0001_lines', sql }
      await trial.run('up', [first])
      const second = { id: '0002_more', sql: crlf('create table more (\n  id int\n);\n') }
      const again = { ...first, sql: crlf(sql), written: sql }
      return isDone(await trial.run('up', [again, second])) ? yes() : no('refuses')
    },
  },
  {
    title: 'Applies an older file that was merged late and touches nothing else',
    how: 'files 1 and 3 have run; file 2 arrives',
    async try(trial) {
      const third: PeerMigration = {
        id: '0003_cities',
        sql: 'create table cities (id int);',
        after: '0001_people',
      }
      const late: PeerMigration = {
        id: '0002_late',
        sql: 'create table late (id int);',
        after: '0001_people',
      }
      await trial.run('up', [people, third])
      const { exitCode } = await trial.run('up', [people, late, third])
      if (await isThere(trial, 'late')) return yes()
      return exitCode === 0 ? no('skips it silently') : partly('refuses')
    },
  },
  {
    title: 'Refuses an older file that would have given another schema',
    how: 'file 3 renamed the table that the late file 2 creates under its old name',
    async try(trial) {
      const third: PeerMigration = {
        id: '0003_rename',
        sql: 'alter table people rename to persons;',
        after: '0001_people',
      }
      const late: PeerMigration = {
        id: '0002_late',
        sql: 'create table if not exists people (id bigint primary key, email varchar(50));',
        after: '0001_people',
      }
      await trial.run('up', [people, third])
      const { exitCode } = await trial.run('up', [people, late, third])
      if (exitCode !== 0) return yes()
      return (await isThere(trial, 'people')) ? no('two tables now') : no('skips it silently')
    },
  },
  {
    title: 'Two starters at once: one works, the other finds nothing to do',
    how: 'both start on an empty database with twenty files, and twice more with ten more',
    async try(trial) {
      const files = Array.from({ length: 40 }, (_, index) => ({
        id: `${String(index + 1).padStart(4, '0')}_t${index}`,
        sql: `create table t${index} (id int);`,
      }))
      for (const count of [20, 30, 40]) {
        const some = files.slice(0, count)
        const runs = await Promise.all([trial.run('up', some), trial.run('up', some)])
        const failed = runs.filter((run) => !isDone(run)).length
        if (!(await isThere(trial, `t${count - 1}`))) return no('both fail')
        if (failed > 0) return no('one fails')
      }
      return yes()
    },
  },
  {
    title: 'A unique index that fails on duplicates leaves nothing to mend by hand',
    how: 'CREATE UNIQUE INDEX CONCURRENTLY meets duplicates; they are removed, and the tool starts again',
    async try(trial) {
      const files: PeerMigration[] = [
        { id: '0001_rows', sql: 'create table rows_ (k int);' },
        {
          id: '0002_unique',
          sql: 'create unique index concurrently rows_k on rows_ (k);',
          alone: true,
        },
      ]
      await trial.run('up', files.slice(0, 1))
      await trial.query('insert into rows_ values (1), (1)')
      await trial.run('up', files)
      await trial.query('delete from rows_ where ctid in (select max(ctid) from rows_)')
      const { exitCode } = await trial.run('up', files)
      const state = await indexState(trial, 'rows_k')
      if (state === 'valid') return yes()
      if (state === 'missing') return no('cannot run it')
      return no(exitCode === 0 ? `calls it done, index ${state}` : `stays ${state}, by hand`)
    },
  },
  {
    title: 'Goes on by itself after kill -9 inside CREATE INDEX CONCURRENTLY',
    how: 'the runner is killed while the index waits for an open transaction; then it starts again',
    async try(trial) {
      const files: PeerMigration[] = [
        { id: '0001_rows', sql: 'create table rows_ (k int);\ninsert into rows_ values (1);' },
        { id: '0002_index', sql: 'create index concurrently rows_k on rows_ (k);', alone: true },
      ]
      await trial.run('up', files.slice(0, 1))
      const blocker = await trial.connect()
      await blocker.query('begin')
      await blocker.query('insert into rows_ values (2)')
      const running = await trial.begin('up', files)
      const building = await until(
        async () => (await indexState(trial, 'rows_k')) !== 'missing',
        running,
      )
      running.child.kill('SIGKILL')
      await running.ended
      // The server goes on until it notices; a person would look again after a moment, too.
      await blocker.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = $1 and query ilike $2',
        ['Lock', 'create index%'],
      )
      await blocker.query('rollback')
      if (!building) return no('cannot run it')
      const { exitCode } = await trial.run('up', files)
      const state = await indexState(trial, 'rows_k')
      if (exitCode === 0 && state === 'valid') return yes()
      return no(exitCode === 0 ? `calls it done, index ${state}` : 'fails until somebody drops it')
    },
  },
  {
    title: 'Readers behind an ALTER that waits are held up for a bounded time',
    how: 'a transaction that has read the table stays open for 12 s more; the slowest select of others',
    async try(trial) {
      await trial.run('up', [people])
      const reader = await trial.connect()
      await reader.query('begin')
      await reader.query('select from people')
      const alter = { id: '0002_alter', sql: 'alter table people add column age int;' }
      const running = await trial.begin('up', [people, alter])
      const isWaiting = async () => {
        const rows = await trial.query(
          `select from pg_locks where relation = 'people'::regclass and not granted`,
        )
        return rows.length > 0
      }
      if (!(await until(isWaiting, running))) return no('does not get that far')
      const slowestMs = await slowestSelect(await trial.connect(), 12_000)
      await reader.query('rollback')
      const { exitCode } = await running.ended
      const word = `${(slowestMs / 1_000).toFixed(1)} s`
      if (slowestMs < 6_000 && exitCode === 0) return yes(word)
      return no(word)
    },
  },
  {
    title: 'Knows the way back without being given one',
    how: 'down for a file with ALTER TABLE … ADD COLUMN and CREATE INDEX',
    async try(trial) {
      const second: PeerMigration = {
        id: '0002_age',
        sql: 'alter table people add column age int;\ncreate index people_age on people (age);',
      }
      await trial.run('up', [people, second])
      await trial.run('down', [people, second])
      const [row] = await trial.query(
        `select count(*)::int as n from pg_attribute where attrelid = to_regclass('people') and attname = 'age'`,
      )
      return row?.['n'] === 0 && (await isThere(trial, 'people')) ? yes() : no()
    },
  },
  {
    title: 'Going back brings dropped values back',
    how: 'file 2 drops a column with a value in it; down adds it again',
    async try(trial) {
      const second: PeerMigration = {
        id: '0002_drop',
        sql: '-- destructive: yes\nalter table people drop column email;',
        down: 'alter table people add column email varchar(50);',
      }
      await trial.run('up', [people])
      await trial.query(`insert into people values (1, 'noa@example.com')`)
      await trial.run('up', [people, second])
      await trial.run('down', [people, second])
      const rows = await trial.query('select to_jsonb(people) as row from people')
      if (!(await hasDroppedColumn(trial))) return no('does not drop it')
      const text = JSON.stringify(rows)
      if (!text.includes('email')) return no('no way back')
      return text.includes('noa@example.com') ? yes() : no('empty column')
    },
  },
  {
    title: 'Says that somebody changed the schema by hand',
    how: 'an index is dropped behind its back, then the tool is asked',
    async try(trial) {
      const second = { id: '0002_index', sql: 'create index people_email on people (email);' }
      await trial.run('up', [people, second])
      await trial.query('drop index people_email')
      const third = { id: '0003_more', sql: 'create table more (id int);' }
      const { exitCode, output } = await trial.run('up', [people, second, third])
      return exitCode !== 0 && output.includes('people_email') ? yes() : no('silent')
    },
  },
]

/** Whether a column of `people` has ever gone. */
async function hasDroppedColumn(trial: Trial): Promise<boolean> {
  const [row] = await trial.query(
    `select count(*)::int as n from pg_attribute where attrelid = to_regclass('people') and attisdropped`,
  )
  return row?.['n'] !== 0
}

async function until(
  check: () => Promise<boolean>,
  running: { readonly ended: Promise<unknown> },
): Promise<boolean> {
  let ended = false
  void running.ended.then(() => (ended = true))
  while (!ended) {
    if (await check()) return true
    await sleep(50)
  }
  return check()
}

async function slowestSelect(
  client: { query(text: string, values?: string[]): Promise<unknown> },
  forMs: number,
): Promise<number> {
  const end = performance.now() + forMs
  let slowest = 0
  // The last one may wait until the reader is gone; the server ends it then.
  await client.query(`select set_config('statement_timeout', $1, false)`, [`${forMs}`])
  while (performance.now() < end) {
    const began = performance.now()
    await client.query('select from people').catch(() => undefined)
    slowest = Math.max(slowest, performance.now() - began)
    await sleep(20)
  }
  return slowest
}
