import { fireEvent, screen, waitFor } from '@testing-library/react'
import { expect, it, vi } from 'vitest'
import { show } from '../testing/show.tsx'
import { Button } from './button.tsx'
import { ConfirmDialog } from './confirm-dialog.tsx'

it('keeps its words while it works, and does nothing a second time [UI-6]', async () => {
  const onPress = vi.fn()
  await show(
    <Button isPending onPress={onPress}>
      Save
    </Button>,
  )
  const button = screen.getByRole('button', { name: 'Save' })
  fireEvent.click(button)
  expect(onPress).not.toHaveBeenCalled()
  expect(button.getAttribute('aria-disabled')).toBe('true')
})

it('does not send its form again while it works', async () => {
  const onSubmit = vi.fn((event: { preventDefault: () => void }) => event.preventDefault())
  await show(
    <form onSubmit={onSubmit}>
      <Button type="submit" isPending>
        Send
      </Button>
    </form>,
  )
  fireEvent.click(screen.getByRole('button', { name: 'Send' }))
  expect(onSubmit).not.toHaveBeenCalled()
})

it('begins a question about something irreversible on the harmless answer', async () => {
  const onClose = vi.fn()
  const onConfirm = vi.fn()
  await show(
    <ConfirmDialog
      title="Remove it?"
      confirmLabel="Remove"
      isOpen
      onConfirm={onConfirm}
      onClose={onClose}
    >
      It cannot be brought back.
    </ConfirmDialog>,
  )
  expect(screen.getByRole('alertdialog', { name: 'Remove it?' })).toBeTruthy()
  await waitFor(() => expect(document.activeElement?.textContent).toBe('Cancel'))
  fireEvent.keyDown(document.activeElement ?? document.body, { key: 'Escape' })
  expect(onClose).toHaveBeenCalled()
  fireEvent.click(screen.getByRole('button', { name: 'Remove' }))
  expect(onConfirm).toHaveBeenCalledOnce()
})
