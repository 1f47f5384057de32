import { useTexts } from '../../lib/i18n/use-texts.ts'
import { useInstallation } from '../../lib/installation.queries.ts'
import { useAccount } from '../../lib/session.queries.ts'
import { Button } from '../../ui/button.tsx'
import { connectionsTexts } from './connections.texts.ts'

/** In the demo one press fills in the simulated system. */
export function DemoFill({
  label,
  onPress,
}: {
  readonly label?: string
  readonly onPress: () => void
}) {
  const t = useTexts(connectionsTexts)
  return (
    <div>
      <Button size="small" onPress={onPress}>
        {label ?? t('demo.fill')}
      </Button>
    </div>
  )
}

/** Where the simulated systems are and what opens them for this person; undefined outside the demo. */
export function useDemoPerson() {
  const demo = useInstallation().data?.demo
  const account = useAccount()
  const person = demo?.people.find(({ employeeId }) => employeeId === account?.employeeId)
  if (demo === undefined || person === undefined) return undefined
  const { confluenceUrl, trelloUrl, trelloKey } = demo
  const { confluenceToken, trelloToken } = person
  return { confluenceUrl, confluenceToken, trelloUrl, trelloKey, trelloToken }
}
