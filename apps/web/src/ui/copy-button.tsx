import { Check, Copy } from 'lucide-react'
import { useState } from 'react'
import { useTexts } from '../lib/i18n/use-texts.ts'
import { Button } from './button.tsx'
import { uiTexts } from './ui.texts.ts'

const confirmedMs = 2_000

/** Copies `text`; `object` names what it is, for the button's name. */
export function CopyButton({ text, object }: { readonly text: string; readonly object: string }) {
  const t = useTexts(uiTexts)
  const [isCopied, setIsCopied] = useState(false)
  const copy = async () => {
    await navigator.clipboard.writeText(text)
    setIsCopied(true)
    setTimeout(() => setIsCopied(false), confirmedMs)
  }
  return (
    <>
      <Button
        size="small"
        look="quiet"
        aria-label={t('copy.object', { name: object })}
        icon={isCopied ? <Check className="size-4" /> : <Copy className="size-4" />}
        onPress={() => void copy()}
      >
        {isCopied ? t('copied') : t('copy')}
      </Button>
      <span role="status" className="sr-only">
        {isCopied && t('copied')}
      </span>
    </>
  )
}
