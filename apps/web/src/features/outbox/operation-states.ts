import type { Operation, OperationState } from '@studioops/contracts/operations'
import {
  CircleCheck,
  CircleHelp,
  CircleX,
  Clock,
  Hand,
  ListTodo,
  type LucideIcon,
  Search,
  Send,
} from 'lucide-react'
import type { Tone } from '../../ui/tones.ts'

const ended: ReadonlySet<OperationState> = new Set(['done', 'refused', 'cancelled'])

/** True while something can still happen to it. */
export function isOpen({ state }: Pick<Operation, 'state'>): boolean {
  return !ended.has(state)
}

export const stateSigns: Readonly<
  Record<OperationState, { readonly tone: Tone; readonly icon: LucideIcon }>
> = {
  planned: { tone: 'neutral', icon: Clock },
  attempting: { tone: 'accent', icon: Send },
  done: { tone: 'good', icon: CircleCheck },
  refused: { tone: 'bad', icon: CircleX },
  unknown: { tone: 'warn', icon: Search },
  'needs-user': { tone: 'warn', icon: CircleHelp },
  cancelled: { tone: 'neutral', icon: Hand },
  partial: { tone: 'warn', icon: ListTodo },
}
