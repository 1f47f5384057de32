import type { Locator, Page } from 'playwright-core'

/** How somebody works the page. */
export type Hand = {
  press(target: Locator): Promise<void>
  /** Replaces what stands in the field. */
  write(field: Locator, text: string): Promise<void>
  /** Opens a list and takes the option of this name. */
  choose(list: Locator, option: string): Promise<void>
  /** Takes one of a group of radio buttons or tabs. */
  take(choice: Locator): Promise<void>
}

export function pointer(page: Page): Hand {
  return {
    press: (target) => target.click(),
    async write(field, text) {
      await field.click()
      await field.fill('')
      await page.keyboard.insertText(text)
    },
    async choose(list, option) {
      await list.click()
      await page.getByRole('option', { name: option, exact: true }).click()
    },
    async take(choice) {
      // The button itself is hidden; what one sees and presses is its label.
      const label = page.locator('label').filter({ has: choice })
      await ((await label.count()) > 0 ? label : choice).click()
    },
  }
}

const tabsMax = 120

/** No pointer at all: what Tab cannot reach does not exist. */
export function keyboard(page: Page): Hand {
  const holdsFocus = (target: Locator) =>
    target.evaluate((element) => element.contains(document.activeElement))

  async function reach(target: Locator): Promise<void> {
    await target.waitFor()
    for (let tabs = 0; tabs < tabsMax; tabs += 1) {
      if (await holdsFocus(target)) return
      await page.keyboard.press('Tab')
    }
    throw new Error(`Tab does not reach ${String(target)}`)
  }

  async function walk(target: Locator, key: string): Promise<void> {
    for (let steps = 0; steps < 20; steps += 1) {
      if (await holdsFocus(target)) return
      await page.keyboard.press(key)
    }
    throw new Error(`${key} does not reach ${String(target)}`)
  }

  return {
    async press(target) {
      await reach(target)
      await page.keyboard.press('Enter')
    },
    async write(field, text) {
      await reach(field)
      await page.keyboard.press('Control+a')
      await page.keyboard.press('Delete')
      await page.keyboard.insertText(text)
    },
    async choose(list, option) {
      await reach(list)
      await page.keyboard.press('Enter')
      await page.getByRole('listbox').waitFor()
      await page.keyboard.press('Home')
      await walk(page.getByRole('option', { name: option, exact: true }), 'ArrowDown')
      await page.keyboard.press('Enter')
    },
    async take(choice) {
      const tabs = page.getByRole('tablist').filter({ has: choice })
      const isTab = (await tabs.count()) > 0
      await reach(isTab ? tabs : page.getByRole('radiogroup').filter({ has: choice }))
      // Arrows follow what is seen (HE-17).
      const isRtl = await page.evaluate(() => document.documentElement.dir === 'rtl')
      await walk(choice, isTab && isRtl ? 'ArrowLeft' : 'ArrowRight')
    },
  }
}
