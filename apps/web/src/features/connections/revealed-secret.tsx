import { limits } from '@studioops/contracts/limits'
import { useEffect, useEffectEvent } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { useCountdown } from '../../lib/use-countdown.ts'
import { Button } from '../../ui/button.tsx'
import { Code } from '../../ui/code.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { Spinner } from '../../ui/spinner.tsx'
import { type SecretHolder, useRevealSecret } from './connections.queries.ts'
import { connectionsTexts } from './connections.texts.ts'
import type { SecretName } from './section-values.ts'

/** Asks for a secret, shows it for 20 seconds and forgets it (D-23). */
export function RevealedSecret({
  system,
  name,
  label,
  onHide,
}: {
  readonly system: SecretHolder
  readonly name: SecretName
  readonly label: string
  readonly onHide: () => void
}) {
  const reveal = useRevealSecret()
  const { mutate } = reveal
  const ask = useEffectEvent(() => mutate({ system, name }))
  useEffect(() => ask(), [])
  if (reveal.isError)
    return (
      <div className="mt-2">
        <ProblemNotice error={reveal.error} onRetry={ask} />
      </div>
    )
  if (reveal.data === undefined)
    return (
      <p className="mt-2">
        <Spinner />
      </p>
    )
  return <ForAMoment secret={reveal.data.secret} label={label} onHide={onHide} />
}

function ForAMoment({
  secret,
  label,
  onHide,
}: {
  readonly secret: string
  readonly label: string
  readonly onHide: () => void
}) {
  const t = useTexts(connectionsTexts)
  const seconds = useCountdown(limits.revealSeconds)
  const hide = useEffectEvent(onHide)
  const isOver = seconds === 0
  useEffect(() => {
    if (isOver) hide()
  }, [isOver])
  return (
    <div className="mt-2 flex flex-wrap items-center gap-x-3 gap-y-1">
      <span className="min-w-0 break-all">
        <Code>{secret}</Code>
      </span>
      <CopyButton text={secret} object={label} />
      <Button size="small" look="quiet" onPress={onHide}>
        {t('secret.hide')}
      </Button>
      <span role="timer" className="text-sm text-muted tabular-nums">
        {t('secret.hides', { seconds })}
      </span>
    </div>
  )
}
