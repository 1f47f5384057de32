import { limits } from '@studioops/contracts/limits'
import { Sparkles } from 'lucide-react'
import { useRef, useState } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { TextArea } from '../../ui/text-area.tsx'
import type { Write } from './requirement-panel.tsx'
import { storiesTexts } from './stories.texts.ts'

/** An instruction in the person's own words; the model makes a new version from it. */
export function RefineForm({
  write,
  isBlocked,
}: {
  readonly write: Write
  /** Corrections are not saved: the model would not see them. */
  readonly isBlocked: boolean
}) {
  const t = useTexts(storiesTexts)
  const field = useRef<HTMLTextAreaElement>(null)
  const [text, setText] = useState('')
  const [wasTried, setWasTried] = useState(false)
  const isMissing = text.trim() === ''
  const send = () => {
    setWasTried(true)
    if (isMissing || isBlocked) field.current?.focus()
    else write.mutate({ instruction: text.trim() })
  }
  const complaint = isBlocked ? t('refine.unsaved') : t('refine.missing')
  return (
    <div className="flex flex-col gap-2.5">
      <TextArea
        ref={field}
        label={t('refine.label')}
        placeholder={t('refine.placeholder')}
        value={text}
        onChange={setText}
        rows={2}
        maxGraphemes={limits.instructionGraphemes}
        error={wasTried && (isMissing || isBlocked) ? complaint : undefined}
      />
      <div>
        <Button isPending={write.isPending} icon={<Sparkles className="size-4" />} onPress={send}>
          {t('refine.send')}
        </Button>
      </div>
      {write.isError && write.variables.instruction !== undefined && (
        <ProblemNotice error={write.error} onRetry={send} />
      )}
    </div>
  )
}
