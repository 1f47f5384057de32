import {
  CircleCheck,
  CircleHelp,
  CircleX,
  Clock,
  type LucideIcon,
  PencilLine,
  Search,
  Send,
} from 'lucide-react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Badge } from '../../ui/badge.tsx'
import type { Tone } from '../../ui/tones.ts'
import type { ChangeState } from './board-overlay.ts'
import { boardsTexts } from './boards.texts.ts'

const signs: Readonly<Record<ChangeState, { readonly tone: Tone; readonly icon: LucideIcon }>> = {
  draft: { tone: 'accent', icon: PencilLine },
  planned: { tone: 'neutral', icon: Clock },
  waiting: { tone: 'warn', icon: Clock },
  attempting: { tone: 'accent', icon: Send },
  unknown: { tone: 'warn', icon: Search },
  'needs-user': { tone: 'warn', icon: CircleHelp },
  refused: { tone: 'bad', icon: CircleX },
  done: { tone: 'good', icon: CircleCheck },
}

/** How far a change of one's own has come. */
export function ChangeBadge({ state }: { readonly state: ChangeState }) {
  const t = useTexts(boardsTexts)
  const { tone, icon } = signs[state]
  return (
    <Badge tone={tone} icon={icon}>
      {t(`state.${state}`)}
    </Badge>
  )
}
