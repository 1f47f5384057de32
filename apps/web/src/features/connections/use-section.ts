import type { TestResult } from '@studioops/contracts/connections'
import { useState } from 'react'
import { type DefaultValues, useForm } from 'react-hook-form'
import { useLanguage } from '../../lib/i18n/language-provider.tsx'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { fieldMessage } from '../../lib/problem.ts'
import { useToast } from '../../ui/toast.tsx'
import { connectionsTexts } from './connections.texts.ts'
import { emptyValues, type SecretName, type SectionValues } from './section-values.ts'
import type { TlsDraft } from './tls-settings.tsx'

/** A call of the server, as far as a section needs to know about it. */
type Action<Body, Reply> = {
  readonly mutate: (input: { body: Body }, options?: { onSuccess?: (reply: Reply) => void }) => void
  readonly data: Reply | undefined
  readonly error: Error | null
  readonly isPending: boolean
  readonly isIdle: boolean
}

type Stored = {
  readonly state: string
  readonly tls: TlsDraft
  readonly hints: Readonly<Partial<Record<SecretName, string>>>
}

export type TlsBody = { verify: boolean; certificate?: string }

/** Secrets that were typed; one that is absent stays as it is stored. */
export type Typed = {
  readonly values: SectionValues
  readonly secrets: Partial<Record<SecretName, string>>
  /** Absent where nothing about TLS was changed. */
  readonly tls: { tls?: TlsBody }
}

export type SectionOptions<Body, Reply> = {
  readonly stored: Stored
  /** What stands in the form at first. */
  readonly values: Partial<SectionValues>
  readonly toBody: (typed: Typed) => Body
  readonly test: Action<Body, TestResult>
  readonly save: Action<Body, Reply>
  /** Whether what the server says after saving means that it was tested, too. */
  readonly isTested: (reply: Reply) => boolean
  /** False where saving is a test that may fail. */
  readonly isSaved?: (reply: Reply) => boolean
}

/** What stands in a section and what its buttons do: the same for every system. */
export function useSection<Body, Reply>(options: SectionOptions<Body, Reply>) {
  const { stored, values, toBody, test, save } = options
  const t = useTexts(connectionsTexts)
  const { texts } = useLanguage()
  const toast = useToast()
  const [replaced, setReplaced] = useState<Partial<Record<SecretName, boolean>>>({})
  const [tls, setTls] = useState<TlsDraft>()
  const form = useForm<SectionValues>({
    values: { ...emptyValues, ...values },
    defaultValues: emptyValues as DefaultValues<SectionValues>,
    resetOptions: { keepDirtyValues: true },
    mode: 'onTouched',
  })
  const isStored = (name: SecretName) => stored.hints[name] !== undefined && replaced[name] !== true
  const bodyOf = (given: SectionValues) => {
    const secrets: Partial<Record<SecretName, string>> = {}
    for (const name of ['token', 'key'] as const)
      if (!isStored(name)) secrets[name] = given[name].trim()
    return toBody({ values: given, secrets, tls: tlsBody(tls) })
  }
  const forget = (given: SectionValues) => {
    form.reset({ ...given, token: '', key: '' })
    setReplaced({})
    setTls(undefined)
  }
  const submitTest = form.handleSubmit((given) => test.mutate({ body: bodyOf(given) }))
  const submitSave = form.handleSubmit((given) => {
    save.mutate(
      { body: bodyOf(given) },
      {
        onSuccess: (reply) => {
          if (options.isSaved?.(reply) === false) return
          forget(given)
          toast({ text: t('saved'), tone: 'good' })
          // A save never claims to be tested, so what was saved is tested for real, at once.
          if (!options.isTested(reply))
            test.mutate({ body: toBody({ values: given, secrets: {}, tls: {} }) })
        },
      },
    )
  })
  const refused = save.error ?? test.error
  return {
    control: form.control,
    tls: tls ?? stored.tls,
    setTls,
    test,
    save,
    messageAt: (pointer: string) => fieldMessage(refused, pointer, texts),
    secret: (name: SecretName) => ({
      control: form.control,
      name,
      storedHint: stored.hints[name],
      isReplacing: replaced[name] === true,
      onReplace: (isReplacing: boolean) => setReplaced({ ...replaced, [name]: isReplacing }),
    }),
    submitTest: () => void submitTest(),
    submitSave: () => void submitSave(),
    fillIn(given: Partial<SectionValues>) {
      const typed = { shouldDirty: true, shouldValidate: true }
      setReplaced({ token: given.token !== undefined, key: given.key !== undefined })
      for (const [name, value] of Object.entries(given))
        form.setValue(name as keyof SectionValues, value, typed)
    },
  }
}

function tlsBody(tls: TlsDraft | undefined): { tls?: TlsBody } {
  if (tls === undefined) return {}
  const { verify, upload } = tls
  return { tls: { verify, ...(upload === undefined ? {} : { certificate: upload }) } }
}
