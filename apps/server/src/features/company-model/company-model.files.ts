import type {
  CompanyFileProblem,
  CompanyOverview,
  CompanyVersion,
} from '@studioops/contracts/company-model'
import type { Language } from '@studioops/contracts/installation'
import {
  companyFileNames,
  type CompanyFiles,
  type CompanyTexts,
  readCompanyFiles,
} from '../../integrations/llm/company/company-files.ts'
import type { FileProblem } from '../../integrations/llm/company/file-problems.ts'
import type { Audit } from '../../platform/audit/audit.ts'
import type { Database } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import type { Log } from '../../platform/log/log.ts'
import { type CompanyFolder, hashOf, noTexts } from './company-model.folder.ts'
import * as store from './company-model.store.ts'

type InForce = {
  readonly texts: CompanyTexts
  readonly files: CompanyFiles
  readonly hash: string
  readonly row: Omit<store.VersionRow, 'files'>
}

type Disk = {
  readonly state: CompanyOverview['disk']['state']
  readonly problems: readonly FileProblem[]
  readonly texts?: CompanyTexts
  readonly checkedAt: Date
}

type Dependencies = {
  readonly database: Database
  readonly audit: Audit
  readonly log: Log
  readonly folder: CompanyFolder
  readonly examples: CompanyTexts
  /** Good files while the demo runs, for where there are none. */
  readonly demoTexts: () => CompanyTexts | undefined
  /** How often to look at the folder where nobody says that it has changed. */
  readonly checkEveryMs: number
}

export type CompanyFilesService = ReturnType<typeof createCompanyFiles>

/**
 * Which four files are in force. A change in the folder or in the editor is taken whole or not at
 * all, becomes a version, and holds from the next call on (CFG-10).
 */
export function createCompanyFiles(dependencies: Dependencies) {
  const { database, audit, log, folder, demoTexts } = dependencies
  let inForce: InForce | undefined
  let disk: Disk = { state: 'absent', problems: [], checkedAt: new Date() }
  let queue: Promise<unknown> = Promise.resolve()
  let demo: { texts: CompanyTexts; files: CompanyFiles } | undefined

  /** One after the other: folder, table and memory are compared and then changed. */
  function alone<T>(work: () => Promise<T>): Promise<T> {
    const next = queue.then(work)
    queue = next.catch(() => undefined)
    return next
  }

  function use(row: store.VersionRow): void {
    // Written by this service, and checked before.
    const texts = { ...noTexts, ...(row.files as object) } as CompanyTexts
    const read = readCompanyFiles(texts)
    if (read.kind === 'broken') {
      // A later product may ask for more than the one that let this version in.
      log.error({ version: row.number }, 'company model files of the newest version are not valid')
      return
    }
    inForce = { texts, files: read.files, hash: row.sha256, row }
  }

  async function refresh(): Promise<void> {
    const newest = await database.asMaintenance(store.findNewestVersion)
    if (newest !== undefined && newest.number !== inForce?.row.number) use(newest)
    if (newest === undefined && inForce !== undefined) await forget(inForce)
    await compareWithFolder()
  }

  /** What was in force was of a demo that somebody left. */
  async function forget({ hash }: InForce): Promise<void> {
    inForce = undefined
    const content = await folder.read()
    if (content.kind === 'there' && hashOf(content.texts) === hash) await folder.clear()
  }

  /**
   * Folder first: if this ends in the middle, the demo is still there and can be left again.
   *
   * @throws AppError `company-model.folder`
   */
  async function leaveDemo(): Promise<void> {
    const { newest, hasDemo } = await database.asMaintenance(store.findBeforeDemo)
    if (!hasDemo) return
    if (disk.state !== 'broken' && disk.state !== 'unreadable')
      await (newest === undefined ? folder.clear() : writeFolder(textsOf(newest))).catch(
        (error: unknown) => {
          const facts = { folder: folder.directory }
          throw new AppError('company-model.folder', { facts, cause: error })
        },
      )
    await database.asMaintenance(store.deleteDemoVersions)
    inForce = undefined
    await refresh()
  }

  async function writeFolder(texts: CompanyTexts): Promise<void> {
    await folder.write(texts)
    await folder.agree(texts)
  }

  async function compareWithFolder(): Promise<void> {
    const content = await folder.read()
    const checkedAt = new Date()
    if (content.kind === 'unreadable') {
      log.warn({ err: content.error }, 'company model files cannot be read')
      disk = { state: 'unreadable', problems: [], checkedAt }
      return
    }
    const hash = content.kind === 'absent' ? undefined : hashOf(content.texts)
    if (hash === inForce?.hash) return keepAsItIs(checkedAt)
    // Nobody has touched the folder: what is in force has moved on elsewhere, or the folder is new.
    const isStale = content.kind === 'absent' || hash === (await folder.lastAgreed())
    if (isStale && inForce !== undefined) return writeBack(inForce.texts)
    if (content.kind === 'there') await takeFromFolder(content.texts)
  }

  async function keepAsItIs(checkedAt: Date): Promise<void> {
    disk = { state: inForce === undefined ? 'absent' : 'same', problems: [], checkedAt }
    if (inForce !== undefined) await agree(inForce.texts)
  }

  async function agree(texts: CompanyTexts): Promise<void> {
    if ((await folder.lastAgreed()) === hashOf(texts)) return
    await folder.agree(texts).catch((error: unknown) => {
      log.warn({ err: error }, 'company model folder cannot be written')
    })
  }

  async function writeBack(texts: CompanyTexts): Promise<void> {
    try {
      await writeFolder(texts)
      disk = { state: 'same', problems: [], checkedAt: new Date() }
    } catch (error) {
      log.warn({ err: error }, 'company model folder cannot be written')
      disk = { state: 'absent', problems: [], checkedAt: new Date() }
    }
  }

  async function takeFromFolder(texts: CompanyTexts): Promise<void> {
    const read = readCompanyFiles(texts)
    const checkedAt = new Date()
    if (read.kind === 'broken') {
      const { problems } = read
      if (disk.texts === undefined || hashOf(disk.texts) !== hashOf(texts))
        log.warn({ problems: problems.length }, 'company model files on disk were refused')
      disk = { state: 'broken', problems, texts, checkedAt }
      return
    }
    const row = await database.asMaintenance((db) =>
      store.insertVersion(db, { ...versionOf(texts), source: 'disk', note: '' }),
    )
    // Another server has taken the number; its notice leads here again.
    if (row === undefined) return
    use(row)
    disk = { state: 'same', problems: [], checkedAt }
    await agree(texts)
    log.info({ version: row.number, changed: row.changed }, 'company model files taken from disk')
    await audit.record({
      action: 'configuration.change',
      target: `company-model:${row.number}`,
      outcome: 'done',
      facts: { source: 'disk', files: row.changed.join(', ') },
    })
  }

  function versionOf(texts: CompanyTexts) {
    const before = inForce?.texts ?? noTexts
    return {
      number: (inForce?.row.number ?? 0) + 1,
      files: texts,
      sha256: hashOf(texts),
      changed: companyFileNames.filter((name) => texts[name] !== before[name]),
    }
  }

  type Putting = {
    readonly userId: string
    readonly texts: CompanyTexts
    readonly note: string
    readonly source: 'editor' | 'roll-back'
    readonly basedOn: number | undefined
  }

  async function put({ userId, texts, note, source, basedOn }: Putting): Promise<void> {
    const read = readCompanyFiles(texts)
    if (read.kind === 'broken')
      throw new AppError('company-model.invalid', { fields: read.problems.map(toField) })
    if (basedOn !== inForce?.row.number) throw new AppError('company-model.changed')
    if (hashOf(texts) === inForce?.hash && disk.state === 'same') return
    const version = versionOf(texts)
    const row = await database.asUser(userId, async (db) => {
      const { display_name: authorName } = await store.findPerson(db)
      const written = await store.insertVersion(db, {
        ...version,
        source,
        note,
        authorId: userId,
        authorName,
      })
      if (written === undefined) throw new AppError('company-model.changed')
      // Inside the transaction: a folder that cannot be written leaves no version behind.
      await folder.write(texts).catch((error: unknown) => {
        throw new AppError('company-model.folder', {
          facts: { folder: folder.directory },
          cause: error,
        })
      })
      const action = source === 'editor' ? 'configuration.change' : 'configuration.roll-back'
      const facts = { source, files: version.changed.join(', ') }
      const target = `company-model:${version.number}`
      await audit.record({ actorId: userId, action, target, outcome: 'done', facts }, db)
      return written
    })
    use(row)
    disk = { state: 'same', problems: [], checkedAt: new Date() }
    await agree(texts)
  }

  function demoFiles(): { texts: CompanyTexts; files: CompanyFiles } | undefined {
    const texts = demoTexts()
    if (texts === undefined) return undefined
    if (demo === undefined || hashOf(demo.texts) !== hashOf(texts)) {
      const read = readCompanyFiles(texts)
      if (read.kind === 'broken') throw new Error('the files of the demo are not valid')
      demo = { texts, files: read.files }
    }
    return demo
  }

  function overview(language: Language): CompanyOverview {
    const shown = inForce ?? demoFiles()
    return {
      folder: folder.directory,
      isDemo: inForce === undefined && shown !== undefined,
      ...(inForce === undefined ? {} : { version: presentVersion(inForce.row) }),
      ...(shown === undefined ? {} : { texts: shown.texts }),
      examples: dependencies.examples,
      disk: {
        state: disk.state,
        problems: disk.problems.map((problem) => presentProblem(problem, language)),
        checkedAt: disk.checkedAt.toISOString(),
        ...(disk.texts === undefined ? {} : { texts: disk.texts }),
      },
    }
  }

  async function findVersion(userId: string, number: number): Promise<store.VersionRow> {
    const row = await database.asUser(userId, (db) => store.findVersion(db, number))
    if (row === undefined) throw new AppError('company-model.version-not-found')
    return row
  }

  return {
    /** What is in force at this moment, and since when. Undefined: there is no company model. */
    current(): { files: CompanyFiles; since: Date | undefined } | undefined {
      if (inForce !== undefined) return { files: inForce.files, since: inForce.row.created_at }
      const shown = demoFiles()
      return shown && { files: shown.files, since: undefined }
    },

    overview,

    /** What is wrong with the folder, for those who run the product. */
    amiss(): string | undefined {
      const [first] = disk.problems
      if (disk.state === 'unreadable') return 'the files of the company model cannot be read'
      if (disk.state !== 'broken' || first === undefined) return undefined
      return `${first.file}:${first.line}:${first.column} ${first.message.en} ${first.fix.en}`
    },

    check(texts: CompanyTexts, language: Language): CompanyFileProblem[] {
      const read = readCompanyFiles(texts)
      if (read.kind === 'valid') return []
      return read.problems.map((problem) => presentProblem(problem, language))
    },

    /** @throws AppError `company-model.invalid`, `company-model.changed`, `company-model.folder` */
    async save(change: Omit<Putting, 'source'>): Promise<void> {
      await alone(() => put({ ...change, source: 'editor' }))
    },

    async versions(userId: string): Promise<CompanyVersion[]> {
      const rows = await database.asUser(userId, store.listVersions)
      return rows.map(presentVersion)
    },

    /** @throws AppError `company-model.version-not-found` */
    async version(userId: string, number: number) {
      const row = await findVersion(userId, number)
      return { version: presentVersion(row), texts: textsOf(row) }
    },

    /** @throws AppError `company-model.version-not-found` and those of `save` */
    async restore(userId: string, { number, note }: { number: number; note: string }) {
      const row = await findVersion(userId, number)
      const text = note === '' ? `← ${number}` : note
      await alone(() =>
        put({
          userId,
          texts: textsOf(row),
          note: text,
          source: 'roll-back',
          basedOn: inForce?.row.number,
        }),
      )
    },

    refresh: () => alone(refresh),

    /** Versions that were made in the demo go with it. @throws AppError `company-model.folder` */
    leaveDemo: () => alone(leaveDemo),

    /** Takes what is there, and from then on what changes: folder, other servers, time. */
    async start(): Promise<AsyncDisposable> {
      await using opened = new AsyncDisposableStack()
      await folder.prepare().catch((error: unknown) => {
        log.warn({ err: error }, 'company model folder cannot be prepared')
      })
      await alone(refresh)
      const again = () => {
        alone(refresh).catch((error: unknown) => {
          log.warn({ err: error }, 'company model files not compared')
        })
      }
      opened.use(folder.watch(again))
      const timer = setInterval(again, dependencies.checkEveryMs)
      timer.unref()
      opened.defer(() => clearInterval(timer))
      opened.use(await database.listen('company_model_versions', again))
      const running = opened.move()
      return {
        async [Symbol.asyncDispose]() {
          await running.disposeAsync()
          await queue
        },
      }
    },
  }
}

function textsOf(row: store.VersionRow): CompanyTexts {
  return { ...noTexts, ...(row.files as object) } as CompanyTexts
}

type Shown = Pick<
  store.VersionRow,
  'number' | 'source' | 'author_name' | 'note' | 'created_at' | 'changed'
>

function presentVersion(row: Shown): CompanyVersion {
  return {
    number: row.number,
    // The column's check constraint, and what is written there, list exactly these.
    source: row.source as CompanyVersion['source'],
    ...(row.author_name === null ? {} : { authorName: row.author_name }),
    note: row.note,
    createdAt: row.created_at.toISOString(),
    changed: row.changed as CompanyVersion['changed'],
  }
}

export function presentProblem(
  { message, fix, ...place }: FileProblem,
  language: Language,
): CompanyFileProblem {
  return { ...place, message: message[language], fix: fix[language] }
}

function toField({ file, pointer, line, column, message, fix }: FileProblem) {
  return {
    pointer: `/files/${file}${pointer}`,
    message_en: `${file} ${line}:${column} ${message.en} ${fix.en}`,
    message_he: `${file} ${line}:${column} ${message.he} ${fix.he}`,
  }
}
