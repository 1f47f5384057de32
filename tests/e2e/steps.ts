import type { Locator } from 'playwright-core'
import { accountsTexts } from '../../apps/web/src/features/accounts/accounts.texts.ts'
import { connectionsTexts } from '../../apps/web/src/features/connections/connections.texts.ts'
import { installationTexts } from '../../apps/web/src/features/installation/installation.texts.ts'
import { outboxTexts } from '../../apps/web/src/features/outbox/outbox.texts.ts'
import { storiesTexts } from '../../apps/web/src/features/stories/stories.texts.ts'
import { demoPeople } from '../../apps/server/src/simulators/demo-data.ts'
import { button, heading, type Visitor } from './visitor.ts'
import { beginning } from './words.ts'

export const password = 'Right1!pass'

export function demoPerson(name: string) {
  const person = demoPeople.find((one) => one.name === name)
  if (person === undefined) throw new Error(`nobody in the demo is called ${name}`)
  return person
}

/** From the first page of a new installation into the demo. */
export async function openDemo({ page, words, hand }: Visitor): Promise<void> {
  const t = words(installationTexts)
  await page.goto('/')
  await hand.press(button(page, t('welcome.demo.action')))
  await page.waitForURL('**/register')
}

/** Fills in the token of a person of the demo and lets Jira say whose it is. */
export async function checkToken({ page, words, hand }: Visitor, name: string): Promise<void> {
  const t = words(accountsTexts)
  await hand.press(page.getByRole('button', { name: demoPerson(name).displayName }))
  await hand.press(button(page, t('register.check')))
}

/** Registers one of the people of the demo and signs in. */
export async function register(visitor: Visitor, name: string): Promise<void> {
  const { page, words, hand } = visitor
  const t = words(accountsTexts)
  await page.goto('/register')
  await checkToken(visitor, name)
  await heading(page, t('identity.title')).waitFor()
  const email = page.getByLabel(t('identity.emailNeeded'), { exact: true })
  if (await email.isVisible()) await hand.write(email, demoPerson(name).emailAddress)
  await hand.write(page.getByLabel(t('password.new'), { exact: true }), password)
  await hand.press(button(page, t('register.create')))
  await page.waitForURL('**/sign-in?**')
  await signIn(visitor)
}

/** On a sign-in page where the user name stands already. */
export async function signIn({ page, words, hand }: Visitor): Promise<void> {
  const t = words(accountsTexts)
  await hand.write(page.getByLabel(t('signIn.password'), { exact: true }), password)
  await hand.press(button(page, t('signIn.submit')))
  await page.waitForURL((address) => address.pathname !== '/sign-in')
}

/** Fills in the demo's model, saves it and waits until its test has passed. */
export async function connectModel({ page, words, hand }: Visitor): Promise<void> {
  const t = words(connectionsTexts)
  await page.goto('/connections')
  await hand.press(button(page, t('model.demo')))
  const model = page.getByRole('region', { name: t('model.title'), exact: true })
  await hand.press(button(model, t('save')))
  await model.getByText(t('state.passed'), { exact: true }).waitFor()
}

/** What a test of a connection says when all is well, whatever its time. */
export function passedTest({ language }: Visitor): string {
  return beginning(connectionsTexts, 'test.passed', language)
}

export type Request = {
  readonly requirement: string
  readonly format?: 'classic' | 'bdd'
  /** As the list shows it, such as `PAY · Payments`. */
  readonly project?: string
  readonly issueType?: string
}

/** Opens a new story and fills in the first step. */
export async function beginStory(
  { page, words, hand }: Visitor,
  { requirement, format = 'classic', project = 'PAY · Payments', issueType }: Request,
): Promise<void> {
  const t = words(storiesTexts)
  await page.goto('/stories')
  await hand.press(button(page, t('list.new')))
  await page.waitForURL('**/stories/*')
  await hand.write(page.getByLabel(t('requirement.label'), { exact: true }), requirement)
  await hand.take(page.getByRole('radio', { name: t(`format.${format}`) }))
  await hand.choose(list(page.locator('main'), t('project.label')), project)
  if (issueType !== undefined)
    await hand.choose(list(page.locator('main'), t('type.label')), issueType)
}

/** The button of a closed list, which is called by its label and by what is chosen. */
export function list(scope: Locator, label: string): Locator {
  return scope.getByRole('button', { name: label })
}

export async function letWrite({ page, words, hand }: Visitor): Promise<void> {
  await hand.press(button(page, words(storiesTexts)('write.first')))
}

/** Until the draft stands there and nothing is being written. */
export async function draftIsThere({ page, words }: Visitor): Promise<void> {
  await page
    .getByRole('tab', { name: words(storiesTexts)('view.preview'), exact: true })
    .waitFor({ timeout: 60_000 })
}

/** The text of the story as it stands on the page, while it grows or as it was left. */
export async function writtenSoFar({ page, words }: Visitor): Promise<string> {
  const story = page.getByRole('region', { name: words(storiesTexts)('step.story') })
  return (await story.getByRole('article').locator('p[dir]').allInnerTexts()).join('\n')
}

/** On the page of versions. @returns their numbers, newest first */
export async function versionNumbers({ page, words }: Visitor): Promise<number[]> {
  const list = page.getByRole('list', { name: words(storiesTexts)('version.list') })
  const entries = await list.getByRole('listitem').allInnerTexts()
  return entries.map((text) => Number(/\d+/.exec(text)?.[0]))
}

/** Until the newest version has this number. */
export async function versionIsThere({ page, words }: Visitor, number: number): Promise<void> {
  const text = words(storiesTexts)('version.number', { number })
  await page.getByText(text, { exact: true }).first().waitFor({ timeout: 60_000 })
}

/** Comes back to the tab: the page asks the server for what it shows. */
export async function comeBack({ page }: Visitor): Promise<void> {
  await page.evaluate(() =>
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true })),
  )
}

export async function approve({ page, words, hand }: Visitor): Promise<void> {
  await hand.press(button(page, words(storiesTexts)('approve.button')))
}

/** Until Jira has it. @returns the key */
export async function issueIsThere({ page, words }: Visitor): Promise<string> {
  const t = words(outboxTexts)
  const text = t('done.text', { system: 'Jira', thing: t('thing.issue') })
  await page.getByText(text, { exact: true }).waitFor({ timeout: 60_000 })
  const link = page.getByRole('link', { name: /\/browse\// })
  return (await link.getAttribute('href'))?.split('/').at(-1) ?? ''
}

/** Moves a switch of the demo. */
export async function play(
  { page, words, hand }: Visitor,
  system: 'jira' | 'model' | 'confluence' | 'trello',
  fault: 'none' | 'away' | 'slow' | 'lost-answer' | 'dies',
): Promise<void> {
  const t = words(installationTexts)
  const strip = page.getByRole('complementary', { name: t('strip.short') })
  await hand.press(strip.getByRole('button').first())
  const dialog = page.getByRole('dialog', { name: t('faults.title') })
  await Promise.all([
    page.waitForResponse(
      (answer) => answer.url().endsWith('/demo/faults') && answer.request().method() !== 'GET',
    ),
    hand.choose(list(dialog, t(`faults.${system}`)), t(`faults.${fault as 'none'}`)),
  ])
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'hidden' })
}
