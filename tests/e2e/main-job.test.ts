import type { Browser } from 'playwright-core'
import { errorCatalog } from '@studioops/contracts/errors'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { appTexts } from '../../apps/web/src/app/app.texts.ts'
import { accountsTexts } from '../../apps/web/src/features/accounts/accounts.texts.ts'
import { connectionsTexts } from '../../apps/web/src/features/connections/connections.texts.ts'
import { dashboardTexts } from '../../apps/web/src/features/dashboard/dashboard.texts.ts'
import { installationTexts } from '../../apps/web/src/features/installation/installation.texts.ts'
import { outboxTexts } from '../../apps/web/src/features/outbox/outbox.texts.ts'
import { storiesTexts } from '../../apps/web/src/features/stories/stories.texts.ts'
import { keepPicture, openBrowser } from './browser.ts'
import { countIssues } from './jira.ts'
import { openProduct, type RunningProduct } from './product.ts'
import * as steps from './steps.ts'
import { button, heading, openVisitor, type Visitor } from './visitor.ts'
import type { Language } from './words.ts'

const sessionMinutes = 15
const minuteMs = 60_000

let browser: Browser

beforeAll(async () => {
  browser = await openBrowser()
})

afterAll(() => browser?.close())

const requirements = {
  en: {
    requirement:
      'Customers want to pay a saved cart later with the card they have on file. The receipt is sent by e-mail.',
    clearer: 'Pay a saved cart later, with a stored card',
    instruction: 'Add a criterion about slow networks',
    project: 'PAY · Payments',
    key: /^PAY-\d+$/,
  },
  he: {
    requirement: 'לקוחות רוצים לשלם מאוחר יותר על עגלה שמורה. הקבלה נשלחת בדוא״ל.',
    clearer: 'תשלום מאוחר על עגלה שמורה (PAY)',
    instruction: 'להוסיף תנאי על רשת איטית',
    project: 'STU · סטודיו',
    key: /^STU-\d+$/,
  },
} as const satisfies Record<Language, unknown>

describe.each([
  { language: 'en', hand: 'pointer', person: 'daniel.cohen' },
  { language: 'he', hand: 'keyboard', person: 'noa.levi' },
] as const)('in $language, by $hand', ({ language, hand, person }) => {
  const { requirement, clearer, instruction, project, key } = requirements[language]
  let product: RunningProduct
  let visitor: Visitor
  /** The test after which nothing here can go on; it may be tried again itself. */
  let brokenBy: string | undefined
  /** Where a draft stands that nobody has approved. */
  let draft = ''

  beforeAll(async () => {
    product = await openProduct({ SESSION_TIMEOUT_MINUTES: String(sessionMinutes) })
    visitor = await openVisitor(browser, { url: product.url, language, hand })
  })

  beforeEach(({ task, skip, onTestFailed }) => {
    if (brokenBy !== undefined && brokenBy !== task.id) skip('the way here was not open')
    onTestFailed(async () => {
      brokenBy = task.id
      await keepPicture(visitor.page, `${language} ${task.name}`)
    })
  })

  afterEach(() => {
    expect(visitor.watch.findings.splice(0)).toEqual([])
  })

  afterAll(async () => {
    await visitor?.[Symbol.asyncDispose]()
    await product?.[Symbol.asyncDispose]()
  })

  it('carries a newcomer from the first page to one issue in Jira [TST-3, UI-1, UI-2, ID-1, ID-5, ID-11, STY-14, STY-15, STY-17, STY-18, STR-3, D-28]', async () => {
    const { page, words } = visitor
    await steps.openDemo(visitor)

    // Whose token is it?
    const t = words(accountsTexts)
    const { displayName, emailAddress } = steps.demoPerson(person)
    await steps.checkToken(visitor, person)
    await heading(page, t('identity.title')).waitFor()
    const card = page.getByRole('region', { name: t('identity.title') })
    expect(await card.innerText()).toContain(displayName)
    expect(await card.innerText()).toContain(emailAddress)
    const avatar = card.locator('img')
    await expect.poll(() => avatar.evaluate(widthOf)).toBeGreaterThan(0)

    // The password, with its rules ticked off while it is typed.
    const rules = page.getByRole('list', { name: t('password.rules') })
    const field = page.getByLabel(t('password.new'), { exact: true })
    const unmet = rules.getByText(t('password.unmet'), { exact: true })
    expect(await unmet.count()).toBe(5)
    await visitor.hand.write(field, 'right')
    expect(await unmet.count()).toBe(4)
    await visitor.hand.write(field, steps.password)
    expect(await unmet.count()).toBe(0)
    await visitor.hand.press(button(page, t('register.create')))

    // The sign-in page knows the user name already.
    await page.getByText(t('signIn.registered')).waitFor()
    expect(await page.getByLabel(t('signIn.username'), { exact: true }).inputValue()).toBe(person)
    await steps.signIn(visitor)

    // The dashboard says what is there and what is missing.
    const dashboard = words(dashboardTexts)
    await heading(page, dashboard('title'), 1).waitFor()
    await page.getByText(dashboard('greeting', { name: displayName })).waitFor()
    await page.getByText(dashboard('state.degraded'), { exact: true }).waitFor()
    await visitor.hand.press(
      page.getByRole('link', { name: words(appTexts)('nav.connections'), exact: true }),
    )

    // The model, tested and saved.
    const connections = words(connectionsTexts)
    await visitor.hand.press(button(page, connections('model.demo')))
    const model = page.getByRole('region', { name: connections('model.title'), exact: true })
    await visitor.hand.press(button(model, connections('test')))
    await model.getByText(steps.passedTest(visitor)).waitFor()
    await visitor.hand.press(button(model, connections('save')))
    await model.getByText(connections('state.passed'), { exact: true }).waitFor()

    // Two lines, and a draft that grows before one's eyes.
    await steps.beginStory(visitor, { requirement, project })
    await steps.letWrite(visitor)
    await expect.poll(() => steps.writtenSoFar(visitor), { timeout: 20_000 }).not.toBe('')
    const early = await steps.writtenSoFar(visitor)
    await expect
      .poll(async () => (await steps.writtenSoFar(visitor)).length)
      .toBeGreaterThan(early.length)
    await steps.draftIsThere(visitor)

    // Corrected by hand, then by the model, which keeps the correction.
    const stories = words(storiesTexts)
    await visitor.hand.take(page.getByRole('tab', { name: stories('view.edit'), exact: true }))
    await visitor.hand.write(page.getByLabel(stories('part.summary'), { exact: true }), clearer)
    await visitor.hand.press(button(page, stories('edit.save')))
    await heading(page, clearer, 3).waitFor()
    await visitor.hand.write(page.getByLabel(stories('refine.label'), { exact: true }), instruction)
    await visitor.hand.press(button(page, stories('refine.send')))
    await steps.versionIsThere(visitor, 3)
    await heading(page, clearer, 3).waitFor()

    // Approved once; the issue stands in Jira.
    await steps.approve(visitor)
    const created = await steps.issueIsThere(visitor)
    expect(created).toMatch(key)
    expect(await countIssues(product.url)).toBe(1)
    const opened = page.waitForEvent('popup')
    await visitor.hand.press(page.getByRole('link', { name: new RegExp(`/browse/${created}`) }))
    const jira = await opened
    await heading(jira, clearer, 1).waitFor()
    await jira.close()

    await page.reload()
    const outbox = words(outboxTexts)
    const done = outbox('done.text', { system: 'Jira', thing: outbox('thing.issue') })
    await page.getByText(done).waitFor()
    expect(await countIssues(product.url)).toBe(1)
  })

  it('goes on writing over a reload, from where it was [STR-4]', async () => {
    const { page, words } = visitor
    await steps.beginStory(visitor, { requirement, project, format: 'bdd' })
    await steps.letWrite(visitor)
    await expect.poll(async () => (await steps.writtenSoFar(visitor)).length).toBeGreaterThan(100)
    const before = await steps.writtenSoFar(visitor)
    await page.reload()
    await expect
      .poll(async () => (await steps.writtenSoFar(visitor)).length)
      .toBeGreaterThanOrEqual(before.length)
    expect(await steps.writtenSoFar(visitor)).toContain(before.slice(0, -20))
    await steps.draftIsThere(visitor)
    const tab = page.getByRole('tab', { name: words(storiesTexts)('view.versions'), exact: true })
    await visitor.hand.take(tab)
    expect(await steps.versionNumbers(visitor)).toEqual([1])
    draft = page.url()
  })

  it('stops when told, keeps what was written and sends nothing of it [STR-3]', async () => {
    const { page, words } = visitor
    const t = words(storiesTexts)
    await steps.beginStory(visitor, { requirement, project })
    await steps.letWrite(visitor)
    await expect.poll(() => steps.writtenSoFar(visitor)).not.toBe('')
    await visitor.hand.press(button(page, t('run.stop')))
    await page.getByText(t('stopped.text')).waitFor()
    await expect.poll(() => steps.writtenSoFar(visitor)).not.toBe('')
    const kept = await steps.writtenSoFar(visitor)
    await page.reload()
    await page.getByText(t('stopped.text')).waitFor()
    await expect.poll(() => steps.writtenSoFar(visitor)).toBe(kept)
    await page.getByText(t('approve.blocked.none')).waitFor()
  })

  it('puts a labelled draft together while the model is away, which nobody can approve as it is [D-9, AI-2]', async () => {
    const { page, words } = visitor
    const t = words(storiesTexts)
    await steps.beginStory(visitor, { requirement, project })
    await steps.play(visitor, 'model', 'away')
    await steps.letWrite(visitor)
    await page.getByText(t('offline.label'), { exact: true }).waitFor()
    await steps.draftIsThere(visitor)
    expect(await button(page, t('approve.button')).isDisabled()).toBe(true)
    await page.getByText(t('approve.blocked.offline')).waitFor()
    await steps.play(visitor, 'model', 'none')
  })

  it('lets an approval wait while Jira is away, says so, and carries it out once when Jira is back [D-10, STY-18]', async () => {
    const { page, words } = visitor
    const t = words(outboxTexts)
    await page.goto(draft)
    await steps.draftIsThere(visitor)
    const before = await countIssues(product.url)
    await steps.play(visitor, 'jira', 'away')
    await steps.approve(visitor)
    await page.getByText(t('planned.away', { system: 'Jira' })).waitFor()
    await visitor.hand.press(
      page.getByRole('link', { name: new RegExp(words(appTexts)('nav.outbox')) }),
    )
    await heading(page, t('page.title'), 1).waitFor()
    await page.getByText(t('planned.away', { system: 'Jira' })).waitFor()
    await steps.play(visitor, 'jira', 'none')
    const done = t('done.text', { system: 'Jira', thing: t('thing.issue') })
    await page.getByText(done).first().waitFor({ timeout: 90_000 })
    await expect.poll(() => countIssues(product.url)).toBe(before + 1)
  })

  it('says of a wrong token, a switched-off account and a deleted one what each of them is [ID-2, ID-1]', async () => {
    await using other = await openVisitor(browser, { url: product.url, language, hand })
    const { page, words } = other
    const t = words(accountsTexts)
    await page.goto('/register')
    const said: string[] = []
    const check = async () => {
      await other.hand.press(button(page, t('register.check')))
      const alert = page.getByRole('alert')
      await alert.waitFor()
      said.push(await alert.innerText())
    }
    const field = page.getByLabel(t('register.token'), { exact: true })
    await other.hand.press(button(page, t('register.check')))
    await page.getByText(t('register.token.missing')).waitFor()
    await other.hand.write(field, 'MTIzNDU2Nzg5MDEyOm5vdCBhIHRva2VuIG9mIGFueW9uZQ')
    await check()
    for (const name of ['omer.katz', 'lior.amit']) {
      await other.hand.press(page.getByRole('button', { name: steps.demoPerson(name).displayName }))
      await check()
    }
    const codes = ['jira.bad-token', 'jira.inactive', 'jira.deleted'] as const
    for (const [index, code] of codes.entries()) {
      const { message, next } = errorCatalog[code][language]
      for (const part of [...message.split(/\{\w+\}/), ...next]) expect(said[index]).toContain(part)
    }
    expect(other.watch.findings).toEqual([])
  })

  it('signs out who does nothing, a minute after a warning, and keeps draft and place [ID-10, D-5]', async () => {
    const { page, words } = visitor
    const t = words(appTexts)
    const stories = words(storiesTexts)
    await steps.beginStory(visitor, { requirement, project })
    const place = page.url()
    await page.getByText(stories('saved.saved'), { exact: true }).waitFor()

    let aheadMs = 0
    const leap = async (byMs: number) => {
      aheadMs += byMs
      await product.putClockForward(aheadMs)
      await steps.comeBack(visitor)
    }
    await leap(sessionMinutes * minuteMs - 30_000)
    const warning = page.getByRole('alertdialog', { name: t('idle.title') })
    await warning.waitFor()
    await visitor.hand.press(button(warning, t('idle.stay')))
    await warning.waitFor({ state: 'hidden' })

    await leap(sessionMinutes * minuteMs + 1_000)
    await page.waitForURL('**/sign-in?**')
    await page.getByText(words(accountsTexts)('signIn.idle', { count: sessionMinutes })).waitFor()
    await visitor.hand.write(
      page.getByLabel(words(accountsTexts)('signIn.username'), { exact: true }),
      person,
    )
    await steps.signIn(visitor)
    expect(page.url()).toBe(place)
    expect(await page.getByLabel(stories('requirement.label'), { exact: true }).inputValue()).toBe(
      requirement,
    )
  })

  it('removes everything when the demo is left [D-26]', async () => {
    const { page, words } = visitor
    const t = words(installationTexts)
    await visitor.hand.press(button(page, t('leave.open')))
    const dialog = page.getByRole('alertdialog').or(page.getByRole('dialog'))
    await visitor.hand.press(button(dialog, t('leave.confirm')))
    await page.waitForURL('**/welcome')
    await heading(page, t('welcome.title'), 1).waitFor()
    expect((await fetch(`${product.url}/demo/jira/`)).status).toBe(404)

    await page.goto('/sign-in')
    await visitor.hand.write(
      page.getByLabel(words(accountsTexts)('signIn.username'), { exact: true }),
      person,
    )
    const password = page.getByLabel(words(accountsTexts)('signIn.password'), { exact: true })
    await visitor.hand.write(password, steps.password)
    await visitor.hand.press(button(page, words(accountsTexts)('signIn.submit')))
    await page.getByText(errorCatalog['login.failed'][language].message).waitFor()
  })
})

function widthOf(image: SVGElement | HTMLElement): number {
  return image instanceof HTMLImageElement ? image.naturalWidth : 0
}
