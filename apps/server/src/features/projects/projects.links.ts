import { randomUUID } from 'node:crypto'
import type { Language } from '@studioops/contracts/installation'
import { limits } from '@studioops/contracts/limits'
import type { Operation } from '@studioops/contracts/operations'
import type { ProjectLinkKind } from '@studioops/contracts/projects'
import type { Database } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import type { OutboxService, WholeOperation } from '../outbox/index.ts'
import { projectAccess } from './projects.access.ts'
import * as store from './projects.links.store.ts'
import { addActivity, listLinks } from './projects.store.ts'

/** Something outside that a project can be linked to. */
export type Place = {
  readonly key: string
  readonly name: string
  readonly url?: string | undefined
}

type Reader = { readonly userId: string; readonly language: Language }

/**
 * What a person's own connection shows of a kind.
 *
 * @throws whatever the system says where it is away or not connected
 */
export type ListPlaces = (reader: Reader) => Promise<readonly Place[]>

type Dependencies = {
  readonly database: Database
  readonly places: Readonly<Record<ProjectLinkKind, ListPlaces>>
  readonly outbox: Pick<OutboxService, 'list' | 'present'>
}

type Asked = Reader & { readonly projectId: string }

const open = new Set(['planned', 'attempting', 'unknown', 'needs-user', 'partial'])

export type ProjectLinks = ReturnType<typeof createProjectLinks>

/** Boards, Jira projects and spaces of a project, as the person's own connections show them. */
export function createProjectLinks({ database, places, outbox }: Dependencies) {
  type Found = { readonly isAway: true } | { readonly isAway: false; readonly place: Place }

  /** @throws AppError `project.link-unknown` where the system answers and does not show it */
  async function lookUp(reader: Reader, kind: ProjectLinkKind, key: string): Promise<Found> {
    let shown: readonly Place[]
    try {
      shown = await places[kind](reader)
    } catch (error) {
      if (error instanceof AppError) return { isAway: true }
      throw error
    }
    const place = shown.find((one) => one.key.toLowerCase() === key.toLowerCase())
    if (place === undefined) throw new AppError('project.link-unknown', { facts: { key } })
    return { isAway: false, place }
  }

  return {
    /**
     * @throws AppError `project.link-unknown`, `project.link-exists`, `project.too-many-links`, and
     *   what the access refuses
     */
    async add(asked: Asked, { kind, key }: { kind: ProjectLinkKind; key: string }): Promise<void> {
      const { userId, projectId } = asked
      await database.readAsUser(userId, (db) => projectAccess.require(db, projectId, 'editor'))
      const found = await lookUp(asked, kind, key)
      const place = found.isAway ? { key, name: key, url: undefined } : found.place
      await database.asUser(userId, async (db) => {
        await projectAccess.require(db, projectId, 'editor')
        const max = limits.projectLinksMax
        if ((await store.countLinks(db, projectId)) >= max)
          throw new AppError('project.too-many-links', { facts: { max } })
        const link = { id: randomUUID(), projectId, kind, isChecked: !found.isAway }
        const { key: ownKey, name, url } = place
        if (!(await store.insertLink(db, { ...link, key: ownKey, name, url })))
          throw new AppError('project.link-exists')
        const facts = { kind, key: ownKey }
        await addActivity(db, { projectId, userId, action: 'link.add', subject: name, facts })
      })
    },

    /** @throws AppError `project.link-not-found`, `project.link-unknown`, `project.link-away` */
    async check(asked: Asked, linkId: string): Promise<void> {
      const { userId, projectId } = asked
      const link = await database.readAsUser(userId, async (db) => {
        await projectAccess.require(db, projectId, 'editor')
        return store.findLink(db, projectId, linkId)
      })
      if (link === undefined) throw new AppError('project.link-not-found')
      const found = await lookUp(asked, link.kind, link.key)
      if (found.isAway) throw new AppError('project.link-away')
      const { name, url } = found.place
      await database.asUser(userId, (db) => store.noteSeen(db, { id: linkId, name, url }))
    },

    /** @throws AppError `project.link-not-found` */
    remove: ({ userId, projectId }: Asked, linkId: string): Promise<void> =>
      database.asUser(userId, async (db) => {
        await projectAccess.require(db, projectId, 'editor')
        const link = await store.findLink(db, projectId, linkId)
        if (link === undefined) throw new AppError('project.link-not-found')
        await store.deleteLink(db, linkId)
        const { kind, key, name: subject } = link
        const facts = { kind, key }
        await addActivity(db, { projectId, userId, action: 'link.remove', subject, facts })
      }),

    /** The person's own writes that are on their way to what the project is linked to. */
    async operations({ userId, language, projectId }: Asked): Promise<Operation[]> {
      const links = await database.readAsUser(userId, async (db) => {
        await projectAccess.require(db, projectId, 'viewer')
        return listLinks(db, projectId)
      })
      if (links.length === 0) return []
      const keys = new Set(links.map(({ kind, key }) => placeKey(kind, key)))
      const all = await outbox.list(userId, 100)
      return all
        .filter(({ row }) => open.has(row.state))
        .filter((whole) => placesOf(whole).some((key) => keys.has(key)))
        .map((whole) => outbox.present(whole, language))
    },
  }
}

const placeKey = (kind: ProjectLinkKind, key: string) => `${kind} ${key.toLowerCase()}`

const targetFields = [
  ['boardId', 'trello-board'],
  ['project', 'jira-project'],
  ['spaceKey', 'confluence-space'],
] as const

/** Where an operation and its steps go, as far as their targets say it. */
function placesOf({ row, steps = [] }: WholeOperation): string[] {
  return [row, ...steps].flatMap(({ target }) => {
    if (typeof target !== 'object' || target === null) return []
    const said = target as Readonly<Record<string, unknown>>
    return targetFields.flatMap(([field, kind]) => {
      const key = said[field]
      return typeof key === 'string' ? [placeKey(kind, key)] : []
    })
  })
}
