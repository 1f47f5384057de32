import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/text-field.tsx'

/** A line of text and the button that takes it. */
export function OneLineForm({
  label,
  submit,
  onSubmit,
}: {
  readonly label: string
  readonly submit: string
  readonly onSubmit: (text: string) => void
}) {
  const [text, setText] = useState('')
  const clean = text.trim()
  return (
    <form
      className="flex flex-wrap items-end gap-2"
      onSubmit={(event) => {
        event.preventDefault()
        if (clean !== '') onSubmit(clean)
      }}
    >
      <div className="min-w-0 flex-1">
        <TextField label={label} value={text} onChange={setText} />
      </div>
      <Button type="submit" isDisabled={clean === ''}>
        {submit}
      </Button>
    </form>
  )
}
