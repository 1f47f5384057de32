import type { ClientConfig } from 'pg'

type Environment = Readonly<Record<string, string | undefined>>

/** Which database is meant, in words that may be printed. */
export type Connection = {
  readonly config: ClientConfig
  /** Such as `app@db.example.com:5432/app`; never a password. */
  readonly title: string
}

export type ChosenConnection =
  | ({ readonly kind: 'chosen' } & Connection)
  | { readonly kind: 'none' }
  /** `source` is the option or variable; its value is not repeated, it may hold a password. */
  | { readonly kind: 'unreadable'; readonly source: string }

const libpqNames = ['PGHOST', 'PGHOSTADDR', 'PGDATABASE', 'PGSERVICE']

/**
 * `--url`, else MIGRATION_DATABASE_URL (the direct way past a pooler), else DATABASE_URL, else the
 * variables of libpq where one of them names a host or a database.
 */
export function chooseConnection(url: string | undefined, env: Environment): ChosenConnection {
  const sources = [
    ['--url', url],
    ['MIGRATION_DATABASE_URL', env['MIGRATION_DATABASE_URL']],
    ['DATABASE_URL', env['DATABASE_URL']],
  ] as const
  for (const [source, text] of sources)
    if (text !== undefined && text.trim() !== '') return readUrl(source, text.trim())
  if (!libpqNames.some((name) => (env[name] ?? '') !== '')) return { kind: 'none' }
  return { kind: 'chosen', config: {}, title: libpqTitle(env) }
}

function libpqTitle(env: Environment): string {
  const user = env['PGUSER'] ?? env['USER'] ?? ''
  const host = env['PGHOST'] ?? env['PGHOSTADDR'] ?? 'localhost'
  return titleOf({ user, host, port: env['PGPORT'] ?? '', database: env['PGDATABASE'] ?? user })
}

/** @param source for the message where the text is no address */
export function readUrl(source: string, text: string): ChosenConnection {
  // `postgres://user@/name?host=/run/postgresql` is an address for `pg`, and none for the standard.
  const standard = text.replace(/^([a-z]+:\/\/[^/?#]*@)\//i, '$1localhost/')
  const url = URL.canParse(standard) ? new URL(standard) : undefined
  if (url === undefined || !/^postgres(?:ql)?:$/.test(url.protocol))
    return { kind: 'unreadable', source }
  const decode = (part: string) => {
    try {
      return decodeURIComponent(part)
    } catch {
      return part
    }
  }
  const title = titleOf({
    user: decode(url.username),
    host: url.searchParams.get('host') ?? decode(url.hostname),
    port: url.port || (url.searchParams.get('port') ?? ''),
    database: decode(url.pathname.replace(/^\//, '')),
  })
  return { kind: 'chosen', config: { connectionString: text }, title }
}

type Parts = {
  readonly user: string
  readonly host: string
  readonly port: string
  readonly database: string
}

/** A connection as it may be printed. */
export function titleOf({ user, host, port, database }: Parts): string {
  const who = user === '' ? '' : `${user}@`
  const where = `${host === '' ? 'localhost' : host}${port === '' ? '' : `:${port}`}`
  return `${who}${where}/${database}`
}
