import { CircleCheck, Info, X } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { Text } from 'react-aria-components/Text'
import {
  UNSTABLE_Toast as AriaToast,
  UNSTABLE_ToastContent as ToastContent,
  UNSTABLE_ToastQueue as ToastQueue,
  UNSTABLE_ToastRegion as AriaToastRegion,
} from 'react-aria-components/Toast'
import { classNames } from '../lib/class-names.ts'
import { useTexts } from '../lib/i18n/use-texts.ts'
import { Button } from './button.tsx'
import { IconButton } from './icon-button.tsx'
import type { ToastMessage } from './toast.tsx'
import { uiTexts } from './ui.texts.ts'

const shownMs = 5_000
const shownWithActionMs = 8_000
const shownAtOnceMax = 3

/** The polite live region; hover and focus stop the clock. `messages` only ever grows. */
export function ToastRegion({ messages }: { readonly messages: readonly ToastMessage[] }) {
  const t = useTexts(uiTexts)
  const [queue] = useState(() => new ToastQueue<ToastMessage>({ maxVisibleToasts: shownAtOnceMax }))
  const said = useRef(0)
  useEffect(() => {
    for (const message of messages.slice(said.current))
      queue.add(message, { timeout: message.action === undefined ? shownMs : shownWithActionMs })
    said.current = messages.length
  }, [messages, queue])
  return (
    <AriaToastRegion
      queue={queue}
      aria-label={t('notifications')}
      className="fixed end-4 bottom-4 z-60 flex w-[min(24rem,calc(100vw-2rem))] flex-col gap-2 outline-none max-md:bottom-20"
    >
      {({ toast }) => (
        <AriaToast
          toast={toast}
          className="flex animate-rise items-center gap-3 rounded-card border border-line bg-raised px-4 py-2.5 text-ink shadow-float"
        >
          <ToastIcon message={toast.content} />
          <ToastContent className="min-w-0 flex-1">
            <Text slot="title">{toast.content.text}</Text>
          </ToastContent>
          <ToastAction message={toast.content} onDone={() => queue.close(toast.key)} />
          <IconButton
            slot="close"
            size="small-icon"
            label={t('dismiss')}
            icon={<X aria-hidden className="size-4" />}
          />
        </AriaToast>
      )}
    </AriaToastRegion>
  )
}

function ToastAction({
  message: { action },
  onDone,
}: {
  readonly message: ToastMessage
  readonly onDone: () => void
}) {
  if (action === undefined) return undefined
  return (
    <Button
      size="small"
      onPress={() => {
        action.onPress()
        onDone()
      }}
    >
      {action.label}
    </Button>
  )
}

function ToastIcon({ message: { tone } }: { readonly message: ToastMessage }) {
  const Icon = tone === 'good' ? CircleCheck : Info
  const colour = tone === 'good' ? 'text-good-ink' : 'text-muted'
  return <Icon aria-hidden className={classNames('size-5 shrink-0', colour)} />
}
