import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chatsTexts } from '../../apps/web/src/features/chats/chats.texts.ts'
import { breaches } from './accessibility.ts'
import { keepPicture, keepScreen, openBrowser } from './browser.ts'
import { openProduct, type RunningProduct } from './product.ts'
import { button, openVisitor, phone } from './visitor.ts'
import type { Language } from './words.ts'
import { beginDemo, connectModel, lendSession, moveIn } from './world.ts'

let browser: Browser
let product: RunningProduct

beforeAll(async () => {
  ;[browser, product] = await Promise.all([openBrowser(), openProduct()])
  await beginDemo(product.url)
})

afterAll(async () => {
  await browser?.close()
  await product?.[Symbol.asyncDispose]()
})

const questions = {
  en: { first: 'What is **open** in PAY?', long: 'word '.repeat(120), edited: 'What is done?' },
  he: { first: 'מה **פתוח** ב־STU?', long: 'מילה '.repeat(120), edited: 'מה הסתיים?' },
} as const satisfies Record<Language, unknown>

describe.each(['en', 'he'] as const)('a chat in %s', (language) => {
  it('is asked, streams, stops, branches, and is the same after a reload [AI-7] [STR-3] [D-28]', async () => {
    await using visitor = await openVisitor(browser, { url: product.url, language })
    const { page, words } = visitor
    const t = words(chatsTexts)
    const client = await moveIn(product.url, language)
    await lendSession(visitor.context, client, product.url)
    const asking = questions[language]
    const field = page.getByRole('textbox', { name: t('composer.label') })
    const answers = page.getByRole('article', { name: t('message.answer') })
    const ask = async (text: string) => {
      await field.fill(text)
      await field.press('Enter')
    }
    try {
      // Without a model: labelled, and nothing lost.
      await page.goto('/chats')
      await button(page, t('list.new')).click()
      await ask(asking.first)
      await page.getByText(t('message.fallback')).waitFor()
      await keepScreen(page, `chat offline ${language}`)

      await connectModel(client)
      await button(page, t('message.regenerate')).click()
      await page.getByText(t('message.branch', { number: 2, count: 2 })).waitFor()
      await expect.poll(() => answers.last().textContent()).not.toContain(t('message.fallback'))
      await button(page, t('message.before')).click()
      await page.getByText(t('message.fallback')).waitFor()
      await button(page, t('message.after')).click()
      await page.getByText(t('message.branch', { number: 2, count: 2 })).waitFor()

      await ask(asking.long)
      await button(page, t('run.stop')).waitFor()
      await expect.poll(() => answers.last().textContent()).toMatch(/\p{L}{3}/u)
      await page.keyboard.press('Escape')
      await answers.last().getByText(t('message.stopped'), { exact: true }).waitFor()
      expect(await answers.count()).toBe(2)

      await field.fill('half a thought')
      await page
        .getByRole('button', { name: t('message.edit') })
        .first()
        .click()
      await page.getByRole('textbox', { name: t('message.edit') }).fill(asking.edited)
      await button(page, t('edit.submit')).click()
      await page.getByText(asking.edited, { exact: true }).waitFor()
      await expect.poll(() => answers.count()).toBe(1)
      await button(page, t('message.regenerate')).waitFor()
      const before = await answers.last().textContent()
      await page.reload()
      await expect.poll(() => answers.last().textContent()).toBe(before)
      expect(await breaches(page)).toEqual([])
      await keepScreen(page, `chat ${language}`)

      await page.setViewportSize(phone)
      await page.emulateMedia({ colorScheme: 'dark' })
      await keepScreen(page, `chat phone dark ${language}`)
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      expect(wider).toBeLessThanOrEqual(0)
    } catch (error) {
      await keepPicture(page, `chat broken ${language}`)
      throw error
    }
  })
})
