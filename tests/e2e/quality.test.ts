import { updatePreferences } from '@studioops/contracts/accounts'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { appTexts } from '../../apps/web/src/app/app.texts.ts'
import { contextTexts } from '../../apps/web/src/features/stories/context.texts.ts'
import { splitTexts } from '../../apps/web/src/features/stories/split.texts.ts'
import { storiesTexts } from '../../apps/web/src/features/stories/stories.texts.ts'
import { breaches } from './accessibility.ts'
import { keepScreen, openBrowser } from './browser.ts'
import { keyboard } from './hands.ts'
import { compareMirrored, mirroredEnglish } from './mirror.ts'
import { openProduct, type RunningProduct } from './product.ts'
import {
  beforeSignIn,
  connected,
  connectedAway,
  enter,
  everyday,
  firstDay,
  jiraAway,
  newInstallation,
  type Scene,
  settled,
} from './scenes.ts'
import * as steps from './steps.ts'
import { type Catalogue, catalogueOf, untranslated } from './untranslated.ts'
import { openVisitor, phone, type Visitor, wide } from './visitor.ts'
import type { Language } from './words.ts'
import {
  approve,
  beginDemo,
  connectMore,
  giveContext,
  inhabitants,
  lendSession,
  moveIn,
  playFaults,
  type Resident,
  runTogether,
  settle,
} from './world.ts'

const languages = ['en', 'he'] as const
const narrowest = { width: 320, height: 700 }

let browser: Browser
let product: RunningProduct
let catalogues: Record<Language, Catalogue>
/** The same screens three times: the two languages, and English drawn from right to left. */
let trio: { readonly en: Visitor; readonly he: Visitor; readonly mirrored: Visitor }
const residents: { en?: Resident; he?: Resident } = {}
const visited = new Set<string>()

beforeAll(async () => {
  ;[browser, product] = await Promise.all([openBrowser(), openProduct()])
  const { url } = product
  catalogues = { en: await catalogueOf('en', []), he: await catalogueOf('he', []) }
  const [en, he, mirrored] = await Promise.all([
    openVisitor(browser, { url, language: 'en' }),
    openVisitor(browser, { url, language: 'he' }),
    openVisitor(browser, { url, language: 'en' }),
  ])
  trio = { en, he, mirrored }
  await mirrored.context.addInitScript(
    (language) => localStorage.setItem('lang', language),
    mirroredEnglish,
  )
})

afterEach(() => {
  const all = Object.values(trio).flatMap(({ watch }) => watch.findings.splice(0))
  expect(all).toEqual([])
})

afterAll(async () => {
  await browser?.close()
  await product?.[Symbol.asyncDispose]()
})

describe('a new installation', () => {
  it.each(newInstallation)(
    '$name: no barrier, mirrored, translated, as narrow as 320 px [UI-9, D-28]',
    async (scene) => {
      expect(await look(scene)).toEqual([])
    },
  )
})

describe('the demo, to a visitor', () => {
  beforeAll(async () => {
    const { en, he } = await beginDemo(product.url)
    catalogues = { en: await catalogueOf('en', en), he: await catalogueOf('he', he) }
  })

  it.each(beforeSignIn)(
    '$name: no barrier, mirrored, translated, as narrow as 320 px [UI-9, D-28]',
    async (scene) => {
      expect(await look(scene)).toEqual([])
    },
  )
})

describe('the demo, to a member', () => {
  beforeAll(async () => {
    const { url } = product
    const [en, he] = await Promise.all([moveIn(url, 'en'), moveIn(url, 'he')])
    await runTogether([en, he])
    await Promise.all([
      lendSession(trio.en.context, en, url),
      lendSession(trio.he.context, he, url),
      lendSession(trio.mirrored.context, en, url),
    ])
    residents.en = { client: en, stories: noStories }
    residents.he = { client: he, stories: noStories }
  })

  it.each(firstDay)(
    '$name: no barrier, mirrored, translated, as narrow as 320 px [UI-9, D-28]',
    async (scene) => {
      expect(await look(scene)).toEqual([])
    },
  )
})

describe('the demo, lived in', () => {
  beforeAll(async () => {
    const { en, he } = residents
    if (en === undefined || he === undefined) throw new Error('nobody has moved in')
    residents.en = await settle(en.client, 'en')
    residents.he = await settle(he.client, 'he')
  })

  it.each(everyday)(
    '$name: no barrier, mirrored, translated, as narrow as 320 px [UI-9, D-28]',
    async (scene) => {
      expect(await look(scene)).toEqual([])
    },
  )

  it('keeps in the browser how it looks and what was not sent yet, and no secret [ASVS-14.3.3]', async () => {
    for (const { page } of Object.values(trio)) {
      const kept = await page.evaluate(() => [
        ...Object.entries(localStorage),
        ...Object.entries(sessionStorage),
      ])
      // The last one is where each address was scrolled to.
      const known =
        /^(lang|theme|start-dismissed:.*|story-corrections:.*|left-uploads|tsr-scroll-restoration-.*)$/
      expect(kept.map(([name]) => name).filter((name) => !known.test(name))).toEqual([])
    }
  })

  it.each(languages)(
    'has no barrier in %s while a story is being written [UI-9]',
    async (language) => {
      const visitor = trio[language]
      await visitor.page.setViewportSize(wide)
      await steps.beginStory(visitor, {
        requirement:
          language === 'en' ? 'Agents can export reports.' : 'נציגים יכולים לייצא דוחות ללקוחות.',
        project: 'PAY · Payments',
        format: 'bdd',
      })
      await steps.letWrite(visitor)
      await expect.poll(() => steps.writtenSoFar(visitor)).not.toBe('')
      await visitor.page.evaluate(() => scrollTo(0, 0))
      const found = await breaches(visitor.page)
      expect(await visitor.page.locator('article[aria-busy=true]').count()).toBe(1)
      expect(found).toEqual([])
      await steps.draftIsThere(visitor)
    },
  )

  it.each(languages)(
    'goes in %s from a requirement with context to the issues of its parts, by keyboard and names alone [UI-9, STY-1, STY-8, STY-17]',
    async (language) => {
      const { page, words } = trio[language]
      const visitor = { ...trio[language], hand: keyboard(page) }
      const { hand } = visitor
      await page.setViewportSize(wide)
      const requirement = inhabitants[language].large
      await steps.beginStory(visitor, { requirement, format: 'bdd' })
      const t = words(contextTexts)
      await hand.choose(steps.list(page.locator('main'), t('kind.label')), t('kind.jira-issue'))
      await hand.write(page.getByLabel(t('search'), { exact: true }), 'PAY-1')
      const found = page.getByRole('list', { name: t('found'), exact: true })
      await hand.press(found.getByRole('button').first())
      await page.getByRole('list', { name: t('list'), exact: true }).waitFor()
      await steps.letWrite(visitor)
      await steps.draftIsThere(visitor)
      const stories = words(storiesTexts)
      await hand.take(page.getByRole('tab', { name: stories('view.split'), exact: true }))
      await page.getByRole('region', { name: words(splitTexts)('matrix.title') }).waitFor()
      await steps.approve(visitor)
      const links = page
        .locator('main')
        .getByRole('list')
        .getByRole('link', { name: /PAY-\d+/ })
      await expect.poll(() => links.count(), { timeout: 60_000 }).toBeGreaterThanOrEqual(4)
    },
    150_000,
  )

  it.each([wide, phone])(
    'hides no focused control behind what sticks to the edges, at $width px [UI-9]',
    async (viewport) => {
      const { page } = trio.he
      await page.setViewportSize(viewport)
      await page.goto(`/stories/${residents.he?.stories.draft}`)
      await steps.draftIsThere(trio.he)
      const hidden: string[] = []
      for (let tabs = 0; tabs < 45; tabs += 1) {
        await page.keyboard.press('Tab')
        const name = await page.evaluate(hiddenFocus)
        if (name !== undefined) hidden.push(name)
      }
      expect(hidden).toEqual([])
    },
  )

  it('moves and folds the sidebar by keyboard, on a Hebrew layout too, and remembers it in another browser [UI-3]', async () => {
    const { page, context, words } = trio.he
    const { client } = residents.he ?? {}
    if (client === undefined) throw new Error('nobody has moved in')
    const t = words(appTexts)
    const kept = () =>
      page.waitForResponse((answer) => answer.url().endsWith('/api/account/preferences'))
    await page.setViewportSize(wide)
    await page.goto('/dashboard')
    const separator = page.getByRole('separator', { name: t('sidebar.width') })
    await separator.focus()
    // In Hebrew the line moves to the left to make room.
    await Promise.all([kept(), page.keyboard.press('ArrowLeft')])
    expect(await separator.getAttribute('aria-valuenow')).toBe('256')

    await using other = await openVisitor(browser, { url: product.url, language: 'he' })
    await lendSession(other.context, client, product.url)
    await other.page.goto('/dashboard')
    const elsewhere = other.page.getByRole('separator', { name: t('sidebar.width') })
    expect(await elsewhere.getAttribute('aria-valuenow')).toBe('256')

    const keyboard = await context.newCDPSession(page)
    const controlB = async () => {
      const keys = { key: 'נ', code: 'KeyB', windowsVirtualKeyCode: 66, modifiers: 2 }
      await keyboard.send('Input.dispatchKeyEvent', { type: 'keyDown', ...keys })
      await keyboard.send('Input.dispatchKeyEvent', { type: 'keyUp', ...keys })
    }
    const sidebar = page.locator('#sidebar')
    await Promise.all([kept(), controlB()])
    await expect.poll(() => sidebar.getAttribute('data-open')).toBe('false')
    await controlB()
    await expect.poll(() => sidebar.getAttribute('data-open')).toBe('true')
    await page.keyboard.press('Escape')
    await expect.poll(() => sidebar.getAttribute('data-open')).toBe('false')
    await client.call(updatePreferences, { body: { sidebar: { widthPx: 240, pinned: true } } })
  })
})

describe('the demo, with Trello and Confluence', () => {
  beforeAll(async () => {
    const { en, he } = residents
    if (en === undefined || he === undefined) throw new Error('nobody has moved in')
    await connectMore(en.client, 'en')
    await connectMore(he.client, 'he')
    for (const { client, stories } of [en, he]) await giveContext(client, stories.untouched)
  })

  it.each(connected)(
    '$name: no barrier, mirrored, translated, as narrow as 320 px [UI-9, D-28]',
    async (scene) => {
      expect(await look(scene)).toEqual([])
    },
  )
})

describe('the demo, while Trello and Confluence are away', () => {
  beforeAll(async () => {
    const { client } = residents.en ?? {}
    if (client === undefined) throw new Error('nobody has moved in')
    await playFaults(client, { jira: 'none', model: 'none', trello: 'away', confluence: 'away' })
  })

  it.each(connectedAway)(
    '$name: no barrier, mirrored, translated, as narrow as 320 px [UI-9, D-28]',
    async (scene) => {
      expect(await look(scene)).toEqual([])
    },
  )
})

describe('the demo, while Jira is away', () => {
  beforeAll(async () => {
    const { en, he } = residents
    if (en === undefined || he === undefined) throw new Error('nobody has moved in')
    await playFaults(en.client, { jira: 'away', model: 'none' })
    for (const { client, stories } of [en, he]) await approve(client, stories.ready)
  })

  it.each(jiraAway)(
    '$name: no barrier, mirrored, translated, as narrow as 320 px [UI-9, D-28]',
    async (scene) => {
      expect(await look(scene)).toEqual([])
    },
  )
})

it('has looked at every route of the route tree', async () => {
  const routes = await trio.en.page.evaluate(() => {
    const { __TSR_ROUTER__: router } = globalThis as unknown as {
      __TSR_ROUTER__: { routesByPath: Record<string, unknown> }
    }
    return Object.keys(router.routesByPath)
  })
  expect(routes.length).toBeGreaterThan(5)
  // The bare address only leads elsewhere.
  expect(routes.filter((route) => route !== '/' && !visited.has(route))).toEqual([])
})

const noStories = {
  untouched: '',
  stopped: '',
  asked: '',
  draft: '',
  created: '',
  offline: '',
  ready: '',
  split: '',
  broken: '',
}

/** Looks at a scene from all sides. @returns what is not as it should be, a sentence each */
async function look(scene: Scene): Promise<string[]> {
  visited.add(scene.route)
  const findings: string[] = []
  for (const viewport of [wide, phone]) {
    const isThere = viewport === phone && scene.isFloating !== true
    await Promise.all(
      Object.entries(trio).map(async ([name, visitor]) => {
        await visitor.page.setViewportSize(viewport)
        const resident = name === 'he' ? residents.he : residents.en
        await (isThere ? settled(visitor) : enter(visitor, scene, resident))
      }),
    )
    const mirror = await mirrorDefects()
    const judged = await Promise.all(
      languages.map((language) => judge(trio[language], scene, viewport)),
    )
    const said = [...mirror, ...judged.flat()]
    findings.push(...said.map((text) => `${viewport.width} px, ${text}`))
  }
  return findings
}

async function mirrorDefects(): Promise<string[]> {
  const compare = () => compareMirrored(trio.en.page, trio.mirrored.page)
  const isAlike = (found: Awaited<ReturnType<typeof compare>>) =>
    found.compared > 0 && found.defects.length === 0
  let last = await compare()
  // One of the two may be behind, or show a state that passes, as when an approval is tried again.
  for (let tries = 0; tries < 8 && !isAlike(last); tries += 1) {
    await trio.en.page.waitForTimeout(500)
    last = await compare()
  }
  const { compared, defects } = last
  return compared === 0 && defects.length === 0
    ? ['mirror: there is nothing on the page']
    : defects.slice(0, 8).map((defect) => `mirror: ${defect}`)
}

async function judge(
  { page, language }: Visitor,
  scene: Scene,
  viewport: typeof wide,
): Promise<string[]> {
  const isWide = viewport === wide
  const findings: string[] = []
  const name = `${scene.name}-${language}-${viewport.width}`
  for (const theme of themesOf(scene, (language === 'en') === isWide)) {
    await page.emulateMedia({ colorScheme: theme })
    await nextFrame(page)
    await keepScreen(page, `${name}-${theme}`)
    const about = theme === 'dark' ? 'colours' : 'everything'
    findings.push(...(await breaches(page, about)).map((text) => `${theme}: ${text}`))
  }
  await page.emulateMedia({ colorScheme: 'light' })
  if (isWide) {
    const foreign = await untranslated(page, catalogues[language])
    findings.push(...foreign.map((text) => `not in the catalogue: "${text}"`))
  } else {
    findings.push(...(await overflow(page)))
    await page.setViewportSize(narrowest)
    // What floats follows a moment later.
    if (scene.isFloating === true) await page.waitForTimeout(300)
    findings.push(...(await overflow(page)))
  }
  return findings.map((text) => `${language}: ${text}`)
}

/**
 * A screen is seen in every language, theme and width. Of a further state of it, English is seen
 * light at the desk and dark on the phone, and Hebrew the other way round.
 */
function themesOf({ isWhole = false }: Scene, isLight: boolean): readonly ('light' | 'dark')[] {
  if (isWhole) return ['light', 'dark']
  return isLight ? ['light'] : ['dark']
}

/** Another theme is drawn a moment after it was chosen. */
async function nextFrame(page: Page): Promise<void> {
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 50))),
  )
}

/** Runs in the page. @returns the name of what has the focus, where no part of it can be seen */
function hiddenFocus(): string | undefined {
  const { activeElement } = document
  if (activeElement === null || activeElement === document.body) return undefined
  const shown = activeElement.closest('label') ?? activeElement
  const box = shown.getBoundingClientRect()
  // What is longer than the window, as the line beside the sidebar, shows a part of itself.
  const [left, right] = [Math.max(box.left, 0), Math.min(box.right, innerWidth)]
  const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)]
  const isSeen = [0.1, 0.5, 0.9].some((share) => {
    const hit = document.elementFromPoint(
      left + (right - left) * share,
      top + (bottom - top) * share,
    )
    return hit !== null && (shown.contains(hit) || hit.contains(shown))
  })
  return isSeen
    ? undefined
    : `${activeElement.localName} "${activeElement.textContent?.slice(0, 40)}"`
}

/** What is wider than the window, where the page can be moved sideways (WCAG 1.4.10). */
function overflow(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement
    if (scrollWidth <= clientWidth) return []
    const wide = [...document.querySelectorAll('body *')].filter((element) => {
      const { left, right } = element.getBoundingClientRect()
      return right > clientWidth + 1 || left < -1
    })
    const names = wide.slice(-3).map((element) => `${element.localName} ${element.className}`)
    return [`${scrollWidth} px wide at ${clientWidth} px: ${names.join('; ')}`]
  })
}
