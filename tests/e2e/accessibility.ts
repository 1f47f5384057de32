import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/**
 * What axe finds on a page as it stands, a sentence for each element.
 *
 * @param about `colours` looks only at what another theme can change
 */
export async function breaches(
  page: Page,
  about: 'everything' | 'colours' = 'everything',
): Promise<string[]> {
  const all = new AxeBuilder({ page }).options({ resultTypes: ['violations'] })
  const chosen = about === 'everything' ? all.withTags(tags) : all.withRules('color-contrast')
  // The legacy mode needs no page of its own; there are no frames of strangers here.
  const { violations } = await chosen.setLegacyMode().analyze()
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary = '' }) => {
      const [, reason = ''] = failureSummary.split('\n')
      return `${id}: ${help}: ${target.join(' ')}: ${reason.trim()}`
    }),
  )
}
