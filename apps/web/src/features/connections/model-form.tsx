import { PlugZap } from 'lucide-react'
import type { ReactNode } from 'react'
import { useLanguage } from '../../lib/i18n/language-provider.tsx'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { useInstallation } from '../../lib/installation.queries.ts'
import { fieldMessage } from '../../lib/problem.ts'
import { Button } from '../../ui/button.tsx'
import { FormTextField } from '../../ui/form-text-field.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { connectionsTexts } from './connections.texts.ts'
import { ModelKeyField } from './model-key-field.tsx'
import { ModelNameField } from './model-name-field.tsx'
import type { ModelConnection } from './model-section.tsx'
import { addressFault } from './model-settings.ts'
import { TestReport } from './test-report.tsx'
import { type ModelValues, useModelForm } from './use-model-form.ts'

/** Address, name and key, with the test beside the saving. */
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
  const { control, keepsKey, setIsReplacingKey, test, save, submitTest, submitSave, fillIn } =
    useModelForm(model)
  const refused = save.error ?? test.error
  const messageAt = (pointer: string) => fieldMessage(refused, pointer, texts)
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        submitSave()
      }}
      className="flex flex-col gap-5"
    >
      <DemoModel onPick={fillIn} />
      <FormTextField
        control={control}
        name="baseUrl"
        kind="url"
        label={t('model.baseUrl')}
        description={t('model.baseUrl.hint')}
        validate={addressFault}
        explain={t}
        serverMessage={messageAt('/baseUrl')}
      />
      <ModelNameField
        control={control}
        offered={test.data?.models ?? []}
        serverMessage={messageAt('/model')}
      />
      <ModelKeyField
        control={control}
        keyHint={model.keyHint}
        setAt={model.setAt}
        isReplacing={!keepsKey}
        onReplace={setIsReplacingKey}
        serverMessage={messageAt('/apiKey')}
      />
      {test.isIdle && <KnownFailure model={model} />}
      {save.isError && <ProblemNotice error={save.error} />}
      <TestReport about="model" result={test.data} error={test.error} onRetry={submitTest} />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look="primary" isPending={save.isPending}>
          {t('model.save')}
        </Button>
        <Button
          icon={<PlugZap aria-hidden className="size-4" />}
          isPending={test.isPending}
          onPress={submitTest}
        >
          {t('test')}
        </Button>
        {children}
      </div>
    </form>
  )
}

/** In the demo one press fills in the simulated model. */
function DemoModel({ onPick }: { readonly onPick: (values: ModelValues) => void }) {
  const t = useTexts(connectionsTexts)
  const demo = useInstallation().data?.demo
  if (demo === undefined) return undefined
  const { modelUrl, modelName, modelKey } = demo
  return (
    <div>
      <Button
        size="small"
        onPress={() => onPick({ baseUrl: modelUrl, model: modelName, apiKey: modelKey })}
      >
        {t('model.demo')}
      </Button>
    </div>
  )
}

function KnownFailure({ model: { state, failure } }: { readonly model: ModelConnection }) {
  return state === 'failing' && failure !== undefined && <ProblemNotice error={failure} />
}
