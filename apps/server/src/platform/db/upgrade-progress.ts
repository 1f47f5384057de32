import type { Readiness } from '@studioops/contracts/health'
import { type MigrationEvent, remedyInHebrew, type UpResult } from '@studioops/migrate'

type Migration = NonNullable<Readiness['migration']>
type Obstacle = NonNullable<Readiness['obstacles']>[number]

/** What the probes and the page say while the database is upgraded. */
export type UpgradeProgress = {
  /** What is to be shown after this event; undefined where it changes nothing. */
  after(event: MigrationEvent): Readiness | undefined
  /** What is to be shown when the upgrade has stopped and somebody has to do something. */
  stopped(result: UpResult): Readiness
}

/** Follows one upgrade. */
export function createUpgradeProgress(): UpgradeProgress {
  let migration: Migration = {}
  const shown = (): Readiness => ({
    status: 'fail',
    reason: 'migrating',
    note: noteOf(migration),
    migration,
  })
  return {
    after(event) {
      const next = migrationAfter(migration, event)
      if (next === undefined) return undefined
      migration = next
      return shown()
    },
    stopped: (result) => ({
      status: 'fail',
      reason: 'migration-failed',
      note: stoppedNote(result, migration),
      migration: stoppedAt(result, migration),
      obstacles: obstaclesOf(result),
    }),
  }
}

function noteOf({ name, position, total }: Migration): string {
  if (position === undefined || total === undefined) return 'migrating'
  return `migrating ${position}/${total}${name === undefined ? '' : ` ${name}`}`
}

type Event<T extends MigrationEvent['type']> = Extract<MigrationEvent, { type: T }>
type Followers = { [T in MigrationEvent['type']]?: (event: Event<T>, now: Migration) => Migration }

/** Other events change nothing of what is shown. */
const followers: Followers = {
  waiting: whileWaiting,
  planned: ({ migrations }, { backup }) => ({
    total: migrations.length,
    ...(backup === undefined ? {} : { backup }),
  }),
  'migration-started': ({ migration: name, position, total, statements }, { backup }) => ({
    name,
    position,
    total,
    statements,
    ...(backup === undefined ? {} : { backup }),
  }),
  'backed-up': ({ location: backup }, now) => ({ ...now, backup }),
  'database-backed-up': ({ location: backup }, now) => ({ ...now, backup }),
  'statement-started': ({ statementNo: statement }, now) => ({ ...withoutWait(now), statement }),
  blocked: ({ blockedBy }, now) => ({
    ...now,
    waitingFor: blockedBy.map(blockerInWords).join(', '),
  }),
}

function migrationAfter(now: Migration, event: MigrationEvent): Migration | undefined {
  const follow = followers[event.type] as
    | ((event: MigrationEvent, now: Migration) => Migration)
    | undefined
  return follow?.(event, now)
}

function withoutWait({ waitingFor: _, ...rest }: Migration): Migration {
  return rest
}

/** Another server does the work: what it is at is what people here wait for. */
function whileWaiting({ holder, blockedBy }: Event<'waiting'>): Migration {
  const blockers = blockedBy.map(blockerInWords)
  const who = holder === undefined ? 'another server' : `${holder.host} (${holder.appVersion})`
  const wait = { waitingFor: [who, ...blockers].join(', ') }
  if (holder === undefined) return wait
  const { migration: name, position, total, statementNo: statement } = holder
  return { ...defined({ name, position, total, statement }), ...wait }
}

/** Without what is not known, so that it is absent in JSON as well. */
function defined(facts: { [N in keyof Migration]: Migration[N] | undefined }): Migration {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined))
}

type Blocker = Event<'blocked'>['blockedBy'][number]

function blockerInWords({ pid, application, user, state, transactionS }: Blocker): string {
  const seconds = Math.round(transactionS)
  return `${application === '' ? user : application} (pid ${pid}, ${state}, ${seconds} s)`
}

function stoppedNote(result: UpResult, { name, position, total }: Migration): string {
  const at = result.kind === 'failed' && result.migration !== '' ? result.migration : name
  const place = position === undefined || total === undefined ? '' : ` ${position}/${total}`
  return `migration stopped${place}${at === undefined ? '' : ` ${at}`}`
}

function stoppedAt(result: UpResult, migration: Migration): Migration {
  if (result.kind === 'failed' && result.migration !== '') {
    const { statementNo: statement } = result
    return {
      ...withoutWait(migration),
      name: result.migration,
      ...(statement === undefined ? {} : { statement }),
    }
  }
  const first = result.kind === 'refused' ? result.objections[0]?.migration : undefined
  const at = withoutWait(migration)
  return first === undefined || first === '' ? at : { ...at, name: first }
}

function obstaclesOf(result: UpResult): Obstacle[] {
  switch (result.kind) {
    case 'refused':
      return result.objections.map(({ because, remedy, hebrew }) => ({
        en: { message: because, remedy },
        he: { message: hebrew.because, remedy: hebrew.remedy },
      }))
    case 'failed': {
      const { error, remedy } = result
      const message = `${error.message}${error.sqlstate === undefined ? '' : ` (SQLSTATE ${error.sqlstate})`}`
      return [{ en: { message, remedy }, he: { message, remedy: remedyInHebrew(remedy) } }]
    }
    case 'waiting-timed-out':
      return [tooLong]
    case 'stopped':
    case 'done':
    case 'nothing-to-do':
      return []
  }
}

const tooLong: Obstacle = {
  en: {
    message: 'Another server has been upgrading the database for too long.',
    remedy: 'Look at what it waits for, or stop it; then start this one again.',
  },
  he: {
    message: 'שרת אחר משדרג את מסד הנתונים זמן רב מדי.',
    remedy: 'בדקו למה הוא ממתין, או עצרו אותו; אחר כך הפעילו שרת זה שוב.',
  },
}

/** What is shown where upgrading is somebody else's job and has not happened yet. */
export function pendingReadiness(pending: readonly string[]): Readiness {
  const [name] = pending
  const list = pending.join(', ')
  return {
    status: 'fail',
    reason: 'migration-failed',
    note: `${pending.length} pending`,
    migration: { total: pending.length, ...(name === undefined ? {} : { name }) },
    obstacles: [
      {
        en: {
          message: `The database still has to be upgraded: ${list}. This server only checks (MIGRATE_ON_START=check).`,
          remedy: 'Run: studioops migrate up. This page goes on by itself afterwards.',
        },
        he: {
          message: `מסד הנתונים עדיין ממתין לשדרוג: ${list}. שרת זה רק בודק (MIGRATE_ON_START=check).`,
          remedy: 'הריצו: studioops migrate up. הדף ימשיך מעצמו לאחר מכן.',
        },
      },
    ],
  }
}
