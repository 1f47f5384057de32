import { readFileSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { signIn, stepUp } from '@studioops/contracts/accounts'
import * as api from '@studioops/contracts/company-model'
import {
  checkCredentials,
  getDashboard,
  getWorkspaceConnections,
} from '@studioops/contracts/connections'
import { getSelfChecks } from '@studioops/contracts/health'
import { createStory, getStory, writeStory } from '@studioops/contracts/stories'
import { describe, expect, vi } from 'vitest'
import { demoCookie } from '../../simulators/demo-data.ts'
import { type TestApp, testPassword } from '../../testing/test-app.ts'
import { test } from '../../testing/test.ts'

const shipped = join(import.meta.dirname, '../../../company-model')

/** The shipped files, for the simulator of this app. */
function filesFor(app: TestApp, name = 'Company model'): api.CompanyTexts {
  const entries = api.companyFileName.options.map((file) => [
    file,
    readFileSync(join(shipped, file), 'utf8')
      .replace('https://llm.corp.example', app.company.url)
      .replace('"Company model"', JSON.stringify(name)),
  ])
  return Object.fromEntries(entries) as api.CompanyTexts
}

/** The first who registers; their password was given again a moment ago. */
async function owner(app: TestApp, language?: string) {
  const client = await app.signedIn('noa.levi', language)
  await client.call(stepUp, { body: { password: testPassword } })
  return client
}

async function configure(app: TestApp, name?: string) {
  const client = await owner(app)
  const { version } = await client.call(api.getCompanyFiles, {})
  const basedOn = version === undefined ? {} : { basedOn: version.number }
  return client.call(api.saveCompanyFiles, {
    body: { files: filesFor(app, name), note: 'test', ...basedOn },
  })
}

async function toDisk(app: TestApp, files: Partial<api.CompanyTexts>) {
  await mkdir(app.companyDirectory, { recursive: true })
  for (const [name, text] of Object.entries(files))
    await writeFile(join(app.companyDirectory, name), text)
}

/** The watcher needs a moment; the limit is generous, and nothing waits longer than it must. */
const eventually = <T>(check: () => Promise<T>) =>
  vi.waitFor(check, { timeout: 15_000, interval: 50 })

describe('the four files', () => {
  test('are put in force by an administrator, written to their folder, and audited [CFG-10]', async ({
    app,
  }) => {
    const client = await owner(app)
    const before = await client.call(api.getCompanyFiles, {})
    expect(before.version).toBeUndefined()
    expect(before.examples['config.json']).toContain('"mode"')

    const { version, disk } = await configure(app)
    expect(version).toMatchObject({ number: 1, source: 'editor', note: 'test' })
    expect(version?.changed).toHaveLength(4)
    expect(disk.state).toBe('same')
    const written = await readFile(join(app.companyDirectory, 'config.json'), 'utf8')
    expect(written).toBe(filesFor(app)['config.json'])
    const schema = await readFile(join(app.companyDirectory, 'schemas/config.schema.json'), 'utf8')
    expect(JSON.parse(schema)).toHaveProperty('$schema')
    const audited = await app.copy.asOwner((db) =>
      db.query(`select * from audit_events where target = 'company-model:1'`),
    )
    expect(audited.rows).toMatchObject([{ action: 'configuration.change', outcome: 'done' }])
  })

  test('are shown to nobody else, and changed by nobody else', async ({ app }) => {
    await owner(app)
    const client = await app.signedIn('daniel.cohen')
    for (const answer of [
      await client.try(api.getCompanyFiles, {}),
      await client.try(api.listCompanyVersions, {}),
      await client.try(api.saveCompanyFiles, { body: { files: filesFor(app), note: '' } }),
    ])
      expect(answer).toMatchObject({ ok: false, problem: { code: 'session.not-allowed' } })
  })

  test('that are broken are refused with place and remedy, and the good ones stay [CFG-9, CFG-10]', async ({
    app,
  }) => {
    const { version } = await configure(app)
    const client = await owner(app, 'he')
    const files = filesFor(app)
    const broken = { ...files, 'config.json': files['config.json'].replace('"sse",', '"sse",,') }
    const { problems } = await client.call(api.checkCompanyFiles, { body: { files: broken } })
    expect(problems[0]).toMatchObject({ file: 'config.json', line: 11, column: 19 })
    expect(problems[0]?.fix).toMatch(/[א-ת]/)
    const body = { files: broken, note: '', basedOn: version?.number ?? 0 }
    const refused = await client.try(api.saveCompanyFiles, { body })
    expect(refused).toMatchObject({ ok: false, problem: { code: 'company-model.invalid' } })
    expect((await client.call(api.getCompanyFiles, {})).version?.number).toBe(version?.number)
  })

  test('are taken from the folder while the product runs, all four at once [CFG-10]', async ({
    app,
  }) => {
    const { version } = await configure(app)
    const client = await owner(app)
    const next = filesFor(app, 'From disk')
    await toDisk(app, { 'config.json': next['config.json'] })
    await eventually(async () => {
      const overview = await client.call(api.getCompanyFiles, {})
      expect(overview.version?.number).toBe((version?.number ?? 0) + 1)
      expect(overview.version).toMatchObject({ source: 'disk', changed: ['config.json'] })
    })
    expect((await client.call(api.getCompanyConnection, {})).name).toBe('From disk')

    await toDisk(app, { 'prompts.json': '{ "systemInstructions": }' })
    const overview = await eventually(async () => {
      const found = await client.call(api.getCompanyFiles, {})
      expect(found.disk.state).toBe('broken')
      return found
    })
    expect(overview.disk.problems[0]).toMatchObject({ file: 'prompts.json', line: 1, column: 25 })
    expect(overview.texts?.['prompts.json']).toBe(next['prompts.json'])
    expect((await client.call(api.getCompanyConnection, {})).name).toBe('From disk')
    const { checks } = await client.call(getSelfChecks, {})
    expect(checks.map(({ name }) => name).toSorted()).toEqual([
      'company-model',
      'database',
      'disk',
      'object-store',
      'worker',
    ])
  })

  test('come back as they were by rolling back, as a new version [CFG-10]', async ({ app }) => {
    const first = await configure(app, 'First')
    await configure(app, 'Second')
    const client = await owner(app)
    const params = { number: first.version?.number ?? 0 }
    const restored = await client.call(api.restoreCompanyVersion, { params, body: {} })
    expect(restored.version).toMatchObject({ source: 'roll-back' })
    expect(restored.texts).toEqual(first.texts)
    const { versions } = await client.call(api.listCompanyVersions, {})
    expect(versions[0]).toMatchObject({ number: restored.version?.number, authorName: 'נועה לוי' })
    const kept = await client.call(api.getCompanyVersion, { params: { number: params.number + 1 } })
    expect(kept.texts['config.json']).toContain('"Second"')
  })

  test('are not overwritten by somebody who did not see the newest version', async ({ app }) => {
    const { version } = await configure(app)
    await configure(app, 'Newer')
    const client = await owner(app)
    const body = { files: filesFor(app, 'Older'), note: '', basedOn: version?.number ?? 0 }
    expect(await client.try(api.saveCompanyFiles, { body })).toMatchObject({
      ok: false,
      problem: { code: 'company-model.changed' },
    })
  })

  test('outlive their folder and a restart [CFG-10]', async ({ app }) => {
    const { version, texts } = await configure(app, 'Kept')
    await rm(app.companyDirectory, { recursive: true, maxRetries: 9 })
    await app.restart()
    const overview = await (await owner(app)).call(api.getCompanyFiles, {})
    expect(overview).toMatchObject({ version, texts, disk: { state: 'same' } })
    expect(await readFile(join(app.companyDirectory, 'header.json'), 'utf8')).toContain(
      '{{cookie}}',
    )
  })
})

describe('the cookie of a person', () => {
  const cookie = demoCookie('daniel.cohen')

  test('is tested step by step, kept encrypted, and shown to its person only, after the password [D-23, CFG-6, CFG-14, CFG-15, CFG-19]', async ({
    app,
  }) => {
    await configure(app)
    const client = await app.steppedUp('daniel.cohen')
    expect(await client.call(api.getCompanyConnection, {})).toMatchObject({
      isConfigured: true,
      state: 'not-set',
    })
    expect(await client.call(api.saveCompanyCookie, { body: { cookie } })).toMatchObject({
      state: 'untested',
      cookieHint: 'ohen',
    })
    const result = await client.call(api.testCompanyModel, { body: {} })
    expect(result).toMatchObject({ passed: true, evidence: 'ok' })
    expect(result.steps.map(({ step, state }) => [step, state])).toEqual([
      ['address', 'passed'],
      ['tls', 'not-run'],
      ['sign-in', 'passed'],
      ['answer', 'passed'],
      ['identity', 'passed'],
    ])
    const shown = await client.fetch('/api/connections/company-model')
    const text = await shown.text()
    expect(JSON.parse(text)).toMatchObject({
      state: 'passed',
      identity: { verdict: 'same', name: 'daniel.cohen', comparedWith: 'jira' },
    })
    const stored = await app.copy.asOwner((db) =>
      db.query('select * from company_model_connections'),
    )
    for (const place of [text, JSON.stringify(stored.rows), app.logged.join('')])
      expect(place).not.toContain(cookie)
    expect(await client.call(api.revealCompanyCookie, { body: {} })).toEqual({ secret: cookie })
    const again = app.visitor()
    await again.call(signIn, { body: { username: 'daniel.cohen', password: testPassword } })
    for (const refused of [
      await again.try(api.revealCompanyCookie, { body: {} }),
      await again.try(api.saveCompanyCookie, { body: { cookie: 'another' } }),
      await again.try(api.removeCompanyCookie, {}),
    ])
      expect(refused).toMatchObject({ ok: false, problem: { code: 'session.step-up-needed' } })
  })

  test('that ran out closes the connection with the day when it last worked [CFG-14, CFG-17]', async ({
    app,
  }) => {
    await configure(app)
    const client = await app.steppedUp('daniel.cohen')
    await client.call(api.saveCompanyCookie, { body: { cookie } })
    await client.call(api.testCompanyModel, { body: {} })
    app.company.simulator.expire('daniel.cohen')
    const { passed, steps } = await client.call(api.testCompanyModel, { body: {} })
    expect(passed).toBe(false)
    expect(steps.find(({ state }) => state === 'failed')).toMatchObject({
      step: 'sign-in',
      problem: { code: 'company-model.cookie-refused' },
    })
    const connection = await client.call(api.getCompanyConnection, {})
    expect(connection).toMatchObject({ state: 'failing', lastPassedAt: expect.any(String) })
    app.company.simulator.renew('daniel.cohen')
  })

  test('that ran out is found by the weekly check, told to its person and to those who run the workspace [OPS-9]', async ({
    app,
  }) => {
    await configure(app)
    const admin = await owner(app)
    const client = await app.steppedUp('daniel.cohen')
    await client.call(api.saveCompanyCookie, { body: { cookie } })
    await client.call(api.testCompanyModel, { body: {} })
    app.company.simulator.expire('daniel.cohen')
    await admin.call(checkCredentials, {})
    const found = async () => {
      const { credentials } = await admin.call(getWorkspaceConnections, {})
      return credentials.find(({ system }) => system === 'company-model')
    }
    await eventually(async () =>
      expect(await found()).toMatchObject({ employeeId: 'daniel.cohen', state: 'failing' }),
    )
    const { broken } = await client.call(getDashboard, {})
    expect(broken.map(({ connection }) => connection)).toEqual(['company-model'])
    await client.call(api.removeCompanyCookie, {})
    await admin.call(checkCredentials, {})
    expect(await found()).toBeUndefined()
    app.company.simulator.renew('daniel.cohen')
  })

  test('of somebody else is a mismatch and no pass [CFG-16]', async ({ app }) => {
    await configure(app)
    const client = await app.steppedUp('maya.green')
    await client.call(api.saveCompanyCookie, { body: { cookie } })
    const { passed, steps } = await client.call(api.testCompanyModel, { body: {} })
    expect(passed).toBe(false)
    expect(steps.at(-1)).toMatchObject({
      step: 'identity',
      problem: { code: 'company-model.other-person' },
    })
    expect(await client.call(api.getCompanyConnection, {})).toMatchObject({
      state: 'failing',
      identity: { verdict: 'different', name: 'daniel.cohen' },
    })
    await client.call(api.removeCompanyCookie, {})
  })

  test('whose person nobody can tell works and is not called passed [CFG-16]', async ({ app }) => {
    const { version } = await configure(app)
    const files = filesFor(app)
    const identity = /"identity": .*,\n/
    expect(files['config.json']).toMatch(identity)
    const silent = { ...files, 'config.json': files['config.json'].replace(identity, '') }
    const admin = await owner(app)
    await admin.call(api.saveCompanyFiles, {
      body: { files: silent, note: '', basedOn: version?.number ?? 0 },
    })
    const client = await app.steppedUp('maya.green')
    await client.call(api.saveCompanyCookie, { body: { cookie: demoCookie('maya.green') } })
    const { steps } = await client.call(api.testCompanyModel, { body: {} })
    expect(steps.at(-1)).toMatchObject({ step: 'identity', state: 'unverifiable' })
    expect((await client.call(api.getCompanyConnection, {})).state).toBe('unverified')
    await client.call(api.removeCompanyCookie, {})
  })

  test('is never sent to another server than the one it was pasted for [SEC-10]', async ({
    app,
  }) => {
    await configure(app)
    const client = await app.steppedUp('daniel.cohen')
    await client.call(api.saveCompanyCookie, { body: { cookie } })
    const admin = await owner(app)
    const { version } = await admin.call(api.getCompanyFiles, {})
    const files = filesFor(app)
    const elsewhere = files['config.json'].replace('127.0.0.1', 'localhost')
    await admin.call(api.saveCompanyFiles, {
      body: {
        files: { ...files, 'config.json': elsewhere },
        note: '',
        basedOn: version?.number ?? 0,
      },
    })
    expect((await client.call(api.getCompanyConnection, {})).state).toBe('not-set')
    expect(await client.try(api.testCompanyModel, { body: {} })).toMatchObject({
      ok: false,
      problem: { code: 'company-model.cookie-missing' },
    })
  })
})

test('a story is written by the company model, with the prompts of prompts.json [CFG-8, LLM-3]', async ({
  app,
}) => {
  await configure(app)
  const client = await app.steppedUp('maya.green')
  await client.call(api.saveCompanyCookie, { body: { cookie: demoCookie('maya.green') } })
  await client.call(api.testCompanyModel, { body: {} })
  const { features } = await client.call(getDashboard, {})
  expect(features.find(({ name }) => name === 'stories')?.state).toBe('open')
  const { story } = await client.call(createStory, {
    body: {
      requirement: 'לקוחות יכולים לשמור כרטיס ויזה בתשלום, כדי לא להקליד אותו שוב',
      format: 'bdd',
      language: 'he',
    },
  })
  const params = { storyId: story.id }
  const { run } = await client.call(writeStory, { params, body: {} })
  const events = await client.follow(run.id)
  expect(events.map(({ event }) => event.type)).toContain('assistant_token')
  const written = await client.call(getStory, { params })
  expect(written.story.versions.at(-1)).toMatchObject({ source: 'model', model: 'corp-large' })
  const asked = JSON.stringify(app.company.simulator.lastAsked()?.body)
  expect(asked).toContain('תפקידך לסייע לאנשי החברה')
  expect(asked).not.toContain('{{')
})
