import { CircleCheck, Info, X } from 'lucide-react'
import { createContext, type ReactNode, use, useState } from 'react'
import {
  UNSTABLE_Toast as AriaToast,
  UNSTABLE_ToastContent as ToastContent,
  UNSTABLE_ToastQueue as ToastQueue,
  UNSTABLE_ToastRegion as AriaToastRegion,
} from 'react-aria-components/Toast'
import { Text } from 'react-aria-components/Text'
import { useTexts } from '../lib/i18n/use-texts.ts'
import { classNames } from '../lib/class-names.ts'
import { Button } from './button.tsx'
import { IconButton } from './icon-button.tsx'
import { uiTexts } from './ui.texts.ts'

export type ToastMessage = {
  readonly text: string
  readonly tone?: 'neutral' | 'good'
  /** One way out, such as Undo. */
  readonly action?: { readonly label: string; readonly onPress: () => void }
}

type Show = (message: ToastMessage) => void

const shownMs = 5_000
const shownWithActionMs = 8_000
const shownAtOnceMax = 3

const ToastContext = createContext<Show>(() => {})

/** `const toast = useToast(); toast({ text: t('saved'), tone: 'good' })`. Never for errors. */
export function useToast(): Show {
  return use(ToastContext)
}

/** Holds the polite live region; hover and focus stop the clock. */
export function ToastProvider({ children }: { readonly children: ReactNode }) {
  const t = useTexts(uiTexts)
  const [queue] = useState(() => new ToastQueue<ToastMessage>({ maxVisibleToasts: shownAtOnceMax }))
  const [show] = useState<Show>(() => (message: ToastMessage) => {
    const timeout = message.action === undefined ? shownMs : shownWithActionMs
    queue.add(message, { timeout })
  })
  return (
    <ToastContext value={show}>
      {children}
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
            <ToastIcon tone={toast.content.tone} />
            <ToastContent className="min-w-0 flex-1">
              <Text slot="title">{toast.content.text}</Text>
            </ToastContent>
            {toast.content.action !== undefined && (
              <Button
                size="small"
                onPress={() => {
                  toast.content.action?.onPress()
                  queue.close(toast.key)
                }}
              >
                {toast.content.action.label}
              </Button>
            )}
            <IconButton
              slot="close"
              size="small-icon"
              label={t('dismiss')}
              icon={<X className="size-4" />}
            />
          </AriaToast>
        )}
      </AriaToastRegion>
    </ToastContext>
  )
}

function ToastIcon({ tone }: { readonly tone: ToastMessage['tone'] }) {
  const Icon = tone === 'good' ? CircleCheck : Info
  const colour = tone === 'good' ? 'text-good-ink' : 'text-muted'
  return <Icon aria-hidden className={classNames('size-5 shrink-0', colour)} />
}
