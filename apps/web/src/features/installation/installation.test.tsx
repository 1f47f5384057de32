import { fireEvent, screen, waitFor } from '@testing-library/react'
import { expect, it } from 'vitest'
import { press } from '../../testing/hands.ts'
import { refusal } from '../../testing/problems.ts'
import { aDemo, anInstallation, aSession } from '../../testing/samples.ts'
import { type Answers, show } from '../../testing/show.tsx'
import { DemoStrip } from './demo-strip.tsx'
import { WelcomePage } from './welcome-page.tsx'

const demoInstallation = anInstallation({ mode: 'demo', demo: aDemo() })

async function showWelcome(answers: Answers = {}) {
  const shown = await show(<WelcomePage />, {
    answers: { 'GET /installation': () => anInstallation({ mode: 'new' }), ...answers },
    path: '/welcome',
  })
  await screen.findByRole('heading', { level: 1 })
  return shown
}

it('offers two ways, and says plainly what the demo is [D-26]', async () => {
  await showWelcome()
  expect(screen.getByRole('link', { name: 'Start with my Jira' }).getAttribute('href')).toBe(
    '/register',
  )
  const demo = screen.getByRole('region', { name: 'Try the demo workspace' })
  expect(demo.textContent).toContain('simulated')
  expect(demo.textContent).toContain('Leaving the demo removes all of it.')
})

it('opens the demo and goes on with its people [D-26]', async () => {
  const { path } = await showWelcome({ 'POST /installation/demo': () => demoInstallation })
  press('Open the demo')
  await waitFor(() => expect(path()).toBe('/register'))
})

it('explains when somebody else was quicker', async () => {
  await showWelcome({ 'POST /installation/demo': () => refusal('installation.already-chosen') })
  press('Open the demo')
  expect((await screen.findByRole('alert')).textContent).toContain('already set up')
})

const allWorks = { jira: 'none', model: 'none', confluence: 'none', trello: 'none' }

const showStrip = (answers: Answers = {}) =>
  show(<DemoStrip />, {
    answers: {
      'GET /installation': () => demoInstallation,
      'GET /session': () => aSession(),
      'GET /installation/demo/faults': () => allWorks,
      ...answers,
    },
  })

it('marks a demo plainly [D-26]', async () => {
  await showStrip()
  expect(await screen.findByText('Demo: all systems outside are simulated')).toBeTruthy()
})

it('shows no strip on real systems', async () => {
  const { queries } = await showStrip({ 'GET /installation': () => anInstallation() })
  await waitFor(() => expect(queries.getQueryData(['installation'])).toBeDefined())
  expect(screen.queryByRole('complementary')).toBeNull()
})

it('plays a failure with one choice, and says that one plays', async () => {
  const { requests } = await showStrip({
    'PUT /installation/demo/faults': ({ body }) => body,
  })
  fireEvent.click(await screen.findByRole('button', { name: 'Play a failure' }))
  fireEvent.click(await screen.findByRole('button', { name: /Simulated Jira/ }))
  fireEvent.click(await screen.findByRole('option', { name: 'Does it, but the answer is lost' }))
  await waitFor(() =>
    expect(requests.find(({ method }) => method === 'PUT')?.body).toEqual({
      ...allWorks,
      jira: 'lost-answer',
    }),
  )
  fireEvent.keyDown(document.activeElement ?? document.body, { key: 'Escape' })
  await screen.findByRole('button', { name: /1.* failure is playing/, hidden: true })
})

it('a switch falls back when the server refuses it', async () => {
  await showStrip({ 'PUT /installation/demo/faults': () => refusal('demo.not-active') })
  fireEvent.click(await screen.findByRole('button', { name: 'Play a failure' }))
  fireEvent.click(await screen.findByRole('button', { name: /Simulated model/ }))
  fireEvent.click(await screen.findByRole('option', { name: 'Is away' }))
  await screen.findByRole('alert')
  expect(screen.getByRole('button', { name: /Simulated model/ }).textContent).toContain('Works')
})

it('asks before it removes everything, and then shows the first page [D-26]', async () => {
  const { requests, path } = await showStrip({
    'DELETE /installation/demo': () => anInstallation({ mode: 'new' }),
  })
  fireEvent.click(await screen.findByRole('button', { name: 'Leave the demo' }))
  expect((await screen.findByRole('alertdialog')).textContent).toContain('removed for everybody')
  expect(requests.some(({ method }) => method === 'DELETE')).toBe(false)
  press('Leave and remove everything')
  await waitFor(() => expect(path()).toBe('/welcome'))
  expect(screen.queryByRole('complementary')).toBeNull()
})
