import { fireEvent, screen } from '@testing-library/react'
import { useState } from 'react'
import { expect, it } from 'vitest'
import { show } from '../testing/show.tsx'
import { TextField, type TextFieldProps } from './text-field.tsx'

function Field(props: Partial<TextFieldProps>) {
  const [value, setValue] = useState('')
  return <TextField label="Name" value={value} onChange={setValue} {...props} />
}

const field = () => screen.getByLabelText<HTMLInputElement>('Name')
const write = (value: string) => fireEvent.change(field(), { target: { value } })

it('takes its direction from its text, and from the page while it is empty [D-28]', async () => {
  await show(<Field />, { language: 'he' })
  expect(field().getAttribute('dir')).toBeNull()
  write('שלום')
  expect(field().dir).toBe('auto')
})

it.each(['url', 'email', 'token', 'password', 'code'] as const)(
  'keeps a field of kind %s left to right [D-28]',
  async (kind) => {
    await show(<Field kind={kind} />, { language: 'he' })
    expect(field().dir).toBe('ltr')
  },
)

it('takes invisible marks out of what a machine reads', async () => {
  await show(<Field kind="token" />)
  write('\u200epat\u2069-1')
  expect(field().value).toBe('pat-1')
})

it('keeps a password exactly as it was typed', async () => {
  await show(<Field kind="password" />)
  write('\u200epass')
  expect(field().value).toBe('\u200epass')
})

it('masks a secret and shows what is being typed on demand [CFG-18]', async () => {
  await show(<Field kind="token" />)
  expect(field().type).toBe('password')
  fireEvent.click(screen.getByRole('button', { name: 'Show what is typed' }))
  expect(field().type).toBe('text')
  fireEvent.click(screen.getByRole('button', { name: 'Hide what is typed' }))
  expect(field().type).toBe('password')
})

it('ties what is wrong to the field [ERR-3]', async () => {
  await show(<Field error="Type a name." description="As in Jira" />)
  const described = (field().getAttribute('aria-describedby') ?? '')
    .split(' ')
    .map((id) => document.getElementById(id)?.textContent)
  expect(described).toEqual(['As in Jira', 'Type a name.'])
  expect(field().getAttribute('aria-invalid')).toBe('true')
})

it('counts graphemes from 80 % on, and cuts nothing [D-28]', async () => {
  await show(<Field maxGraphemes={10} />)
  write('1234567')
  expect(screen.queryByText(/of/)).toBeNull()
  write('👩‍👩‍👧‍👦'.repeat(8))
  expect(screen.getAllByText(/8.* of .*10.* characters/)).not.toHaveLength(0)
  write('x'.repeat(12))
  expect(screen.getAllByText(/2.* characters too many/)).not.toHaveLength(0)
  expect(field().value).toHaveLength(12)
})

it('hides a password, and lets a manager fill it in and a person paste it [ASVS-6.2.6] [ASVS-6.2.7]', async () => {
  await show(<Field kind="password" autoComplete="current-password" />)
  expect(field().type).toBe('password')
  expect(field().autocomplete).toBe('current-password')
  expect(field().readOnly).toBe(false)
  // False where somebody has called preventDefault.
  expect(fireEvent.paste(field(), { clipboardData: { getData: () => 'Right1!pass' } })).toBe(true)
})
