import type { DocumentState } from '@studioops/contracts/documents'
import { Ban, CircleAlert, CircleCheck, Clock, Image, Loader, type LucideIcon } from 'lucide-react'
import type { Tone } from '../../ui/tones.ts'

type Sign = { readonly tone: Tone; readonly icon: LucideIcon }

export const stateSigns: Readonly<Record<DocumentState, Sign>> = {
  queued: { tone: 'neutral', icon: Clock },
  processing: { tone: 'neutral', icon: Loader },
  ready: { tone: 'good', icon: CircleCheck },
  'no-text': { tone: 'warn', icon: Image },
  failed: { tone: 'bad', icon: CircleAlert },
  cancelled: { tone: 'neutral', icon: Ban },
}
