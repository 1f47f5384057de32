import type { ConnectionState } from '@studioops/contracts/connections'
import {
  CircleCheck,
  CircleDashed,
  CircleHelp,
  CircleX,
  type LucideIcon,
  PencilLine,
  UserRoundSearch,
} from 'lucide-react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Badge } from '../../ui/badge.tsx'
import type { Tone } from '../../ui/tones.ts'
import { connectionsTexts } from './connections.texts.ts'

const looks: Record<ConnectionState, { readonly tone: Tone; readonly icon: LucideIcon }> = {
  'not-set': { tone: 'neutral', icon: CircleDashed },
  untested: { tone: 'warn', icon: CircleHelp },
  passed: { tone: 'good', icon: CircleCheck },
  unverified: { tone: 'warn', icon: UserRoundSearch },
  changed: { tone: 'warn', icon: PencilLine },
  failing: { tone: 'bad', icon: CircleX },
}

export function ConnectionBadge({ state }: { readonly state: ConnectionState }) {
  const t = useTexts(connectionsTexts)
  const { tone, icon } = looks[state]
  return (
    <Badge tone={tone} icon={icon}>
      {t(`state.${state}`)}
    </Badge>
  )
}
