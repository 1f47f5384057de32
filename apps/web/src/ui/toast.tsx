import { createContext, lazy, type ReactNode, Suspense, use, useState } from 'react'

export type ToastMessage = {
  readonly text: string
  readonly tone?: 'neutral' | 'good'
  /** One way out, such as Undo. */
  readonly action?: { readonly label: string; readonly onPress: () => void }
}

export type ShowToast = (message: ToastMessage) => void

const ToastRegion = lazy(async () => {
  const { ToastRegion: region } = await import('./toast-region.tsx')
  return { default: region }
})

const ToastContext = createContext<ShowToast>(() => {})

/** `const toast = useToast(); toast({ text: t('saved'), tone: 'good' })`. Never for errors. */
export function useToast(): ShowToast {
  return use(ToastContext)
}

/** Collects what is to be said; the region that says it is loaded with the first message. */
export function ToastProvider({ children }: { readonly children: ReactNode }) {
  const [messages, setMessages] = useState<readonly ToastMessage[]>([])
  const [show] = useState<ShowToast>(
    () => (message: ToastMessage) => setMessages((said) => [...said, message]),
  )
  return (
    <ToastContext value={show}>
      {children}
      {messages.length > 0 && (
        <Suspense>
          <ToastRegion messages={messages} />
        </Suspense>
      )}
    </ToastContext>
  )
}
