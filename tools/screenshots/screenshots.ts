/**
 * Takes the pictures of the README from a demo of its own: `node tools/screenshots/screenshots.ts`,
 * after `npm run build`. One story, in English and in Hebrew.
 */
import { mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { openBrowser } from '../../tests/e2e/browser.ts'
import { openProduct } from '../../tests/e2e/product.ts'
import * as steps from '../../tests/e2e/steps.ts'
import { openVisitor, wide } from '../../tests/e2e/visitor.ts'
import type { Language } from '../../tests/e2e/words.ts'
import { beginDemo, connectModel, lendSession, moveIn } from '../../tests/e2e/world.ts'

const folder = join(import.meta.dirname, '../../docs/images')
const bytesMax = 250_000

const requirements: Record<Language, steps.Request> = {
  en: {
    requirement:
      'Customers want to pay a saved cart later, so that they can compare prices first.\nThey get an e-mail before the cart expires.',
    project: 'PAY · Payments',
  },
  he: {
    requirement:
      'לקוחות רוצים לשלם מאוחר יותר על עגלה שמורה, כדי שיוכלו להשוות מחירים קודם.\nתישלח אליהם תזכורת לפני שתוקף העגלה פג.',
    project: 'PAY · Payments',
  },
}

// With the address that the README names, where it is free.
await using product = await openProduct({ PORT: '8080' }).catch(() => openProduct())
await beginDemo(product.url)
const browser = await openBrowser()
try {
  await mkdir(folder, { recursive: true })
  for (const language of ['en', 'he'] as const) await takePicture(browser, language)
} finally {
  await browser.close()
}

async function takePicture(open: Browser, language: Language): Promise<void> {
  const { url } = product
  await using visitor = await openVisitor(open, { url, language, viewport: wide })
  const client = await moveIn(url, language)
  await connectModel(client)
  await lendSession(visitor.context, client, url)
  await steps.beginStory(visitor, requirements[language])
  await steps.letWrite(visitor)
  await steps.draftIsThere(visitor)
  await visitor.page.reload()
  await steps.draftIsThere(visitor)
  await visitor.page.evaluate(() => document.fonts.ready)
  const file = join(folder, `story-${language}.png`)
  await writeFile(file, await visitor.page.screenshot())
  const { size } = await stat(file)
  console.log(`${file}: ${Math.ceil(size / 1_000)} KB`)
  if (size > bytesMax) throw new Error(`${file} is larger than ${bytesMax / 1_000} KB`)
}
