import { SearchX } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button } from './button.tsx'
import { EmptyState } from './empty-state.tsx'

type Props = {
  readonly title: string
  readonly children: ReactNode
  /** What the button says that takes the filter away. */
  readonly clear: string
  readonly onClear: () => void
}

/** There is something, but nothing like what was asked for. */
export function NothingFound({ title, children, clear, onClear }: Props) {
  return (
    <EmptyState icon={SearchX} title={title} action={<Button onPress={onClear}>{clear}</Button>}>
      {children}
    </EmptyState>
  )
}
