import type { listConnections } from '@studioops/contracts/connections'
import type { ReplyOf } from '@studioops/contracts/endpoint'
import { useState } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useRemoveModel } from './connections.queries.ts'
import { connectionsTexts } from './connections.texts.ts'
import { ModelForm } from './model-form.tsx'
import { SectionHeader } from './section-header.tsx'

export type ModelConnection = ReplyOf<typeof listConnections>['model']

/** The model that writes: any server with the OpenAI API. */
export function ModelSection({ model }: { readonly model: ModelConnection }) {
  const t = useTexts(connectionsTexts)
  return (
    <Card as="section" labelledBy="model">
      <SectionHeader
        id="model"
        title={t('model.title')}
        hint={t('model.hint')}
        opens={t('opens.model')}
        standing={model}
      />
      <ModelForm model={model}>{model.state !== 'not-set' && <RemoveModel />}</ModelForm>
    </Card>
  )
}

function RemoveModel() {
  const t = useTexts(connectionsTexts)
  const toast = useToast()
  const remove = useRemoveModel()
  const [isAsking, setIsAsking] = useState(false)
  const confirm = () =>
    remove.mutate(undefined, {
      onSuccess: () => {
        setIsAsking(false)
        toast({ text: t('model.removed') })
      },
    })
  return (
    <>
      <Button look="quiet" onPress={() => setIsAsking(true)}>
        {t('model.remove')}
      </Button>
      <ConfirmDialog
        title={t('model.remove.title')}
        confirmLabel={t('model.remove.confirm')}
        isOpen={isAsking}
        isPending={remove.isPending}
        onConfirm={confirm}
        onClose={() => setIsAsking(false)}
      >
        <p>{t('model.remove.text')}</p>
        {remove.isError && (
          <div className="mt-4">
            <ProblemNotice error={remove.error} onRetry={confirm} />
          </div>
        )}
      </ConfirmDialog>
    </>
  )
}
