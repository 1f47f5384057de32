import { PlugZap } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { useForm } from 'react-hook-form'
import { useLanguage } from '../../lib/i18n/language-provider.tsx'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { useInstallation } from '../../lib/installation.queries.ts'
import { fieldMessage } from '../../lib/problem.ts'
import { Button } from '../../ui/button.tsx'
import { FormTextField } from '../../ui/form-text-field.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useToast } from '../../ui/toast.tsx'
import { type ModelSettings, useSaveModel, useTestModel } from './connections.queries.ts'
import { connectionsTexts } from './connections.texts.ts'
import { ModelKeyField } from './model-key-field.tsx'
import type { ModelConnection } from './model-section.tsx'
import { addressFault, modelAddress, nameFault } from './model-settings.ts'
import { TestReport } from './test-report.tsx'

export type ModelValues = { baseUrl: string; model: string; apiKey: string }

/** Address, name and key, with the test beside the saving; a save is tested at once. */
export function ModelForm({
  model,
  children,
}: {
  readonly model: ModelConnection
  /** Further buttons. */
  readonly children?: ReactNode
}) {
  const t = useTexts(connectionsTexts)
  const { texts } = useLanguage()
  const toast = useToast()
  const demo = useInstallation().data?.demo
  const [isReplacingKey, setIsReplacingKey] = useState(false)
  const test = useTestModel()
  const save = useSaveModel()
  const form = useForm<ModelValues>({
    values: { baseUrl: model.baseUrl ?? '', model: model.model ?? '', apiKey: '' },
    resetOptions: { keepDirtyValues: true },
    mode: 'onTouched',
  })
  const keepsKey = model.keyHint !== undefined && !isReplacingKey
  const settingsOf = ({ baseUrl, model: name, apiKey }: ModelValues): ModelSettings => ({
    baseUrl: modelAddress(baseUrl) ?? baseUrl,
    model: name.trim(),
    ...(keepsKey ? {} : { apiKey: apiKey.trim() }),
  })
  const submitTest = form.handleSubmit((values) => test.mutate(settingsOf(values)))
  const submitSave = form.handleSubmit((values) => {
    const { apiKey: _, ...stored } = settingsOf(values)
    save.mutate(settingsOf(values), {
      onSuccess: ({ state }) => {
        form.reset({ ...stored, apiKey: '' })
        setIsReplacingKey(false)
        toast({ text: t('model.saved'), tone: 'good' })
        if (state !== 'passed') test.mutate(stored)
      },
    })
  })
  const fillIn = ({ modelUrl, modelName, modelKey }: NonNullable<typeof demo>) => {
    setIsReplacingKey(true)
    const typed = { shouldDirty: true, shouldValidate: true }
    form.setValue('baseUrl', modelUrl, typed)
    form.setValue('model', modelName, typed)
    form.setValue('apiKey', modelKey, typed)
  }
  const offered = test.data?.models ?? []
  const refused = save.error ?? test.error
  return (
    <form noValidate onSubmit={(event) => void submitSave(event)} className="flex flex-col gap-5">
      {demo !== undefined && (
        <div>
          <Button size="small" onPress={() => fillIn(demo)}>
            {t('model.demo')}
          </Button>
        </div>
      )}
      <FormTextField
        control={form.control}
        name="baseUrl"
        kind="url"
        label={t('model.baseUrl')}
        description={t('model.baseUrl.hint')}
        validate={addressFault}
        explain={t}
        serverMessage={fieldMessage(refused, '/baseUrl', texts)}
      />
      <FormTextField
        control={form.control}
        name="model"
        label={t('model.name')}
        description={
          offered.length === 0
            ? t('model.name.hint')
            : t('model.offered', { count: offered.length })
        }
        list="offered-models"
        validate={nameFault}
        explain={t}
        serverMessage={fieldMessage(refused, '/model', texts)}
      />
      <datalist id="offered-models">
        {offered.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <ModelKeyField
        control={form.control}
        keyHint={model.keyHint}
        setAt={model.setAt}
        isReplacing={!keepsKey}
        onReplace={setIsReplacingKey}
        serverMessage={fieldMessage(refused, '/apiKey', texts)}
      />
      {model.state === 'failing' && model.failure !== undefined && test.isIdle && (
        <ProblemNotice error={model.failure} />
      )}
      {save.isError && <ProblemNotice error={save.error} />}
      <TestReport
        about="model"
        result={test.data}
        error={test.error}
        onRetry={() => void submitTest()}
      />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look="primary" isPending={save.isPending}>
          {t('model.save')}
        </Button>
        <Button
          icon={<PlugZap aria-hidden className="size-4" />}
          isPending={test.isPending}
          onPress={() => void submitTest()}
        >
          {t('test')}
        </Button>
        {children}
      </div>
    </form>
  )
}
