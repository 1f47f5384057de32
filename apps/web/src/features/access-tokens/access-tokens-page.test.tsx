import type { AccessToken } from '@studioops/contracts/access-tokens'
import { fireEvent, screen } from '@testing-library/react'
import { expect, it } from 'vitest'
import { show } from '../../testing/show.tsx'
import { AccessTokensPage } from './access-tokens-page.tsx'

const token: AccessToken = {
  id: '2f4b8a52-7a31-4d5c-9a53-0c8b5b1b8a11',
  name: 'editor',
  scopes: ['stories.read'],
  hint: 'wxyz',
  createdAt: '2026-11-21T08:40:00.000Z',
  expiresAt: '2027-02-21T08:40:00.000Z',
  state: 'valid',
}

it('a token is shown once after it was made, and then only by its end', async () => {
  await show(<AccessTokensPage />, {
    answers: {
      'GET /account/access-tokens': () => ({
        tokens: [token],
        mcpUrl: 'http://localhost:8080/mcp',
      }),
      'POST /account/access-tokens': () => ({ token, secret: 'sops_shown-once-wxyz' }),
    },
  })
  const name = await screen.findByRole('textbox', { name: /^Name/ })
  fireEvent.click(screen.getByRole('button', { name: 'Make the token' }))
  expect(await screen.findByText('Give the token a name.')).toBeTruthy()
  fireEvent.change(name, { target: { value: 'editor' } })
  fireEvent.click(screen.getByRole('button', { name: 'Make the token' }))
  expect(await screen.findByText('sops_shown-once-wxyz')).toBeTruthy()
  fireEvent.click(screen.getByRole('button', { name: 'I have copied it' }))
  expect(screen.queryByText('sops_shown-once-wxyz')).toBeNull()
  expect(screen.getByText(/Ends with .*wxyz/)).toBeTruthy()
})
