import { fireEvent, screen } from '@testing-library/react'

/** Types into the field with this label, and leaves it. */
export function write(label: string | RegExp, value: string): void {
  const field = screen.getByLabelText(label)
  fireEvent.change(field, { target: { value } })
  fireEvent.blur(field)
}

export function press(name: string | RegExp): void {
  fireEvent.click(screen.getByRole('button', { name }))
}

/** Answers only when it is told to, so that the time in between can be looked at. */
export function held<T>(value: T): { readonly answer: () => Promise<T>; readonly let: () => void } {
  const { promise, resolve } = Promise.withResolvers<T>()
  return { answer: () => promise, let: () => resolve(value) }
}
