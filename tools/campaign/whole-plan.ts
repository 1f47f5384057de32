/** One campaign of the repository in its full form, and small enough to try whether it runs. */
export type Step = {
  readonly name: string
  /** What it proves, for the report. */
  readonly proves: string
  readonly verb: string
  readonly args: readonly string[]
  readonly quickArgs: readonly string[]
  /** Whether it takes `--seed N`. */
  readonly isSeeded: boolean
}

type Row = readonly [
  name: string,
  proves: string,
  verb: string,
  args: string,
  quickArgs: string,
  seed?: 'seeded',
]

const words = (text: string) => text.split(' ').filter((word) => word !== '')

const rows: readonly Row[] = [
  [
    'exactly-once',
    'Issues and cards while answers are lost',
    'chaos:exactly-once',
    '--creates 5000',
    '--creates 200',
    'seeded',
  ],
  [
    'approve',
    'Approvals while the server is killed',
    'chaos:approve',
    '--kills 200',
    '--kills 10',
    'seeded',
  ],
  [
    'splits',
    'Approvals of split stories under faults',
    'chaos:approve',
    '--splits 1000',
    '--splits 20',
    'seeded',
  ],
  [
    'streams',
    'Readers that are cut at random bytes',
    'chaos:streams',
    '--streams 1000 --cuts 100',
    '--streams 20 --cuts 20',
    'seeded',
  ],
  [
    'uploads',
    'Kills at random moments of uploads',
    'chaos:uploads',
    '--kills 1000',
    '--kills 20',
    'seeded',
  ],
  [
    'deletion',
    'Projects that are deleted while things come',
    'chaos:deletion',
    '--graphs 10000',
    '--graphs 100',
    'seeded',
  ],
  [
    'migrate-kills',
    'Kills of the migration engine',
    'chaos:migrate',
    '--kills 1000',
    '--kills 20',
    'seeded',
  ],
  [
    'migrate-properties',
    'What holds whatever the history is',
    'campaign:migrate',
    'properties --runs 1000',
    'properties --runs 10',
    'seeded',
  ],
  [
    'migrate-verdicts',
    'Order of generated histories with known truth',
    'campaign:migrate',
    'verdicts',
    'verdicts --histories 50',
    'seeded',
  ],
  [
    'migrate-lock-queue',
    'How long an application waits',
    'campaign:migrate',
    'lock-queue',
    'lock-queue --blocker 5',
  ],
  [
    'migrate-majors',
    'The tests of the engine on PostgreSQL 14 to 17',
    'campaign:migrate',
    'postgres 14 15 16 17',
    'postgres 14 --shard 1/5',
  ],
  ['security', 'What nobody should be able to ask', 'campaign:security', '', ''],
  ['metadata', 'Stories in generated Jiras of 200 shapes', 'campaign:metadata', '', '--shapes 20'],
  ['mcp', 'MCP servers and client judged by others', 'campaign:mcp', '', ''],
  ['poison', 'Poisoned things before an obedient model', 'campaign:poison', '', ''],
  ['formats', 'Documents through four formats and back', 'campaign:formats', '', '--documents 50'],
  ['hostile-files', 'Hostile files', 'campaign:hostile-files', '', ''],
  [
    'stories',
    'Requirements to Jira with models that misbehave',
    'bench:stories',
    '',
    '--stories 10',
  ],
  ['bench-migrate', 'Speed of the engine beside its peers', 'bench:migrate', '', ''],
  ['bench', 'Speed and memory of the product', 'bench', '', '--quick'],
]

export const steps: readonly Step[] = rows.map(([name, proves, verb, args, quickArgs, seed]) => ({
  name,
  proves,
  verb,
  args: words(args),
  quickArgs: words(quickArgs),
  isSeeded: seed === 'seeded',
}))
