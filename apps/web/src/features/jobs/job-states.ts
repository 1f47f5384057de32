import type { Job, JobState } from '@studioops/contracts/jobs'
import {
  CircleCheck,
  CircleX,
  Clock,
  Hand,
  Hourglass,
  LoaderCircle,
  type LucideIcon,
  RotateCw,
} from 'lucide-react'
import type { Tone } from '../../ui/tones.ts'

const ended: ReadonlySet<JobState> = new Set(['done', 'cancelled', 'dead'])

/** True while something can still happen to it by itself. */
export function isOpen({ state }: Pick<Job, 'state'>): boolean {
  return !ended.has(state)
}

export const stateSigns: Readonly<
  Record<JobState, { readonly tone: Tone; readonly icon: LucideIcon }>
> = {
  queued: { tone: 'neutral', icon: Clock },
  running: { tone: 'accent', icon: LoaderCircle },
  retrying: { tone: 'warn', icon: RotateCw },
  stuck: { tone: 'warn', icon: Hourglass },
  done: { tone: 'good', icon: CircleCheck },
  cancelled: { tone: 'neutral', icon: Hand },
  dead: { tone: 'bad', icon: CircleX },
}
