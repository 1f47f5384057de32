import { useState } from 'react'
import { useForm } from 'react-hook-form'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { useToast } from '../../ui/toast.tsx'
import { type ModelSettings, useSaveModel, useTestModel } from './connections.queries.ts'
import { connectionsTexts } from './connections.texts.ts'
import type { ModelConnection } from './model-section.tsx'
import { modelAddress } from './model-settings.ts'

export type ModelValues = { baseUrl: string; model: string; apiKey: string }

/** What stands in the form of the model, and what its buttons do. */
export function useModelForm(model: ModelConnection) {
  const t = useTexts(connectionsTexts)
  const toast = useToast()
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
    const settings = settingsOf(values)
    const stored = { baseUrl: settings.baseUrl, model: settings.model }
    save.mutate(settings, {
      onSuccess: ({ state }) => {
        form.reset({ ...stored, apiKey: '' })
        setIsReplacingKey(false)
        toast({ text: t('model.saved'), tone: 'good' })
        // A save never claims to be tested, so what was saved is tested for real, at once.
        if (state !== 'passed') test.mutate(stored)
      },
    })
  })
  const fillIn = (values: ModelValues) => {
    const typed = { shouldDirty: true, shouldValidate: true }
    setIsReplacingKey(true)
    form.setValue('baseUrl', values.baseUrl, typed)
    form.setValue('model', values.model, typed)
    form.setValue('apiKey', values.apiKey, typed)
  }
  return {
    control: form.control,
    keepsKey,
    setIsReplacingKey,
    test,
    save,
    submitTest: () => void submitTest(),
    submitSave: () => void submitSave(),
    fillIn,
  }
}
