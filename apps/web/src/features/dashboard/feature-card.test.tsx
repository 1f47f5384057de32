import type { ConnectionState, Feature } from '@studioops/contracts/connections'
import { screen } from '@testing-library/react'
import { expect, it } from 'vitest'
import { show } from '../../testing/show.tsx'
import { FeatureCard } from './feature-card.tsx'

function stories(state: Feature['state'], jira: ConnectionState, model: ConnectionState): Feature {
  return {
    name: 'stories',
    state,
    needs: [
      { connection: 'jira', state: jira },
      { connection: 'model', state: model },
    ],
  }
}

const showCard = (feature: Feature, outboxOpen = 0) =>
  show(<FeatureCard feature={feature} outboxOpen={outboxOpen} />)

it('an open card leads to the feature and complains of nothing [UI-2]', async () => {
  await showCard(stories('open', 'passed', 'passed'))
  expect(screen.getByRole('link', { name: 'New story' }).getAttribute('href')).toBe('/stories')
  expect(screen.getAllByRole('link')).toHaveLength(1)
})

it.each([
  ['not-set', 'not set'],
  ['untested', 'not tested'],
  ['changed', 'changed since the test'],
] as const)(
  'a card that waits for a %s model says so and links there [CFG-17]',
  async (state, words) => {
    await showCard(stories('needs-setup', 'passed', state))
    expect(screen.getByText(/1.* of .*2.* tested/)).toBeTruthy()
    expect(screen.getByText(words)).toBeTruthy()
    const links = screen.getAllByRole('link')
    expect(links.map((link) => link.getAttribute('href'))).toEqual(['/connections#model'])
  },
)

it('a broken card names what fails, each with its link [CFG-17]', async () => {
  await showCard(stories('broken', 'failing', 'failing'))
  expect(screen.getByText('Broken')).toBeTruthy()
  expect(screen.getAllByRole('link').map((link) => link.textContent)).toEqual(['Jira', 'Model'])
  expect(screen.queryByRole('link', { name: 'New story' })).toBeNull()
})

it('a limited card stays open and says which fallback answers [D-9]', async () => {
  await showCard(stories('degraded', 'passed', 'failing'))
  expect(screen.getByRole('link', { name: 'New story' })).toBeTruthy()
  expect(screen.getByText(/put together from a template/)).toBeTruthy()
})

it('the door to the connections stands open, whatever is missing there [CFG-17]', async () => {
  const { needs } = stories('needs-setup', 'passed', 'not-set')
  await showCard({ name: 'connections', state: 'needs-setup', needs })
  expect(screen.getByRole('link', { name: 'Look at connections' })).toBeTruthy()
  expect(screen.getByText('Still to do:')).toBeTruthy()
})

it('the outbox counts what waits [D-10]', async () => {
  await showCard({ name: 'outbox', state: 'open', needs: [] }, 3)
  expect(screen.getByText(/3.* writes wait/)).toBeTruthy()
})
