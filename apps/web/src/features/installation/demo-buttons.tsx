import { Zap } from 'lucide-react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { installationTexts } from './installation.texts.ts'

export type DemoControl = 'faults' | 'leave'

/** The controls of the demo before their code has come. */
export function DemoButtons({
  isSignedIn,
  onPress,
}: {
  readonly isSignedIn: boolean
  readonly onPress: (control: DemoControl) => void
}) {
  return (
    <>
      {isSignedIn && <FaultsButton activeCount={0} onPress={() => onPress('faults')} />}
      <LeaveButton onPress={() => onPress('leave')} />
    </>
  )
}

/** Says how many failures play; what it opens is its `PopoverDialog`'s business. */
export function FaultsButton({
  activeCount,
  onPress,
}: {
  readonly activeCount: number
  readonly onPress?: () => void
}) {
  const t = useTexts(installationTexts)
  return (
    <Button
      size="small"
      look={activeCount > 0 ? 'secondary' : 'quiet'}
      icon={<Zap aria-hidden className="size-4" />}
      {...(onPress === undefined ? {} : { onPress })}
    >
      {activeCount > 0 ? t('faults.active', { count: activeCount }) : t('faults.open')}
    </Button>
  )
}

export function LeaveButton({ onPress }: { readonly onPress: () => void }) {
  const t = useTexts(installationTexts)
  return (
    <Button size="small" look="quiet" onPress={onPress}>
      {t('leave.open')}
    </Button>
  )
}
