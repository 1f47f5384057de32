import type {
  DemoFaults,
  Installation,
  PasswordPolicy,
  RegistrationWay,
} from '@studioops/contracts/installation'
import type { EntryRules } from '@studioops/contracts/people'
import type { Audit } from '../../platform/audit/audit.ts'
import type { Database, Db } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import type { Log } from '../../platform/log/log.ts'
import * as store from './installation.store.ts'

type DemoPerson = Omit<NonNullable<Installation['demo']>['people'][number], 'registered'>

type DemoSystem = 'jira' | 'model' | 'confluence' | 'trello'

/** The simulated systems of the demo workspace. The simulators stand behind it, in `app.ts`. */
export type DemoSystems = {
  readonly people: readonly DemoPerson[]
  readonly names: readonly DemoSystem[]
  addresses(): Omit<NonNullable<Installation['demo']>, 'people'>
  /** Begins to answer, with what was kept or from the beginning. */
  start(kept: ReadonlyMap<string, { snapshot: unknown; fault: string }>): void
  /** Stops answering and forgets everything. */
  stop(): void
  snapshot(name: DemoSystem): { snapshot: unknown; fault: string }
  faults(): DemoFaults
  setFaults(faults: DemoFaults): void
  /** Called after something in a system has changed. */
  onChange(changed: (name: DemoSystem) => void): void
}

type Dependencies = {
  readonly database: Database
  readonly audit: Audit
  readonly demo: DemoSystems
  readonly log: Log
  readonly version: string
  readonly sessionMinutes: number
  readonly evaluationDatabase: boolean
  /** The master key is not the one that closed the stored secrets. */
  readonly lockedKeys: Installation['lockedKeys']
  /** As the environment says; who runs the workspace may have decided otherwise. */
  readonly registrationWays: readonly RegistrationWay[]
  readonly passwordPolicy: PasswordPolicy
  /** Ends what people of the demo have running before they are removed. */
  readonly beforeLeaving: () => Promise<void>
}

export type InstallationService = ReturnType<typeof createInstallationService>

/** How this installation is set up: new, demo, or with systems of its own (D-2, D-26). */
export function createInstallationService(dependencies: Dependencies) {
  const { database, demo, log, version, sessionMinutes, evaluationDatabase } = dependencies
  const lockedKeys =
    dependencies.lockedKeys === undefined ? {} : { lockedKeys: dependencies.lockedKeys }
  let saving: NodeJS.Timeout | undefined
  const changed = new Set<DemoSystem>()

  async function save(): Promise<void> {
    saving = undefined
    const names = [...changed]
    changed.clear()
    await database.asMaintenance(async (db) => {
      for (const name of names) await store.keepDemoSystem(db, { name, ...demo.snapshot(name) })
    })
  }

  demo.onChange((name) => {
    changed.add(name)
    saving ??= setTimeout(() => {
      save().catch((error: unknown) => log.warn({ err: error }, 'demo state not kept'))
    }, 100)
  })

  async function show(): Promise<Installation> {
    const { workspace, registered } = await database.asVisitor(async (db) => {
      const row = await store.readWorkspace(db)
      const people = new Map<string, boolean>()
      if (row.mode === 'demo')
        for (const { employeeId } of demo.people)
          people.set(employeeId, await store.isRegistered(db, employeeId))
      return { workspace: row, registered: people }
    })
    return {
      // The column's check constraint lists exactly these.
      mode: workspace.mode as Installation['mode'],
      jiraBaseUrls: workspace.jira_base_urls,
      version,
      sessionMinutes,
      evaluationDatabase,
      ...lockedKeys,
      registrationWays: waysOf(workspace),
      passwordPolicy: dependencies.passwordPolicy,
      ...(workspace.mode === 'demo'
        ? {
            demo: {
              ...demo.addresses(),
              people: demo.people.map((person) => ({
                ...person,
                registered: registered.get(person.employeeId) === true,
              })),
            },
          }
        : {}),
    }
  }

  function waysOf(workspace: store.WorkspaceRow): RegistrationWay[] {
    // Only what the contract lists is ever stored.
    return (workspace.registration_ways ?? [...dependencies.registrationWays]) as RegistrationWay[]
  }

  async function requireDemo(): Promise<void> {
    const { mode } = await database.asVisitor(store.readWorkspace)
    if (mode !== 'demo') throw new AppError('demo.not-active')
  }

  return {
    show,

    /** @throws AppError `installation.already-chosen` */
    async startDemo(): Promise<Installation> {
      const { jiraUrl } = demo.addresses()
      const started = await database.asVisitor((db) =>
        store.changeMode(db, { from: 'new', to: 'demo', jiraBaseUrls: [jiraUrl] }),
      )
      if (!started) throw new AppError('installation.already-chosen')
      demo.start(new Map())
      const facts = { mode: 'demo' }
      await dependencies.audit.record({ action: 'workspace.change', outcome: 'done', facts })
      log.info('demo workspace started')
      return show()
    },

    /** Removes people, stories and simulated systems of the demo. @throws AppError `demo.not-active` */
    async leaveDemo(): Promise<Installation> {
      await requireDemo()
      await dependencies.beforeLeaving()
      clearTimeout(saving)
      saving = undefined
      changed.clear()
      demo.stop()
      const people = await database.asMaintenance(async (db) => {
        await store.deleteDemoSystems(db)
        const removed = await store.deleteDemoPeople(db)
        await store.changeMode(db, { from: 'demo', to: 'new', jiraBaseUrls: [] })
        return removed
      })
      const facts = { mode: 'new', people }
      await dependencies.audit.record({ action: 'workspace.change', outcome: 'done', facts })
      log.info({ people }, 'demo workspace removed')
      return show()
    },

    async demoFaults(): Promise<DemoFaults> {
      await requireDemo()
      return demo.faults()
    },

    async setDemoFaults(faults: DemoFaults): Promise<DemoFaults> {
      await requireDemo()
      demo.setFaults(faults)
      return demo.faults()
    },

    /** After a start: a demo that was running goes on with what it had. */
    async resume(): Promise<void> {
      const { mode } = await database.asVisitor(store.readWorkspace)
      if (mode !== 'demo') return
      const kept = await database.asMaintenance(async (db) => {
        await store.moveDemoAddresses(db, demo.addresses())
        return store.readDemoSystems(db)
      })
      demo.start(new Map(kept.map(({ name, snapshot, fault }) => [name, { snapshot, fault }])))
    },

    /** @throws AppError `jira.url-not-listed` */
    async requireListed(jiraUrl: string, mayBeFirst = false): Promise<void> {
      const { mode, jira_base_urls: listed } = await database.asVisitor(store.readWorkspace)
      if (mode === 'new' || (mayBeFirst && listed.length === 0)) return
      if (!listed.includes(jiraUrl)) throw new AppError('jira.url-not-listed')
    },

    /** Where no Jira is listed yet, this one is from now on. */
    listFirst: (jiraUrl: string) => database.asVisitor((db) => store.listFirstJira(db, jiraUrl)),

    /** @throws AppError `registration.closed` */
    async requireWay(way: RegistrationWay): Promise<void> {
      const { isOpen, people } = await database.asVisitor(async (db) => ({
        isOpen: waysOf(await store.readWorkspace(db)).includes(way),
        people: await store.countPeople(db),
      }))
      if (!isOpen && (people > 0 || way === 'invite')) throw new AppError('registration.closed')
    },

    /** How people get in, for who runs the workspace. */
    async entryRules(): Promise<EntryRules> {
      const row = await database.asVisitor(store.readWorkspace)
      return {
        registrationWays: waysOf(row),
        secondFactorRequired: row.second_factor_required,
      }
    },

    setEntryRules: (userId: string, rules: EntryRules) =>
      database.asUser(userId, async (db) => {
        await store.keepEntryRules(db, rules)
        const facts = {
          registration: rules.registrationWays.join(','),
          second_factor: rules.secondFactorRequired,
        }
        await dependencies.audit.record(
          {
            actorId: userId,
            action: 'workspace.change',
            target: 'workspace:entry',
            outcome: 'done',
            facts,
          },
          db,
        )
      }),

    /** In the transaction of a registration: the first person's Jira becomes the workspace's. */
    async settle(
      db: Db,
      jiraUrl: string | undefined,
      isFirst: boolean,
    ): Promise<{ isDemo: boolean }> {
      const jiraBaseUrls = jiraUrl === undefined ? [] : [jiraUrl]
      const isChosen =
        isFirst && (await store.changeMode(db, { from: 'new', to: 'own', jiraBaseUrls }))
      if (isChosen) return { isDemo: false }
      const { mode, jira_base_urls: listed } = await store.readWorkspace(db)
      if (jiraUrl !== undefined && !listed.includes(jiraUrl))
        throw new AppError('jira.url-not-listed')
      return { isDemo: mode === 'demo' }
    },

    /** Addresses of Jira that the workspace allows; the guard of outbound requests asks for them. */
    listedUrls: async () => (await database.asVisitor(store.readWorkspace)).jira_base_urls,

    /** Those of the demo stay as they are. @throws AppError `installation.already-chosen` in the demo */
    async changeListedUrls(urls: readonly string[]): Promise<void> {
      await database.asVisitor(async (db) => {
        const { mode } = await store.readWorkspace(db)
        if (mode === 'demo') throw new AppError('installation.already-chosen')
        await store.changeJiraBaseUrls(db, urls)
      })
    },

    async [Symbol.asyncDispose]() {
      if (saving === undefined) return
      clearTimeout(saving)
      await save().catch((error: unknown) => log.warn({ err: error }, 'demo state not kept'))
    },
  }
}
