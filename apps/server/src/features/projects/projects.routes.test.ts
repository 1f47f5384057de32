import { randomUUID } from 'node:crypto'
import { getSession } from '@studioops/contracts/accounts'
import * as api from '@studioops/contracts/projects'
import { addPurchase } from '@studioops/contracts/purchases'
import { describe, expect } from 'vitest'
import type { TestApp } from '../../testing/test-app.ts'
import type { TestClient } from '../../testing/test-client.ts'
import { test } from '../../testing/test.ts'

async function idOf(client: TestClient): Promise<string> {
  const { session } = await client.call(getSession, {})
  return session?.account.id ?? ''
}

async function begun(client: TestClient, name = 'קמפיין קיץ') {
  const { project } = await client.call(api.createProject, { body: { name } })
  return { project, params: { projectId: project.id } }
}

async function withMember(app: TestApp, role: api.ProjectRole) {
  const owner = await app.signedIn('noa.levi')
  const member = await app.signedIn('daniel.cohen')
  const { project, params } = await begun(owner)
  const memberId = await idOf(member)
  await owner.call(api.addMember, { params, body: { userId: memberId, role } })
  return { owner, member, memberId, project, params }
}

describe('projects', () => {
  test('belong to whoever makes them, and do not exist for anybody else [PRJ-1] [D-6]', async ({
    app,
  }) => {
    const owner = await app.signedIn('noa.levi')
    const stranger = await app.signedIn('maya.green')
    const { project, params } = await begun(owner, 'הצעת "מחיר" – קיץ')
    expect(project).toMatchObject({ name: 'הצעת "מחיר" – קיץ', role: 'owner', status: 'active' })
    expect(project.members).toMatchObject([{ isYou: true, role: 'owner' }])
    const { projects } = await stranger.call(api.listProjects, { query: { shown: 'all' } })
    expect(projects.map(({ id }) => id)).not.toContain(project.id)
    const missing = await stranger.try(api.readProject, { params: { projectId: randomUUID() } })
    for (const answer of [
      await stranger.try(api.readProject, { params }),
      await stranger.try(api.changeProject, { params, body: { name: 'mine' } }),
      await stranger.try(api.archiveProject, { params, body: { isArchived: true } }),
      await stranger.try(api.listActivity, { params, query: {} }),
      await stranger.try(api.listCandidates, { params, query: {} }),
    ])
      expect(answer).toMatchObject({ status: 404, problem: { code: 'project.not-found' } })
    expect(missing).toMatchObject({ problem: { code: 'project.not-found' } })
  })

  test('let each part do what it may, and no more [ID-14] [D-6]', async ({ app }) => {
    const { owner, member, memberId, params } = await withMember(app, 'viewer')
    const seen = await member.call(api.readProject, { params })
    expect(seen.project.role).toBe('viewer')
    const name = { params, body: { name: 'Renamed' } }
    const refused = { problem: { code: 'project.not-allowed' } }
    expect(await member.try(api.changeProject, name)).toMatchObject(refused)
    const ofMember = { ...params, memberId }
    await owner.call(api.changeMember, { params: ofMember, body: { role: 'editor' } })
    expect((await member.call(api.changeProject, name)).project.name).toBe('Renamed')
    const budgets = { params, body: { budgets: [{ currency: 'ILS', amount: '1250.5' }] } }
    const { project } = await member.call(api.setBudgets, budgets)
    expect(project.budgets).toEqual([{ currency: 'ILS', amount: '1250.5' }])
    const raise = { params: ofMember, body: { role: 'owner' } } as const
    expect(await member.try(api.changeMember, raise)).toMatchObject(refused)
    expect(
      await member.try(api.archiveProject, { params, body: { isArchived: true } }),
    ).toMatchObject(refused)
    await owner.call(api.removeMember, { params: ofMember })
    expect(await member.try(api.readProject, { params })).toMatchObject({ status: 404 })
  })

  test('always keep an owner, also when two leave at once [ID-14]', async ({ app }) => {
    const { owner, member, memberId, params } = await withMember(app, 'owner')
    const ownerId = await idOf(owner)
    const answers = await Promise.all([
      owner.try(api.removeMember, { params: { ...params, memberId: ownerId } }),
      member.try(api.removeMember, { params: { ...params, memberId } }),
    ])
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1)
    const refused = answers.find(({ ok }) => !ok)
    expect(refused).toMatchObject({ problem: { code: 'project.last-owner' } })
  })

  test('offer an owner the people of the workspace, and nobody else [ID-13]', async ({ app }) => {
    const { owner, member, params } = await withMember(app, 'editor')
    await app.signedIn('maya.green')
    const query = { search: 'maya' }
    const { people } = await owner.call(api.listCandidates, { params, query })
    expect(people).toHaveLength(1)
    expect(people[0]).not.toHaveProperty('email')
    expect(await member.try(api.listCandidates, { params, query })).toMatchObject({
      problem: { code: 'project.not-allowed' },
    })
    const unknown = { params, body: { userId: randomUUID(), role: 'viewer' } } as const
    expect(await owner.try(api.addMember, unknown)).toMatchObject({
      problem: { code: 'project.member-not-found' },
    })
  })

  test('in the archive are read and not changed, until they come out again [PRJ-1]', async ({
    app,
  }) => {
    const owner = await app.signedIn('noa.levi')
    const { project, params } = await begun(owner, 'Old work')
    await owner.call(api.archiveProject, { params, body: { isArchived: true } })
    const list = async (shown: 'open' | 'archived') => {
      const { projects } = await owner.call(api.listProjects, { query: { shown } })
      return projects.some(({ id }) => id === project.id)
    }
    expect([await list('open'), await list('archived')]).toEqual([false, true])
    expect(await owner.try(api.changeProject, { params, body: { name: 'x' } })).toMatchObject({
      problem: { code: 'project.archived' },
    })
    await owner.call(api.archiveProject, { params, body: { isArchived: false } })
    expect([await list('open'), await list('archived')]).toEqual([true, false])
    const { events } = await owner.call(api.listActivity, { params, query: {} })
    expect(events.map(({ action }) => action)).toEqual([
      'project.unarchive',
      'project.archive',
      'project.create',
    ])
    expect(events[0]?.actorName).toBeTruthy()
  })

  test('in the trash answer nobody, by row policy as well [PRJ-8]', async ({ app }) => {
    const owner = await app.signedIn('noa.levi')
    const { project, params } = await begun(owner, 'Thrown away')
    await app.copy.asOwner((db) =>
      db.query('update projects set deleted_at = now() where id = $1', [project.id]),
    )
    expect(await owner.try(api.readProject, { params })).toMatchObject({ status: 404 })
    const userId = await idOf(owner)
    const visible = await app.copy.asOwner(async (db) => {
      await db.query('begin')
      await db.query('set local role studioops_app')
      await db.query("select set_config('app.user_id', $1, true)", [userId])
      const { rows } = await db.query<{ shown: boolean }>(
        "select $1::uuid = any (projects_as('viewer')) as shown",
        [project.id],
      )
      await db.query('rollback')
      return rows[0]?.shown
    })
    expect(visible).toBe(false)
  })

  test('keep a link as typed while its system is away, and say so [D-10] [CON-5]', async ({
    app,
  }) => {
    const owner = await app.signedIn('noa.levi')
    const { params } = await begun(owner, 'Linked')
    const space = { params, body: { kind: 'confluence-space', key: 'TEAM' } } as const
    const { project } = await owner.call(api.addLink, space)
    expect(project.links).toMatchObject([{ key: 'TEAM', name: 'TEAM', isChecked: false }])
    expect(await owner.try(api.addLink, space)).toMatchObject({
      problem: { code: 'project.link-exists' },
    })
    const linkId = project.links[0]?.id ?? ''
    expect(await owner.try(api.checkLink, { params: { ...params, linkId } })).toMatchObject({
      problem: { code: 'project.link-away' },
    })
    const jira = { params, body: { kind: 'jira-project', key: 'pay' } } as const
    const linked = await owner.call(api.addLink, jira)
    expect(linked.project.links).toContainEqual(
      expect.objectContaining({ kind: 'jira-project', key: 'PAY', isChecked: true }),
    )
    const unknown = { params, body: { kind: 'jira-project', key: 'NOPE' } } as const
    expect(await owner.try(api.addLink, unknown)).toMatchObject({
      problem: { code: 'project.link-unknown' },
    })
    expect(await owner.call(api.listProjectOperations, { params })).toEqual({ operations: [] })
  })

  test('are taken over by who runs the workspace, with the password and on record [SEC-7] [ID-14]', async ({
    app,
  }) => {
    const admin = await app.steppedUp('noa.levi')
    const owner = await app.signedIn('maya.green')
    const { project, params } = await begun(owner, 'Orphan')
    const { projects } = await admin.call(api.listWorkspaceProjects, {})
    expect(projects).toContainEqual(expect.objectContaining({ id: project.id, members: 1 }))
    expect(await admin.try(api.readProject, { params })).toMatchObject({ status: 404 })
    await admin.call(api.takeProjectOver, { params })
    const taken = await admin.call(api.readProject, { params })
    expect(taken.project.role).toBe('owner')
    expect(await owner.try(api.listWorkspaceProjects, {})).toMatchObject({ status: 403 })
    const { events } = await owner.call(api.listActivity, { params, query: {} })
    expect(events[0]).toMatchObject({ action: 'project.take-over' })
  })

  test('leave their purchases behind with their name when they go for good [D-8] [PUR-1]', async ({
    app,
  }) => {
    const owner = await app.signedIn('noa.levi')
    const { project, params } = await begun(owner, 'פרויקט שנמחק')
    const { purchase } = await owner.call(addPurchase, {
      params,
      body: {
        boughtOn: '2026-11-01',
        vendor: 'Kept',
        description: '',
        quantity: '1',
        unitPrice: '10',
        currency: 'ILS',
        vatRate: '18',
        status: 'paid',
        category: '',
      },
    })
    const { rows } = await app.copy.asOwner(async (db) => {
      await db.query('delete from projects where id = $1', [project.id])
      return db.query('select project_id, project_name, vendor from purchases where id = $1', [
        purchase.id,
      ])
    })
    expect(rows).toEqual([{ project_id: null, project_name: 'פרויקט שנמחק', vendor: 'Kept' }])
  })
})
