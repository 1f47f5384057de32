import type { ChatContext } from '@studioops/contracts/chats'
import { Gauge } from 'lucide-react'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { PopoverDialog } from '../../ui/popover-dialog.tsx'
import { chatsTexts } from './chats.texts.ts'

/** What went into the question to the model, and what had no room (AI-3). */
export function ContextMeter({ context }: { readonly context: ChatContext }) {
  const t = useTexts(chatsTexts)
  const formats = useFormats()
  const { tokensMax, parts } = context
  const used = parts.reduce((sum, { tokens }) => sum + tokens, 0)
  const short = t('context.short', { used: formats.number(used), max: formats.number(tokensMax) })
  return (
    <PopoverDialog
      title={t('context.title')}
      placement="top start"
      trigger={
        <Button size="small" look="quiet" icon={<Gauge className="size-4" />}>
          {short}
        </Button>
      }
    >
      <meter
        aria-label={t('context.meter')}
        className="mt-3 h-2 w-full"
        min={0}
        max={tokensMax}
        value={used}
      />
      <ul className="mt-2 flex flex-col gap-1.5">
        {parts.map(({ kind, tokens, leftOut }) => (
          <li key={kind} className="flex flex-wrap justify-between gap-x-4">
            <span>{t(`context.${kind}`)}</span>
            <bdi>{formats.number(tokens)}</bdi>
            {leftOut > 0 && (
              <span className="w-full text-sm text-warn-ink">
                {t('context.leftOut', { count: leftOut })}
              </span>
            )}
          </li>
        ))}
      </ul>
      <p className="mt-3 text-sm text-muted">{t('context.estimate')}</p>
    </PopoverDialog>
  )
}
