import type { Locator } from 'playwright-core'
import { appTexts } from '../../apps/web/src/app/app.texts.ts'
import { accountsTexts } from '../../apps/web/src/features/accounts/accounts.texts.ts'
import { companyModelTexts } from '../../apps/web/src/features/company-model/company-model.texts.ts'
import { boardsTexts } from '../../apps/web/src/features/boards/boards.texts.ts'
import { chatsTexts } from '../../apps/web/src/features/chats/chats.texts.ts'
import { connectionsTexts } from '../../apps/web/src/features/connections/connections.texts.ts'
import { documentsTexts } from '../../apps/web/src/features/documents/documents.texts.ts'
import { installationTexts } from '../../apps/web/src/features/installation/installation.texts.ts'
import { pagesTexts } from '../../apps/web/src/features/pages/pages.texts.ts'
import { peopleTexts } from '../../apps/web/src/features/people/people.texts.ts'
import { projectsTexts } from '../../apps/web/src/features/projects/projects.texts.ts'
import { purchasesTexts } from '../../apps/web/src/features/purchases/purchases.texts.ts'
import { searchTexts } from '../../apps/web/src/features/search/search.texts.ts'
import { storyRuleDefinitions } from '@studioops/contracts/story-rules'
import { contextTexts } from '../../apps/web/src/features/stories/context.texts.ts'
import { extrasTexts } from '../../apps/web/src/features/stories/extras.texts.ts'
import { splitTexts } from '../../apps/web/src/features/stories/split.texts.ts'
import { storyRulesTexts } from '../../apps/web/src/features/stories/story-rules.texts.ts'
import { storySettingsTexts } from '../../apps/web/src/features/stories/story-settings.texts.ts'
import { storiesTexts } from '../../apps/web/src/features/stories/stories.texts.ts'
import { uiTexts } from '../../apps/web/src/ui/ui.texts.ts'
import * as steps from './steps.ts'
import { button, heading, type Visitor } from './visitor.ts'
import type { Resident } from './world.ts'

/** One state of one screen. */
export type Scene = {
  readonly name: string
  /** As the route tree writes it. */
  readonly route: string
  readonly path: (resident: Resident | undefined) => string
  /** Brings the page there, the same way in every language. */
  readonly prepare?: (visitor: Visitor) => Promise<unknown>
  /** Looked at from all sides: each theme at each width. */
  readonly isWhole?: boolean
  /** Something floats above the page, whose place depends on the width of the window. */
  readonly isFloating?: boolean
}

const to = (path: string) => () => path
const story =
  (name: keyof Resident['stories'], search = '') =>
  (resident: Resident | undefined) =>
    `/stories/${resident?.stories[name]}${search}`

type Tab = 'tab.documents' | 'tab.chats' | 'tab.purchases' | 'tab.settings'

/** A project of the visitor's own, open at a tab. */
async function beginProject({ page, words }: Visitor, tab?: Tab) {
  const t = words(projectsTexts)
  await button(page, t('list.new')).first().click()
  await page.getByRole('textbox', { name: t('field.name'), exact: true }).fill('קמפיין קיץ')
  await button(page, t('new.submit')).click()
  await page.getByRole('heading', { level: 1, name: 'קמפיין קיץ' }).waitFor()
  const tabs = page.getByRole('navigation', { name: t('tabs.label') })
  if (tab !== undefined) await tabs.getByRole('link', { name: t(tab) }).click()
}

const quote = { name: 'הצעת מחיר.txt', text: 'דפוס: 18,000 ₪' }

/** To the project that is open. @returns its row, once it was read */
async function addDocument({ page, words }: Visitor): Promise<Locator> {
  const t = words(documentsTexts)
  const chosen = page.waitForEvent('filechooser')
  await button(page, t('add.choose')).click()
  const { name, text } = quote
  await (await chosen).setFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(text) })
  const row = page.getByRole('list', { name: t('list.label') }).getByRole('listitem')
  await row.getByText(t('state.ready'), { exact: true }).waitFor()
  return row
}

/** Before anybody has chosen how to set up. */
export const newInstallation: readonly Scene[] = [
  { name: 'the first page', route: '/welcome', path: to('/'), isWhole: true },
  {
    name: 'a registration with an own Jira, and fields that are wrong',
    route: '/register',
    path: to('/register'),
    prepare: async ({ page, words }) => {
      const t = words(accountsTexts)
      await button(page, t('register.check')).click()
      await page.getByText(t('register.jiraUrl.invalid')).waitFor()
      await page.getByText(t('register.help')).click()
    },
  },
  {
    name: 'the owner without Jira, and fields that are wrong',
    route: '/register/local',
    path: to('/register/local'),
    isWhole: true,
    prepare: async ({ page, words }) => {
      const t = words(accountsTexts)
      await button(page, t('local.create')).click()
      await page.getByText(t('local.name.missing')).waitFor()
    },
  },
]

/** In the demo, before anybody is signed in. */
export const beforeSignIn: readonly Scene[] = [
  {
    name: 'the registration in the demo',
    route: '/register',
    path: to('/register'),
    isWhole: true,
  },
  {
    name: 'a token that Jira refuses',
    route: '/register',
    path: to('/register'),
    prepare: async (visitor) => {
      await steps.checkToken(visitor, 'omer.katz')
      await visitor.page.getByRole('alert').waitFor()
    },
  },
  {
    name: 'the password of a registration',
    route: '/register',
    path: to('/register'),
    prepare: async (visitor) => {
      const { page, words } = visitor
      const t = words(accountsTexts)
      await steps.checkToken(visitor, 'maya.green')
      await heading(page, t('identity.title')).waitFor()
      await page.getByLabel(t('password.new'), { exact: true }).fill('right')
    },
  },
  {
    name: 'a sign-in that failed',
    route: '/sign-in',
    path: to('/sign-in?as=nobody.here&reason=idle'),
    isWhole: true,
    prepare: async ({ page, words }) => {
      const t = words(accountsTexts)
      await page.getByLabel(t('signIn.password'), { exact: true }).fill('wrong')
      await button(page, t('signIn.submit')).click()
      await page.getByRole('alert').waitFor()
    },
  },
  { name: 'an invitation that is not whole', route: '/invitation', path: to('/invitation') },
  {
    name: 'an invitation that is used up',
    route: '/invitation',
    path: to('/invitation#nobody-was-given-this'),
    prepare: ({ page }) => page.getByRole('alert').waitFor(),
  },
  { name: 'a forgotten password', route: '/reset', path: to('/reset'), isWhole: true },
  { name: 'a new password by a link', route: '/reset', path: to('/reset#link') },
  {
    name: 'the question before the demo is left',
    route: '/sign-in',
    path: to('/sign-in'),
    prepare: async ({ page, words }) => {
      await button(page, words(installationTexts)('leave.open')).click()
      await page.getByRole('alertdialog').waitFor()
    },
  },
]

/** Somebody who has just signed in for the first time. */
export const firstDay: readonly Scene[] = [
  { name: 'the dashboard of the first day', route: '/dashboard', path: to('/dashboard') },
  { name: 'no stories yet', route: '/stories', path: to('/stories') },
  { name: 'no projects yet', route: '/projects', path: to('/projects') },
  { name: 'no deleted projects yet', route: '/projects/trash', path: to('/projects/trash') },
  { name: 'no chats yet', route: '/chats', path: to('/chats') },
  { name: 'an empty outbox', route: '/outbox', path: to('/outbox') },
  { name: 'connections without a model', route: '/connections', path: to('/connections') },
  { name: 'boards before Trello is connected', route: '/boards', path: to('/boards') },
  {
    name: 'a board before Trello is connected',
    route: '/boards/$boardId',
    path: to('/boards/5f0d0e4a1b2c3d4e5f607201'),
  },
]

/** Somebody with stories in every state. */
export const everyday: readonly Scene[] = [
  { name: 'the dashboard', route: '/dashboard', path: to('/dashboard'), isWhole: true },
  {
    name: 'the account menu',
    isFloating: true,
    route: '/dashboard',
    path: to('/dashboard'),
    prepare: async ({ page, words }) => {
      const t = words(appTexts)
      const menu = page
        .getByRole('button', { name: t('nav.more'), exact: true })
        .or(page.locator('#sidebar').getByRole('button').last())
      await menu.filter({ visible: true }).click()
      await page.getByRole('menu').waitFor()
    },
  },
  {
    name: 'the switches of the demo',
    isFloating: true,
    route: '/dashboard',
    path: to('/dashboard'),
    prepare: async ({ page, words }) => {
      const t = words(installationTexts)
      await button(page, t('faults.open')).click()
      await page.getByText(t('faults.jira')).waitFor()
    },
  },
  { name: 'the list of stories', route: '/stories', path: to('/stories'), isWhole: true },
  {
    name: 'the question before a story is deleted',
    route: '/stories',
    path: to('/stories'),
    prepare: async ({ page, words }) => {
      const list = page.getByRole('list', { name: words(storiesTexts)('list.label') })
      await list.getByRole('button').first().click()
      await page.getByRole('alertdialog').waitFor()
    },
  },
  { name: 'a story before it is written', route: '/stories/$storyId', path: story('untouched') },
  {
    name: 'the list of projects',
    isFloating: true,
    route: '/stories/$storyId',
    path: story('untouched'),
    prepare: async ({ page, words }) => {
      await steps.list(page.locator('main'), words(storiesTexts)('project.label')).click()
      await page.getByRole('listbox').waitFor()
    },
  },
  { name: 'a question of the model', route: '/stories/$storyId', path: story('asked') },
  { name: 'a story that was stopped', route: '/stories/$storyId', path: story('stopped') },
  {
    name: 'a draft as Jira will get it',
    route: '/stories/$storyId',
    path: story('draft'),
    isWhole: true,
  },
  { name: 'a draft as it is sent', route: '/stories/$storyId', path: story('draft', '?view=raw') },
  {
    name: 'a draft that is corrected',
    route: '/stories/$storyId',
    path: story('draft', '?view=edit'),
    prepare: async ({ page, words }) => {
      const t = words(storiesTexts)
      await page.getByLabel(t('part.summary'), { exact: true }).fill('')
      await page.getByLabel(t('part.points'), { exact: true }).fill('x')
      await button(page, t('edit.save')).click()
      await page.getByText(t('edit.faulty')).waitFor()
    },
  },
  {
    name: 'the versions of a draft',
    route: '/stories/$storyId',
    path: story('draft', '?view=versions'),
  },
  {
    name: 'a split, with where each criterion went',
    route: '/stories/$storyId',
    path: story('split', '?view=split'),
  },
  {
    name: 'a split as Jira will get it, its first part open',
    route: '/stories/$storyId',
    path: story('split'),
    prepare: async ({ page, words }) => {
      const parts = page.getByRole('region', { name: words(storiesTexts)('preview.parts') })
      await parts.locator('summary').first().click()
    },
  },
  {
    name: 'a part of a split, while it is corrected',
    route: '/stories/$storyId',
    path: story('split', '?view=split'),
    isFloating: true,
    prepare: async ({ page, words }) => {
      await button(page, words(splitTexts)('child.edit', { number: 1 })).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'a draft that breaks a rule',
    route: '/stories/$storyId',
    path: story('broken'),
  },
  {
    name: 'the question why a draft may pass in spite of the rules',
    route: '/stories/$storyId',
    path: story('broken'),
    isFloating: true,
    prepare: async ({ page, words }) => {
      const t = words(storyRulesTexts)
      await button(page, t('bypass.open')).click()
      await button(page.getByRole('dialog'), t('bypass.submit')).click()
      await page.getByText(t('bypass.reason.short')).waitFor()
    },
  },
  {
    name: 'the further fields of an issue',
    route: '/stories/$storyId',
    path: story('draft'),
    prepare: async ({ page, words }) => {
      const t = words(extrasTexts)
      await page.getByText(t('extras.title'), { exact: true }).click()
      await page.getByLabel(t('extras.link.key'), { exact: true }).fill('nothing')
      await button(page, t('extras.link.add')).click()
      await page.getByText(t('extras.link.bad')).waitFor()
    },
  },
  {
    name: 'several stories, before they are approved together',
    route: '/stories',
    path: to('/stories'),
    isFloating: true,
    prepare: async ({ page, words }) => {
      const t = words(storiesTexts)
      await page.getByText(t('list.select.all')).click()
      await button(page, t('bulk.approve')).click()
      await page.getByRole('dialog').getByRole('status').first().waitFor()
    },
  },
  {
    name: 'the rules of stories, tried on a sample',
    route: '/stories/settings',
    path: to('/stories/settings'),
    isWhole: true,
    prepare: async ({ page, words }) => {
      const t = words(storyRulesTexts)
      await button(page, t('try.fill')).click()
      await button(page, t('try.run')).click()
      await page.getByText(t('try.result'), { exact: true }).waitFor()
    },
  },
  {
    name: 'a rule of stories, while it is set',
    route: '/stories/settings',
    path: to('/stories/settings'),
    isFloating: true,
    prepare: async ({ page, words, language }) => {
      const { message } = storyRuleDefinitions['points.limit']
      const name = message[language].split('{')[0]?.trim() ?? ''
      const row = page.getByRole('listitem').filter({ hasText: name })
      await row.getByRole('button').first().click()
      const t = words(storyRulesTexts)
      const dialog = page.getByRole('dialog')
      await dialog.getByText(t('edit.own')).click()
      await dialog
        .getByText(storyRuleDefinitions['points.limit'].params['max']?.label[language] ?? '')
        .waitFor()
    },
  },
  {
    name: 'no templates of stories yet',
    route: '/stories/settings',
    path: to('/stories/settings?view=templates'),
  },
  {
    name: 'a template of stories with its preview',
    route: '/stories/settings',
    path: to('/stories/settings?view=templates'),
    isFloating: true,
    prepare: async ({ page, words }) => {
      const t = words(storySettingsTexts)
      await button(page, t('template.new')).click()
      const dialog = page.getByRole('dialog')
      await button(dialog, t('template.section.add')).click()
      await button(dialog, t('template.preview')).click()
      await dialog.getByRole('region', { name: t('template.preview.title') }).waitFor()
    },
  },
  {
    name: 'the prompts of stories',
    route: '/stories/settings',
    path: to('/stories/settings?view=prompts'),
  },
  { name: 'an offline draft', route: '/stories/$storyId', path: story('offline') },
  { name: 'a story that stands in Jira', route: '/stories/$storyId', path: story('created') },
  {
    name: 'a chat that was answered',
    route: '/chats/$chatId',
    path: to('/chats'),
    prepare: async ({ page, words, language }) => {
      const t = words(chatsTexts)
      await button(page, t('list.new')).click()
      const field = page.getByRole('textbox', { name: t('composer.label') })
      await field.fill(language === 'he' ? 'מה **פתוח**?' : 'What is **open**?')
      await field.press('Enter')
      await button(page, t('message.regenerate')).waitFor()
    },
  },
  {
    name: 'the overview of a project',
    route: '/projects/$projectId',
    path: to('/projects'),
    isWhole: true,
    prepare: (visitor) => beginProject(visitor),
  },
  {
    name: 'documents of a project, one of them added',
    route: '/projects/$projectId/documents',
    path: to('/projects'),
    isWhole: true,
    prepare: async (visitor) => {
      await beginProject(visitor, 'tab.documents')
      await addDocument(visitor)
      await button(visitor.page, visitor.words(documentsTexts)('uploads.clear')).click()
    },
  },
  {
    name: 'a document of a project, open',
    isFloating: true,
    route: '/projects/$projectId/documents',
    path: to('/projects'),
    prepare: async (visitor) => {
      await beginProject(visitor, 'tab.documents')
      const row = await addDocument(visitor)
      await button(row, quote.name).click()
      await visitor.page.getByRole('dialog').getByText(quote.text).waitFor()
    },
  },
  {
    name: 'chats of a project, before the first',
    route: '/projects/$projectId/chats',
    path: to('/projects'),
    isWhole: true,
    prepare: async (visitor) => {
      await beginProject(visitor, 'tab.chats')
      await button(visitor.page, visitor.words(chatsTexts)('list.new')).waitFor()
    },
  },
  {
    name: 'the search over everything',
    isFloating: true,
    route: '/dashboard',
    path: to('/dashboard'),
    prepare: async ({ page, words, language }) => {
      const t = words(searchTexts)
      await page.keyboard.press('Control+k')
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel(t('field'), { exact: true }).fill(language === 'he' ? 'עגלה' : 'cart')
      await dialog.getByText(t('kind.story'), { exact: true }).waitFor()
    },
  },
  {
    name: 'purchases of a project, one of them written',
    route: '/projects/$projectId/purchases',
    path: to('/projects'),
    isWhole: true,
    prepare: async (visitor) => {
      await beginProject(visitor, 'tab.purchases')
      const { page, words } = visitor
      const t = words(purchasesTexts)
      await page.getByLabel(t('field.vendor'), { exact: true }).fill('דפוס השרון')
      await page.getByLabel(t('field.unitPrice'), { exact: true }).fill('1,250.50')
      await page.getByLabel(t('field.unitPrice'), { exact: true }).press('Enter')
      await page.getByText(t('totals.gross')).first().waitFor()
    },
  },
  {
    name: 'settings of a project',
    route: '/projects/$projectId/settings',
    path: to('/projects'),
    isWhole: true,
    prepare: (visitor) => beginProject(visitor, 'tab.settings'),
  },
  { name: 'the outbox', route: '/outbox', path: to('/outbox'), isWhole: true },
  { name: 'background jobs', route: '/jobs', path: to('/jobs'), isWhole: true },
  { name: 'models', route: '/models', path: to('/models'), isWhole: true },
  {
    name: 'tools of MCP servers',
    route: '/connections/tools',
    path: to('/connections/tools'),
    isWhole: true,
  },
  {
    name: 'tokens for programs',
    route: '/profile/programs',
    path: to('/profile/programs'),
    isWhole: true,
  },
  { name: 'backups', route: '/admin/backups', path: to('/admin/backups'), isWhole: true },
  {
    name: 'the operations room',
    route: '/admin/monitoring',
    path: to('/admin/monitoring'),
    isWhole: true,
  },
  { name: 'the audit log', route: '/admin/audit', path: to('/admin/audit'), isWhole: true },
  {
    name: 'connections, tested',
    route: '/connections',
    path: to('/connections'),
    isWhole: true,
    prepare: async (visitor) => {
      const { page, words } = visitor
      const t = words(connectionsTexts)
      const model = page.getByRole('region', { name: t('model.title'), exact: true })
      await button(model, t('test')).click()
      await model.getByText(steps.passedTest(visitor)).waitFor()
    },
  },
  {
    name: 'Confluence of the demo, connected, and its TLS opened',
    route: '/connections',
    path: to('/connections'),
    prepare: async (visitor) => {
      const { page, words } = visitor
      const t = words(connectionsTexts)
      const section = page.getByRole('region', { name: 'Confluence', exact: true })
      await button(section, t('demo.fill')).click()
      await button(section, t('test')).click()
      await section.getByText(steps.passedTest(visitor)).waitFor()
      await section.getByText(t('tls.title')).click()
    },
  },
  {
    name: 'Trello with a token that is none',
    route: '/connections',
    path: to('/connections'),
    prepare: async ({ page, words }) => {
      const t = words(connectionsTexts)
      const section = page.getByRole('region', { name: 'Trello', exact: true })
      await button(section, t('demo.fill')).click()
      await section.getByLabel(t('token'), { exact: true }).fill('not-a-token')
      await button(section, t('test')).click()
      await section.getByText(t('test.failed')).waitFor()
    },
  },
  {
    name: 'the connections of the workspace',
    route: '/admin/connections',
    path: to('/admin/connections'),
    isWhole: true,
  },
  {
    name: 'the question before the model is removed',
    route: '/connections',
    path: to('/connections'),
    prepare: async ({ page, words }) => {
      const t = words(connectionsTexts)
      await button(page, t('remove.named', { name: t('model.title') })).click()
      await page.getByRole('alertdialog').waitFor()
    },
  },
  {
    name: 'the profile',
    route: '/profile',
    path: to('/profile'),
    isWhole: true,
    prepare: ({ page, words }) =>
      page.getByLabel(words(accountsTexts)('password.new'), { exact: true }).fill('Aa1'),
  },
  {
    name: 'the password once more, before a second factor',
    route: '/profile',
    path: to('/profile'),
    prepare: async ({ page, words }) => {
      await button(page, words(accountsTexts)('factor.begin')).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'the people of the workspace',
    route: '/admin/people',
    path: to('/admin/people'),
    isWhole: true,
    prepare: ({ page, words }) => page.getByText(words(peopleTexts)('invite.none')).waitFor(),
  },
  {
    name: 'what can be decided about somebody',
    isFloating: true,
    route: '/admin/people',
    path: to('/admin/people'),
    prepare: async ({ page, words }) => {
      const [label = ''] = words(peopleTexts)('people.more', { name: '@' }).split('\u2068')
      await page.getByRole('button', { name: label.trim() }).first().click()
      await page.getByRole('menu').waitFor()
    },
  },
  {
    name: 'the files of the company model, one of them broken',
    route: '/admin/company-model',
    path: to('/admin/company-model'),
    isWhole: true,
    prepare: async ({ page, words }) => {
      const t = words(companyModelTexts)
      await page.locator('textarea').fill('{ "mode": "custom", }')
      await button(page, t('files.check')).click()
      await button(page, t('problems.go')).first().waitFor()
    },
  },
  {
    name: 'what changes in the files of the company model',
    route: '/admin/company-model',
    path: to('/admin/company-model'),
    prepare: async ({ page, words }) => {
      await page.locator('textarea').fill('{ "mode": "openai" }')
      await button(page, words(companyModelTexts)('files.compare')).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  { name: 'a page that does not exist', route: '/$', path: to('/nowhere'), isWhole: true },
]

const board = '/boards/5f0d0e4a1b2c3d4e5f607201'

/** With Trello and Confluence connected. */
export const connected: readonly Scene[] = [
  { name: 'boards', route: '/boards', path: to('/boards'), isWhole: true },
  { name: 'a board', route: '/boards/$boardId', path: to(board), isWhole: true },
  {
    name: 'a story that can become a page',
    route: '/stories/$storyId',
    path: story('created'),
    prepare: ({ page, words }) =>
      heading(page, words(pagesTexts)('publish.title')).scrollIntoViewIfNeeded(),
  },
  { name: 'tools', route: '/tools', path: to('/tools') },
  {
    name: 'context of a story, found and added',
    route: '/stories/$storyId',
    path: story('untouched'),
    prepare: async ({ page, words }) => {
      const t = words(contextTexts)
      await steps.list(page.locator('main'), t('kind.label')).click()
      await page.getByRole('option', { name: t('kind.confluence-page'), exact: true }).click()
      await page.getByLabel(t('search'), { exact: true }).fill('stor')
      await page.getByRole('list', { name: t('found'), exact: true }).waitFor()
    },
  },
  {
    name: 'cards of a story, as they would be made',
    route: '/stories/$storyId',
    path: story('draft'),
    prepare: async ({ page, words }) => {
      const t = words(extrasTexts)
      await page.locator('summary', { hasText: t('cards.title') }).click()
      for (const label of [t('cards.board'), t('cards.list')]) {
        await steps.list(page.locator('main'), label).click()
        await page.getByRole('option').first().click()
      }
      await button(page, t('cards.preview')).click()
      await button(page, t('cards.approve')).waitFor()
    },
  },
]

/** While both of them are away: what was read before stands, and says so. */
export const connectedAway: readonly Scene[] = [
  {
    name: 'a board as it was last read',
    route: '/boards/$boardId',
    path: to(board),
    isWhole: true,
    prepare: async ({ page, words }) => {
      const t = words(boardsTexts)
      await button(page, t('board.refresh')).click()
      await page
        .getByText(t('asOf.stale', { time: '' }).split('—')[0] ?? '')
        .first()
        .waitFor()
    },
  },
  {
    name: 'a page that cannot be published now',
    route: '/stories/$storyId',
    path: story('created'),
    isWhole: true,
    prepare: ({ page, words }) =>
      heading(page, words(pagesTexts)('publish.title')).scrollIntoViewIfNeeded(),
  },
]

/** While Jira is away and an approval waits. */
export const jiraAway: readonly Scene[] = [
  { name: 'an approval that waits', route: '/stories/$storyId', path: story('ready') },
  { name: 'the outbox with something in it', route: '/outbox', path: to('/outbox') },
  {
    name: 'a test of Jira that fails',
    route: '/connections',
    path: to('/connections'),
    prepare: async ({ page, words }) => {
      const t = words(connectionsTexts)
      const jira = page.getByRole('region', { name: 'Jira', exact: true })
      await button(jira, t('test')).click()
      await jira.getByText(t('test.failed')).waitFor()
    },
  },
]

/** Goes there and waits until everything that loads is there. */
export async function enter(
  visitor: Visitor,
  scene: Scene,
  resident: Resident | undefined,
): Promise<void> {
  const { page } = visitor
  await page.goto(scene.path(resident))
  await page.getByRole('heading', { level: 1 }).waitFor()
  await settled(visitor)
  await scene.prepare?.(visitor)
  await settled(visitor)
}

/** Nothing loads any more, the letters are there, and the page holds still. */
export async function settled({ page, words }: Visitor): Promise<void> {
  const loading = page.getByText(words(uiTexts)('loading'), { exact: true })
  await loading.first().waitFor({ state: 'hidden' })
  await page.evaluate(async () => {
    await document.fonts.ready
    const height = () => document.documentElement.scrollHeight
    let before = -1
    while (before !== height()) {
      before = height()
      await new Promise((resolve) => setTimeout(resolve, 60))
    }
  })
}
