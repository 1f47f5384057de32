import { limits } from '@studioops/contracts/limits'
import { Sparkles, Split } from 'lucide-react'
import { useRef, useState } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { Checkbox } from '../../ui/checkbox.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { TextArea } from '../../ui/text-area.tsx'
import type { Write } from './requirement-panel.tsx'
import type { Wish } from './stories.queries.ts'
import { storiesTexts } from './stories.texts.ts'

type RefineProps = {
  readonly write: Write
  /** Corrections are not saved: the model would not see them. */
  readonly isBlocked: boolean
  /** Something was written by hand, which the model leaves as it is unless it is told otherwise. */
  readonly hasEdits?: boolean
  readonly canSplit?: boolean
  /** Of a split: the part that is changed. */
  readonly child?: number
}

/** An instruction in the person's own words; the model makes a new version from it. */
export function RefineForm({ canSplit = false, hasEdits = false, ...props }: RefineProps) {
  const { write, isBlocked, child } = props
  const t = useTexts(storiesTexts)
  const { field, text, setText, mayRewrite, setMayRewrite, complaint, send } = useInstruction(props)
  return (
    <div className="flex flex-col gap-2.5">
      <TextArea
        ref={field}
        label={child === undefined ? t('refine.label') : t('refine.child', { number: child + 1 })}
        placeholder={t('refine.placeholder')}
        value={text}
        onChange={setText}
        rows={2}
        maxGraphemes={limits.instructionGraphemes}
        error={complaint}
      />
      {hasEdits && (
        <Checkbox isSelected={mayRewrite} onChange={setMayRewrite}>
          {t('kept.keep')}
        </Checkbox>
      )}
      <div className="flex flex-wrap gap-2">
        <Button isPending={write.isPending} icon={<Sparkles className="size-4" />} onPress={send}>
          {t('refine.send')}
        </Button>
        {canSplit && (
          <Button
            look="quiet"
            isDisabled={isBlocked}
            isPending={write.isPending}
            icon={<Split className="flip size-4" />}
            onPress={() => write.mutate({ split: true })}
          >
            {t('refine.split')}
          </Button>
        )}
      </div>
      {write.isError && isOfThis(write.variables, child) && (
        <ProblemNotice error={write.error} onRetry={() => write.mutate(write.variables)} />
      )}
    </div>
  )
}

function useInstruction({ write, isBlocked, child }: RefineProps) {
  const t = useTexts(storiesTexts)
  const field = useRef<HTMLTextAreaElement>(null)
  const [text, setText] = useState('')
  const [wasTried, setWasTried] = useState(false)
  const [mayRewrite, setMayRewrite] = useState(false)
  const isMissing = text.trim() === ''
  const send = () => {
    setWasTried(true)
    if (isMissing || isBlocked) return field.current?.focus()
    write.mutate({
      instruction: text.trim(),
      ...(mayRewrite && { keepEdits: false }),
      ...(child !== undefined && { child }),
    })
  }
  const said = isBlocked ? t('refine.unsaved') : t('refine.missing')
  const complaint = wasTried && (isMissing || isBlocked) ? said : undefined
  return { field, text, setText, mayRewrite, setMayRewrite, complaint, send }
}

/** The same wish can come from several places of the page; the refusal stands where it was made. */
function isOfThis({ instruction, split, child: asked }: Wish, child: number | undefined): boolean {
  return (instruction !== undefined || split === true) && asked === child
}
