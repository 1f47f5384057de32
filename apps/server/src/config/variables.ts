import { passwordPolicy, registrationWay } from '@studioops/contracts/installation'
import { z } from 'zod'

/** A text in both languages of the product. */
export type Words = { readonly en: string; readonly he: string }

/** What may stand in a variable, in words, and one value that would do. */
export type Form = Words & { readonly example?: string }

export type Variable = {
  readonly schema: z.ZodType
  readonly form: Form
  readonly preset?: string
  /** Where an environment has a preset of its own. */
  readonly presets?: Readonly<Partial<Record<'development' | 'production', string>>>
  /** What a container is given; only what differs from the preset. */
  readonly container?: string
  readonly description: string
  readonly secret?: true
}

const portNumber = z.coerce.number().int().min(0).max(65_535)
const flag = z.enum(['true', 'false']).transform((value) => value === 'true')
const list = z.string().transform((value) =>
  value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
)
/** As a browser writes it: scheme, host and port. */
const isOrigin = (text: string) => text === '*' || URL.parse(text)?.origin === text
const postgresUrl = z.url({ protocol: /^postgres(ql)?$/ }).optional()
const webUrl = z.url({ protocol: /^https?$/ }).optional()

/** Words, or a JSON array where a word has a space in it; there is no shell that could read quotes. */
const commandLine = z.string().transform((text, context) => {
  const words = text.trim().startsWith('[') ? parseWords(text) : text.trim().split(/\s+/)
  if (words !== undefined && words.length > 0) return words
  context.addIssue({ code: 'custom', message: 'no command' })
  return z.NEVER
})

const commandsShape = z.record(z.string().regex(/^[\w-]{1,60}$/), z.array(z.string().min(1)).min(1))

const toolCommands = z.string().transform((text, context) => {
  try {
    return commandsShape.parse(JSON.parse(text))
  } catch {
    context.addIssue({ code: 'custom', message: 'no commands' })
    return z.NEVER
  }
})

function parseWords(text: string): string[] | undefined {
  try {
    return z.array(z.string().min(1)).parse(JSON.parse(text))
  } catch {
    return undefined
  }
}

/** A whole number between two bounds, as text; `z.coerce` would take an empty text for 0. */
const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .pipe(z.number().min(least).max(most))

const between = (least: number, most: number, example: string): Form => ({
  en: `a whole number from ${least} to ${most}`,
  he: `מספר שלם מ־${least} עד ${most}`,
  example,
})

const forms = {
  port: {
    en: 'a port from 0 to 65535, 0 for any free one',
    he: 'פורט מ־0 עד 65535, 0 לכל פורט פנוי',
    example: '8080',
  },
  flag: { en: 'true or false', he: 'true או false', example: 'true' },
  environment: {
    en: 'development, production or test',
    he: 'development, production או test',
    example: 'production',
  },
  address: { en: 'an address to bind to', he: 'כתובת להאזנה', example: '127.0.0.1' },
  webUrl: { en: 'an http(s) URL', he: 'כתובת http(s)', example: 'https://studioops.example.com' },
  directory: { en: 'a directory', he: 'תיקייה', example: './data' },
  postgresUrl: {
    en: 'postgresql://user:password@host:port/database',
    he: 'postgresql://user:password@host:port/database',
  },
  migrateMode: { en: 'up, check or off', he: 'up, check או off', example: 'up' },
  policy: {
    en: 'development or production',
    he: 'development או production',
    example: 'production',
  },
  metricsToken: { en: 'text of 16 to 500 characters', he: 'טקסט של 16 עד 500 תווים' },
  samplingRates: {
    en: 'type or type.operation = a whole number, separated by commas',
    he: 'סוג או סוג.פעולה = מספר שלם, מופרדים בפסיקים',
    example: 'storage.read=5,cache=10',
  },
  secretText: { en: 'text of 8 to 500 characters', he: 'טקסט של 8 עד 500 תווים' },
  key: { en: '64 hex digits', he: '64 ספרות הקסדצימליות' },
  keys: {
    en: '64 hex digits, several separated by commas',
    he: '64 ספרות הקסדצימליות, כמה מפתחות מופרדים בפסיקים',
  },
  command: {
    en: 'a program and its arguments, separated by spaces or as a JSON array',
    he: 'תוכנית והארגומנטים שלה, מופרדים ברווחים או כמערך JSON',
    example: '["vault","kv","get","-field=key","secret/studioops"]',
  },
  idleMinutes: { en: '15, 20 or 30', he: '15, 20 או 30', example: '20' },
  hosts: {
    en: 'host, host:port, address:port or address range, separated by commas',
    he: 'host, host:port, address:port או טווח כתובות, מופרדים בפסיקים',
    example: 'jira.corp.example,10.20.0.0/16',
  },
  toolCommands: {
    en: 'a JSON object of names, each with its command as a list of words',
    he: 'אובייקט JSON של שמות, ולכל שם הפקודה שלו כרשימת מילים',
    example: '{"files":["node","/opt/files-mcp/server.js"]}',
  },
  registrationWays: {
    en: 'jira_pat, invite and local, separated by commas',
    he: 'jira_pat, invite ו־local, מופרדים בפסיקים',
    example: 'jira_pat,invite',
  },
  passwordPolicy: { en: 'composition or asvs', he: 'composition או asvs', example: 'asvs' },
  personName: { en: 'a name of up to 100 characters', he: 'שם של עד 100 תווים', example: 'Dana' },
  email: { en: 'an e-mail address', he: 'כתובת דוא״ל', example: 'dana@studio.example' },
  ownerPassword: {
    en: 'a password that meets PASSWORD_POLICY',
    he: 'סיסמה שעומדת ב־PASSWORD_POLICY',
  },
  passphrase: {
    en: '12 characters or more',
    he: '12 תווים או יותר',
  },
  origins: {
    en: 'origins such as https://intranet.example, separated by commas',
    he: 'מקורות כגון https://intranet.example, מופרדים בפסיקים',
    example: 'https://intranet.example',
  },
  proxies: {
    en: 'addresses or ranges, separated by commas',
    he: 'כתובות או טווחים, מופרדים בפסיקים',
    example: '10.0.0.7,10.1.0.0/16',
  },
  pdfReader: { en: 'pdfjs or pdftotext', he: 'pdfjs או pdftotext', example: 'pdftotext' },
  logLevel: {
    en: 'debug, info, warn, error or silent',
    he: 'debug, info, warn, error או silent',
    example: 'info',
  },
  seconds: { en: 'seconds separated by commas', he: 'שניות מופרדות בפסיקים', example: '5,30,120' },
} as const satisfies Record<string, Form>

const samplingRates = z
  .string()
  .regex(/^(?:[a-z]+(?:\.[a-z-]+)?=[1-9]\d{0,5}(?:,(?!$)|$))*$/)
  .transform((value) =>
    Object.fromEntries(
      value
        .split(',')
        .filter((rate) => rate !== '')
        .map((rate) => {
          const [name = '', count = '1'] = rate.split('=')
          return [name, Number(count)] as const
        }),
    ),
  )

/** Every variable that the product reads. The manual, the templates and the start check are made from this. */
export const variables = {
  NODE_ENV: {
    schema: z.enum(['development', 'production', 'test']),
    form: forms.environment,
    preset: 'development',
    container: 'production',
    description: 'Production refuses an insecure public address.',
  },
  PORT: {
    schema: portNumber,
    form: forms.port,
    preset: '8080',
    description: 'Page, API, streams, MCP and probes. MONITORING_PORT is an alias.',
  },
  MONITORING_PORT: {
    schema: portNumber.optional(),
    form: forms.port,
    description: 'Alias of PORT; PORT wins where both are set. Without both it is 8080.',
  },
  MONITORING_ENABLED: {
    schema: flag,
    form: forms.flag,
    preset: 'true',
    description:
      'False: neither events nor the room of monitoring; metrics and health stay as they are.',
  },
  HOST: {
    schema: z.string().min(1),
    form: forms.address,
    preset: '127.0.0.1',
    container: '0.0.0.0',
    description: 'Address of the main listener; 0.0.0.0 opens it to other machines.',
  },
  PUBLIC_URL: {
    schema: webUrl,
    form: forms.webUrl,
    description: 'Address that people type, where a proxy stands before the product.',
  },
  TRELLO_APP_SECRET: {
    schema: z.string().min(8).max(500).optional(),
    form: forms.secretText,
    description:
      'Secret of the Power-Up whose API key people use. With it and PUBLIC_URL, Trello calls when a board changes.',
    secret: true,
  },
  SINGLE_PORT: {
    schema: flag,
    form: forms.flag,
    preset: 'false',
    container: 'true',
    description: 'True: nothing but PORT is opened.',
  },
  REALTIME_PORT: {
    schema: portNumber,
    form: forms.port,
    preset: '8079',
    description:
      'WebSockets on a loopback port of their own; they are on PORT as well. A taken port is a warning, no failure.',
  },
  HEALTH_CHECK_PORT: {
    schema: portNumber,
    form: forms.port,
    preset: '8081',
    description: 'Probes on a loopback port of their own. A taken port is a warning, no failure.',
  },
  HEALTH_CHECK_ENABLED: {
    schema: flag,
    form: forms.flag,
    preset: 'true',
    description: 'False: no separate health port.',
  },
  HEALTH_CHECK_INTERVAL_SECONDS: {
    schema: whole(5, 3_600),
    form: between(5, 3_600, '30'),
    preset: '30',
    description:
      'How often the running product checks its own configuration: database, disk, files.',
  },
  HEALTH_CHECK_TIMEOUT_MS: {
    schema: whole(100, 60_000),
    form: between(100, 60_000, '2000'),
    preset: '2000',
    description: 'How long one check, and the readiness probe, may take.',
  },
  METRICS_PORT: {
    schema: portNumber,
    form: forms.port,
    preset: '8000',
    description:
      'Metrics for Prometheus on a loopback port of their own. A taken port is a warning, no failure.',
  },
  METRICS_ENABLED: {
    schema: flag,
    form: forms.flag,
    preset: 'true',
    description: 'False: no separate port of metrics.',
  },
  METRICS_TOKEN: {
    schema: z.string().min(16).max(500).optional(),
    form: forms.metricsToken,
    description:
      'Lets Prometheus read /metrics of the main port, as a bearer token. Absent: administrators only.',
    secret: true,
  },
  MONITORING_SAMPLING: {
    schema: samplingRates,
    form: forms.samplingRates,
    preset: 'storage.read=5,websocket.send=10,cache=10',
    description:
      'Of which operations only one in so many becomes an event; errors and slow ones always do.',
  },
  MONITORING_RETENTION_DAYS: {
    schema: whole(1, 365),
    form: between(1, 365, '30'),
    preset: '30',
    description:
      'How long stored events stay; changes of levels and dependencies stay three times as long.',
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    schema: webUrl,
    form: { ...forms.webUrl, example: 'http://127.0.0.1:4318' },
    description: 'Collector of traces. Accepted already; traces come later.',
  },
  STUDIOOPS_DATA_DIR: {
    schema: z.string().min(1),
    form: forms.directory,
    preset: './data',
    container: '/data',
    description: 'Keys, embedded database and files. One process at a time.',
  },
  COMPANY_MODEL_DIR: {
    schema: z.string().min(1).optional(),
    form: { ...forms.directory, example: './data/company-model' },
    description:
      'Where config.json, header.json, payload.json and prompts.json of the company model are. Absent: company-model in the data directory.',
  },
  DATABASE_URL: {
    schema: postgresUrl,
    form: forms.postgresUrl,
    description: 'PostgreSQL 14 or later to use. Absent: an embedded one in the data directory.',
    secret: true,
  },
  DATABASE_DIRECT_URL: {
    schema: postgresUrl,
    form: forms.postgresUrl,
    description:
      'The same database past a connection pooler, as the owner of the tables; used for upgrades.',
    secret: true,
  },
  SHADOW_DATABASE_URL: {
    schema: postgresUrl,
    form: forms.postgresUrl,
    description:
      'A PostgreSQL of the same version, on which upgrades are tried where the own server does not allow it.',
    secret: true,
  },
  DATABASE_POOL_MAX: {
    schema: whole(2, 200),
    form: between(2, 200, '10'),
    preset: '10',
    description:
      'Connections for the work of people, at most; background work has three of its own.',
  },
  DATABASE_CONNECT_TIMEOUT_MS: {
    schema: whole(100, 60_000),
    form: between(100, 60_000, '2000'),
    preset: '2000',
    description: 'How long a request waits for a connection to the database.',
  },
  DATABASE_STATEMENT_TIMEOUT_MS: {
    schema: whole(500, 600_000),
    form: between(500, 600_000, '5000'),
    preset: '5000',
    description: 'How long one statement may run before the database ends it.',
  },
  DATABASE_IDLE_SECONDS: {
    schema: whole(1, 3_600),
    form: between(1, 3_600, '30'),
    preset: '30',
    description: 'After which time an unused connection to the database is closed.',
  },
  OUTBOUND_CONNECT_TIMEOUT_MS: {
    schema: whole(100, 60_000),
    form: between(100, 60_000, '2000'),
    preset: '2000',
    description: 'How long connecting to Jira, a model or another outside system may take.',
  },
  OUTBOUND_TLS_TIMEOUT_MS: {
    schema: whole(100, 60_000),
    form: between(100, 60_000, '3000'),
    preset: '3000',
    description: 'How long the TLS handshake after that may take.',
  },
  MIGRATE_ON_START: {
    schema: z.enum(['up', 'check', 'off']),
    form: forms.migrateMode,
    preset: 'up',
    description:
      'Up: the start upgrades the database. Check: it waits with a page until somebody has. Off: it does not look.',
  },
  MIGRATE_POLICY: {
    schema: z.enum(['development', 'production']).optional(),
    form: forms.policy,
    description:
      'Production refuses upgrades that are not proven; development applies them and warns. Absent: as NODE_ENV says.',
  },
  MIGRATE_FULL_BACKUP: {
    schema: flag,
    form: forms.flag,
    preset: 'false',
    description:
      'The whole database is copied into backups/ of the data directory, verified, before an upgrade begins; studioops migrate restore brings it back. Without it, what an upgrade destroys is kept.',
  },
  STUDIOOPS_MASTER_KEY: {
    schema: z
      .string()
      .regex(/^[0-9a-f]{64}$/i)
      .optional(),
    form: forms.key,
    description: 'Opens the stored secrets. Absent: made once and kept in the data directory.',
    secret: true,
  },
  STUDIOOPS_MASTER_KEY_PREVIOUS: {
    schema: z
      .string()
      .regex(/^[0-9a-f]{64}(,[0-9a-f]{64})*$/i)
      .transform((value) => value.split(','))
      .optional(),
    form: forms.keys,
    description:
      'Earlier master keys that still open what they closed, until studioops keys rotate has ended.',
    secret: true,
  },
  STUDIOOPS_MASTER_KEY_COMMAND: {
    schema: commandLine.optional(),
    form: forms.command,
    description:
      'Instead of STUDIOOPS_MASTER_KEY: a program that writes the key to its standard output; started without a shell.',
  },
  SESSION_TIMEOUT_MINUTES: {
    schema: z.enum(['15', '20', '30']).transform(Number),
    form: forms.idleMinutes,
    preset: '20',
    description: 'Idle minutes after which a person is signed out.',
  },
  AUTH_REGISTRATION: {
    schema: list.pipe(z.array(registrationWay)),
    form: forms.registrationWays,
    preset: 'jira_pat,invite',
    description:
      'How people get an account: by their Jira token, by invitation, or without either. Administrators can decide otherwise.',
  },
  PASSWORD_POLICY: {
    schema: passwordPolicy,
    form: forms.passwordPolicy,
    preset: 'composition',
    description:
      'Composition: 8 characters of four kinds. ASVS: 15 characters that are not commonly guessed, of any kind.',
  },
  INIT_OWNER_NAME: {
    schema: z.string().trim().min(1).max(100).optional(),
    form: forms.personName,
    description: 'With INIT_OWNER_PASSWORD: the name of the owner that the first start makes.',
  },
  INIT_OWNER_EMAIL: {
    schema: z.email().max(254).optional(),
    form: forms.email,
    description: 'With INIT_OWNER_PASSWORD: the e-mail address of that owner.',
  },
  INIT_OWNER_PASSWORD: {
    schema: z.string().min(1).max(1_024).optional(),
    form: forms.ownerPassword,
    description:
      'Makes an owner without Jira where nobody has an account yet. Without effect afterwards.',
    secret: true,
  },
  ALLOWED_INTEGRATION_HOSTS: {
    schema: list,
    form: forms.hosts,
    preset: '',
    description:
      'Addresses inside your network that integrations may reach; loopback needs address:port.',
  },
  MCP_STDIO_SERVERS: {
    schema: toolCommands,
    form: forms.toolCommands,
    preset: '{}',
    description:
      'MCP servers that people may run as programs here: a JSON object of a name and its command.',
  },
  S3_ENDPOINT: {
    schema: webUrl,
    form: { ...forms.webUrl, example: 'https://minio.corp.example' },
    description:
      'An S3-compatible store for files, asked by path. Wins over the one that administrators set up on the page. Absent, and none set up: files lie in the data directory.',
  },
  S3_BUCKET: {
    schema: z.string().min(1).max(63).optional(),
    form: { en: 'the name of a bucket', he: 'שם של דלי (bucket)', example: 'studioops' },
    description: 'With S3_ENDPOINT: the bucket; it has to exist.',
  },
  S3_REGION: {
    schema: z.string().min(1).max(100),
    form: { en: 'a region', he: 'אזור', example: 'us-east-1' },
    preset: 'us-east-1',
    description: 'With S3_ENDPOINT: the region that requests are signed for.',
  },
  S3_ACCESS_KEY_ID: {
    schema: z.string().min(1).max(200).optional(),
    form: { en: 'the id of an access key', he: 'מזהה של מפתח גישה', example: 'studioops' },
    description: 'With S3_ENDPOINT: who asks.',
  },
  S3_SECRET_ACCESS_KEY: {
    schema: z.string().min(1).max(400).optional(),
    form: { en: 'the secret of that key', he: 'הסוד של אותו מפתח' },
    description: 'With S3_ENDPOINT: the secret of the access key.',
    secret: true,
  },
  PDF_READER: {
    schema: z.enum(['pdfjs', 'pdftotext']),
    form: forms.pdfReader,
    preset: 'pdfjs',
    description:
      'Who reads the text of PDFs: pdf.js, which is a part of this; or the program pdftotext of poppler where it is installed, twice as fast, which does not tell headings. What it cannot read pdf.js tries.',
  },
  EMBEDDING_BASE_URL: {
    schema: webUrl,
    form: { ...forms.webUrl, example: 'https://ollama.corp.example/v1' },
    description:
      'An OpenAI-compatible server whose `/embeddings` says what passages of documents mean; what is found by that joins what is found by words. The text of all documents is sent to it. Absent: by words only.',
  },
  EMBEDDING_MODEL: {
    schema: z.string().min(1).max(200),
    form: { en: 'the name of a model', he: 'שם של מודל', example: 'bge-m3' },
    preset: 'bge-m3',
    description:
      'With EMBEDDING_BASE_URL: the model. Another one has all documents asked for again.',
  },
  EMBEDDING_API_KEY: {
    schema: z.string().min(1).max(400).optional(),
    form: { en: 'the key of that server', he: 'המפתח של אותו שרת' },
    description: 'With EMBEDDING_BASE_URL: the key, where the server wants one.',
    secret: true,
  },
  FILE_CACHE_MB: {
    schema: whole(0, 10_000_000),
    form: between(0, 10_000_000, '2000'),
    preset: '2000',
    description:
      'How much of what lies in an S3-compatible store is kept on this machine as well, what was opened last first.',
  },
  TOOL_REFRESH_HOURS: {
    schema: whole(1, 168),
    form: between(1, 168, '6'),
    preset: '6',
    description: 'How old a list of tools of an MCP server may get before it is read again.',
  },
  CORS_ORIGINS: {
    schema: list.refine((origins) => origins.every(isOrigin)),
    form: forms.origins,
    preset: '',
    description:
      'Pages of other origins that may call the API. Empty: none. `*` is refused in production.',
  },
  TRUSTED_PROXIES: {
    schema: list,
    form: forms.proxies,
    preset: '',
    description: 'Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed. Empty: none.',
  },
  RATE_LIMIT_PER_MINUTE: {
    schema: whole(0, 100_000),
    form: between(0, 100_000, '300'),
    preset: '300',
    description:
      'How often one person may ask one route in a minute; visitors are told apart by address. 0: no limit.',
  },
  WORKER: {
    schema: flag,
    form: forms.flag,
    preset: 'true',
    description:
      'False: this server carries out no background jobs and no writes of the outbox; studioops worker does, beside it or on other machines.',
  },
  AUDIT_RETENTION_DAYS: {
    schema: whole(30, 36_500).optional(),
    form: between(30, 36_500, '365'),
    description:
      'Entries of the audit log that are older leave the database: once an hour they are sealed into a file of audit/closed of the data directory, which may then be moved or deleted; the chain goes on from their last hash. Absent: they stay.',
  },
  BACKUP_DIRECTORY: {
    schema: z.string().min(1).optional(),
    form: { ...forms.directory, example: '/mnt/backups/studioops' },
    description:
      'Where studioops backup keeps its archives. Absent: backups in the data directory; a disk of its own is better.',
  },
  BACKUP_PASSPHRASE: {
    schema: z.string().min(12).max(1_024).optional(),
    form: forms.passphrase,
    description:
      'Seals every backup; without it nobody opens them again, so keep it elsewhere. Absent: backups are not sealed, and their secrets are still closed under the master key.',
    secret: true,
  },
  LOG_LEVEL: {
    schema: z.enum(['debug', 'info', 'warn', 'error', 'silent']),
    form: forms.logLevel,
    preset: 'info',
    presets: { development: 'debug', production: 'info' },
    description: 'The least important line that is still written.',
  },
  OUTBOX_LOOKUP_SECONDS: {
    schema: z
      .string()
      .regex(/^\d+(\.\d+)?(,\d+(\.\d+)?)*$/)
      .transform((value) => value.split(',').map(Number)),
    form: forms.seconds,
    preset: '5,30,120',
    description: 'When to look again for a write whose answer was lost, before a person is asked.',
  },
} as const satisfies Record<string, Variable>

export type VariableName = keyof typeof variables
export type Values = { [N in VariableName]: z.output<(typeof variables)[N]['schema']> }

export const variableEntries: readonly (readonly [VariableName, Variable])[] = Object.entries(
  variables,
) as [VariableName, Variable][]

/** What holds where nothing is set, in one environment. */
export function presetOf(variable: Variable, environment: string | undefined): string | undefined {
  const own = variable.presets?.[environment as 'development' | 'production']
  return own ?? variable.preset
}
