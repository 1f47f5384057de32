import type { ToolServerForm, ToolServers } from '@studioops/contracts/tools'
import { type FormEvent, useState } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { Select } from '../../ui/select.tsx'
import { Switch } from '../../ui/switch.tsx'
import { TextArea } from '../../ui/text-area.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useAddToolServer, useTestToolServer } from './tools.queries.ts'
import { toolsTexts } from './tools.texts.ts'

type Commands = ToolServers['commands']

const nothing = {
  kind: 'http' as 'http' | 'stdio',
  name: '',
  url: '',
  token: '',
  command: '',
  isVerified: true,
  certificate: '',
}

function formOf(values: typeof nothing): ToolServerForm | undefined {
  const name = values.name.trim()
  if (name === '') return undefined
  if (values.kind === 'stdio')
    return values.command === '' ? undefined : { kind: 'stdio', name, command: values.command }
  const url = values.url.trim()
  if (!URL.canParse(url)) return undefined
  const token = values.token.trim()
  return { kind: 'http', name, url, ...(token === '' ? {} : { token }), ...tlsOf(values) }
}

function tlsOf({ isVerified: verify, certificate }: typeof nothing) {
  const pem = certificate.trim()
  if (verify && pem === '') return {}
  return { tls: { verify, ...(pem === '' ? {} : { certificate: pem }) } }
}

/** A server of somebody else: tried first, then added. */
export function AddServer({ commands }: { readonly commands: Commands }) {
  const t = useTexts(toolsTexts)
  const toast = useToast()
  const test = useTestToolServer()
  const add = useAddToolServer()
  const [values, setValues] = useState(nothing)
  const [isTold, setIsTold] = useState(false)
  const form = formOf(values)
  const change = (part: Partial<typeof nothing>) => {
    setValues({ ...values, ...part })
    test.reset()
    add.reset()
  }
  const send = (event: FormEvent) => {
    event.preventDefault()
    setIsTold(form === undefined)
    if (form === undefined) return
    add.mutate(form, {
      onSuccess: () => {
        toast({ text: t('added', { name: form.name }), tone: 'good' })
        setValues(nothing)
        test.reset()
      },
    })
  }
  const tryIt = () => {
    setIsTold(form === undefined)
    if (form !== undefined) test.mutate(form)
  }
  return (
    <form noValidate onSubmit={send} className="flex flex-col gap-4">
      <div>
        <h2 id="tools-add" className="text-lg font-semibold">
          {t('add.title')}
        </h2>
        <p className="text-sm text-muted">{t('add.text')}</p>
      </div>
      <Where values={values} commands={commands} onChange={change} />
      {isTold && form === undefined && <Notice tone="bad">{t('add.missing')}</Notice>}
      <Tried test={test} />
      {add.error !== null && <ProblemNotice error={add.error} />}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look="primary" isPending={add.isPending}>
          {t('add.do')}
        </Button>
        <Button isPending={test.isPending} onPress={tryIt}>
          {t('add.test')}
        </Button>
      </div>
    </form>
  )
}

function Where({
  values,
  commands,
  onChange,
}: {
  readonly values: typeof nothing
  readonly commands: Commands
  readonly onChange: (part: Partial<typeof nothing>) => void
}) {
  const t = useTexts(toolsTexts)
  const { kind, name, url, token, command } = values
  return (
    <>
      {commands.length > 0 && (
        <Select
          label={t('add.kind')}
          value={kind}
          onChange={(chosen) => onChange({ kind: chosen })}
          options={[
            { id: 'http', label: t('add.kind.http') },
            { id: 'stdio', label: t('add.kind.stdio') },
          ]}
        />
      )}
      <TextField
        label={t('add.name')}
        value={name}
        autoComplete="off"
        isRequired
        onChange={(text) => onChange({ name: text })}
      />
      {kind === 'http' ? (
        <>
          <TextField
            label={t('add.url')}
            kind="url"
            value={url}
            autoComplete="off"
            isRequired
            onChange={(text) => onChange({ url: text })}
          />
          <TextField
            label={t('add.token')}
            kind="token"
            value={token}
            autoComplete="off"
            onChange={(text) => onChange({ token: text })}
          />
          <Trust values={values} onChange={onChange} />
        </>
      ) : (
        <Select
          label={t('add.command')}
          placeholder={t('add.command.choose')}
          value={command === '' ? undefined : command}
          onChange={(chosen) => onChange({ command: chosen })}
          options={commands.map((one) => ({ id: one.name, label: one.name, detail: one.command }))}
        />
      )}
    </>
  )
}

/** For a server behind an authority of an organisation. */
function Trust({
  values: { isVerified, certificate },
  onChange,
}: {
  readonly values: typeof nothing
  readonly onChange: (part: Partial<typeof nothing>) => void
}) {
  const t = useTexts(toolsTexts)
  return (
    <details className="rounded-card border border-line px-4 py-2" open={!isVerified || undefined}>
      <summary className="min-h-9 cursor-pointer py-1 font-medium max-md:min-h-11">
        {t('tls.title')}
      </summary>
      <div className="flex flex-col gap-3 pt-2 pb-3">
        <Switch
          isSelected={isVerified}
          onChange={(isSelected) => onChange({ isVerified: isSelected })}
        >
          {t('tls.verify')}
        </Switch>
        {!isVerified && <Notice tone="warn">{t('tls.off.text')}</Notice>}
        <TextArea
          label={t('tls.certificate')}
          description={t('tls.hint')}
          value={certificate}
          onChange={(text) => onChange({ certificate: text })}
        />
      </div>
    </details>
  )
}

function Tried({ test }: { readonly test: ReturnType<typeof useTestToolServer> }) {
  const t = useTexts(toolsTexts)
  if (test.error !== null) return <ProblemNotice error={test.error} />
  if (test.data === undefined) return undefined
  const { passed, tools, problem } = test.data
  if (passed)
    return (
      <Notice tone="good" role="status">
        {t('test.passed', { count: tools.length })}
      </Notice>
    )
  return (
    <Notice tone="bad" role="alert" title={problem?.title}>
      {problem?.recovery.join(' ')}
    </Notice>
  )
}
