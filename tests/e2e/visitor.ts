import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import { type Hand, keyboard, pointer } from './hands.ts'
import { type Watch, watch } from './watch.ts'
import { type Language, type Words, wordsIn } from './words.ts'

export const wide = { width: 1180, height: 760 }
export const phone = { width: 390, height: 844 }

/** Somebody with a browser of their own, in front of the product. */
export type Visitor = {
  readonly url: string
  readonly language: Language
  readonly context: BrowserContext
  readonly page: Page
  readonly words: Words
  readonly hand: Hand
  readonly watch: Watch
  [Symbol.asyncDispose](): Promise<void>
}

type Options = {
  readonly url: string
  readonly language: Language
  readonly hand?: 'pointer' | 'keyboard'
  readonly viewport?: { readonly width: number; readonly height: number }
}

export async function openVisitor(
  browser: Browser,
  { url, language, hand = 'pointer', viewport = wide }: Options,
): Promise<Visitor> {
  const context = await browser.newContext({
    baseURL: url,
    viewport,
    locale: language === 'he' ? 'he-IL' : 'en-US',
    timezoneId: 'Asia/Jerusalem',
    colorScheme: 'light',
    reducedMotion: 'reduce',
  })
  context.setDefaultTimeout(20_000)
  const watched = await watch(context, url)
  const page = await context.newPage()
  return {
    url,
    language,
    context,
    page,
    words: await wordsIn(language),
    hand: hand === 'keyboard' ? keyboard(page) : pointer(page),
    watch: watched,
    [Symbol.asyncDispose]: () => context.close(),
  }
}

/** A button by what is written on it. */
export function button(scope: Page | Locator, name: string | RegExp): Locator {
  return scope.getByRole('button', { name, exact: true })
}

export function heading(scope: Page | Locator, name: string | RegExp, level?: number): Locator {
  return scope.getByRole('heading', {
    name,
    exact: true,
    ...(level === undefined ? {} : { level }),
  })
}
