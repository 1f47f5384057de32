import { saveModel } from '@studioops/contracts/connections'
import { createStory, writeStory } from '@studioops/contracts/stories'
import type { Page } from 'playwright-core'
import { demoModelKey, demoPeople } from '../../apps/server/src/simulators/demo-data.ts'
import { openBrowser } from '../../tests/e2e/browser.ts'
import { openVisitor } from '../../tests/e2e/visitor.ts'
import { lendSession } from '../../tests/e2e/world.ts'
import { startOutside } from '../chaos/outside-process.ts'
import { atMost, type Line, quantile } from './figures.ts'
import type { LongModelSettings } from './long-model.ts'
import { startProgram } from './program.ts'
import { openWorkspace, type Workspace } from './workspace.ts'

/** 50 words a second. */
const gapMs = 20
const words = 1_100
const slowdown = 4
const boundMs = 200

/**
 * From a key or a press to the next paint, as Chromium counts it (Event Timing), on a processor made
 * four times slower: while a long story is written, and while it is corrected by hand.
 */
export async function measureInteractions({
  rounds,
}: {
  readonly rounds: number
}): Promise<Line[]> {
  await using opened = new AsyncDisposableStack()
  const outside = opened.use(await startOutside())
  const model = opened.use(
    startProgram<{ origin: string }>('long-model', { gapMs, words } satisfies LongModelSettings),
  )
  const { origin: modelUrl } = await model.next()
  const workspace = opened.use(
    await openWorkspace({
      environment: { ALLOWED_INTEGRATION_HOSTS: `${outside.host},${new URL(modelUrl).host}` },
      jira: { url: outside.jiraUrl, token: demoPeople[0]?.personalAccessToken ?? '' },
    }),
  )
  const { storyId, runId } = await beginWriting(workspace, modelUrl)
  const browser = await openBrowser()
  opened.defer(() => browser.close())
  const visitor = opened.use(await openVisitor(browser, { url: workspace.origin, language: 'en' }))
  await lendSession(visitor.context, workspace.client, workspace.origin)
  const { page } = visitor
  await page.addInitScript(countInteractions)
  await page.goto(`/stories/${storyId}`)
  const article = page.locator('article[aria-busy=true]')
  await article.waitFor()
  await slowDown(page)
  const before = (await article.innerText()).length
  for (let round = 0; round < rounds; round += 1) await wander(page)
  const grown = (await article.innerText()).length - before
  const writing = await interactionsOf(page)

  await workspace.client.follow(runId)
  await page.goto(`/stories/${storyId}?view=edit`)
  await page.locator('form textarea').first().waitFor()
  await slowDown(page)
  for (let round = 0; round < rounds; round += 1) await correct(page)
  const correcting = await interactionsOf(page)
  return [
    ...linesOf('while a long story is written', writing),
    { bench: 'inp', what: '  letters that were written meanwhile', value: String(grown) },
    ...linesOf('while a long story is corrected', correcting),
  ]
}

async function beginWriting({ client }: Workspace, modelUrl: string) {
  await client.call(saveModel, {
    body: { baseUrl: modelUrl, model: 'demo-writer', apiKey: demoModelKey },
  })
  const { story } = await client.call(createStory, {
    body: { requirement: 'Pay a saved cart later', format: 'classic', language: 'en' },
  })
  const params = { storyId: story.id }
  const { run } = await client.call(writeStory, { params, body: {} })
  return { storyId: story.id, runId: run.id }
}

async function slowDown(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page)
  await session.send('Emulation.setCPUThrottlingRate', { rate: slowdown })
}

/** What somebody does who waits: the search over everything, the sidebar, Tab from place to place. */
async function wander(page: Page): Promise<void> {
  await page.keyboard.press('Control+k')
  await page.getByRole('dialog').waitFor()
  await page.keyboard.type('pay', { delay: 60 })
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  await page.keyboard.press('Control+b')
  await page.keyboard.press('Control+b')
  for (let tabs = 0; tabs < 5; tabs += 1) await page.keyboard.press('Tab')
}

/** Types into the longest text of the story. */
async function correct(page: Page): Promise<void> {
  const field = page.locator('form textarea').last()
  await field.click()
  await page.keyboard.type(' and the sum', { delay: 60 })
  await page.keyboard.press('Backspace')
}

type Interactions = { readonly count: number; readonly longMs: readonly number[] }

/** Runs in the page before anything else. */
function countInteractions(): void {
  const longest = new Map<number, number>()
  Object.assign(globalThis, { interactionTimes: longest })
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as PerformanceEventTiming[]) {
      const { interactionId, duration } = entry
      if (interactionId > 0)
        longest.set(interactionId, Math.max(duration, longest.get(interactionId) ?? 0))
    }
  }).observe({ type: 'event', buffered: true, durationThreshold: 16 } as PerformanceObserverInit)
}

function interactionsOf(page: Page): Promise<Interactions> {
  return page.evaluate(() => {
    const { interactionTimes } = globalThis as unknown as { interactionTimes: Map<number, number> }
    const { interactionCount } = performance as unknown as { interactionCount: number }
    return { count: interactionCount, longMs: [...interactionTimes.values()] }
  })
}

/** What took less than 16 ms is counted and not told by Chromium. */
function linesOf(what: string, { count, longMs }: Interactions): Line[] {
  const all = [...longMs, ...Array.from({ length: Math.max(0, count - longMs.length) }, () => 8)]
  const p95 = quantile(all, 0.95)
  const row = (name: string, value: number): Line => ({
    bench: 'inp',
    what: name,
    value: value.toFixed(0),
  })
  return [
    row(`${what}: interactions`, all.length),
    row('  to the next paint, median ms', quantile(all, 0.5)),
    { ...row('  the same, p95 ms', p95), aim: atMost(p95, boundMs) },
    row('  the longest, ms', Math.max(...all)),
  ]
}
