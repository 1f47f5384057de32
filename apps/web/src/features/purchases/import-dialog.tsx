import { limits } from '@studioops/contracts/limits'
import type { ImportFault, ImportRow } from '@studioops/contracts/purchases'
import { Upload } from 'lucide-react'
import { useRef, useState } from 'react'
import { useIdempotencyKey } from '../../lib/idempotency-key.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { Checkbox } from '../../ui/checkbox.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Notice } from '../../ui/notice.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useImport, usePreview } from './purchases.queries.ts'
import { purchasesTexts } from './purchases.texts.ts'

/** Brings purchases from a file: chosen, shown with every fault, and kept only by a second press. */
export function ImportButton({ projectId }: { readonly projectId: string }) {
  const t = useTexts(purchasesTexts)
  const [isOpen, setIsOpen] = useState(false)
  return (
    <>
      <Button icon={<Upload aria-hidden className="size-4" />} onPress={() => setIsOpen(true)}>
        {t('import.open')}
      </Button>
      {isOpen && <ImportDialog projectId={projectId} onClose={() => setIsOpen(false)} />}
    </>
  )
}

type Props = { readonly projectId: string; readonly onClose: () => void }

function ImportDialog({ projectId, onClose }: Props) {
  const t = useTexts(purchasesTexts)
  const toast = useToast()
  const preview = usePreview(projectId)
  const bringing = useImport(projectId)
  const { key } = useIdempotencyKey()
  const [takesDuplicates, setTakesDuplicates] = useState(false)
  const rows = preview.data?.rows ?? []
  const purchases = rows.flatMap(({ purchase, duplicate }) =>
    purchase !== undefined && (takesDuplicates || duplicate === undefined) ? [purchase] : [],
  )
  const count = purchases.length
  const submit = () =>
    bringing.mutate(
      { purchases, idempotencyKey: key },
      {
        onSuccess: (reply) => {
          toast({ text: t('import.done', { count: reply.count }), tone: 'good' })
          onClose()
        },
      },
    )
  return (
    <Dialog
      isOpen
      width="wide"
      title={t('import.title')}
      onClose={onClose}
      actions={
        <>
          {preview.data !== undefined && (
            <Button
              look="primary"
              isDisabled={count === 0}
              isPending={bringing.isPending}
              onPress={submit}
            >
              {count === 0 ? t('import.none') : t('import.submit', { count })}
            </Button>
          )}
          <Button onPress={onClose}>{t('cancel')}</Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <p className="text-muted">{t('import.text')}</p>
        <FileChoice
          isPending={preview.isPending}
          onFile={(file) => {
            bringing.reset()
            preview.mutate(file)
          }}
        />
        {preview.isError && <ProblemNotice error={preview.error} />}
        {bringing.isError && <ProblemNotice error={bringing.error} />}
        {preview.data !== undefined && (
          <Preview
            reply={preview.data}
            takesDuplicates={takesDuplicates}
            onTakeDuplicates={setTakesDuplicates}
          />
        )}
      </div>
    </Dialog>
  )
}

type ChosenFile = { readonly content: string; readonly currency: string; readonly vatRate: string }

function FileChoice({
  onFile,
  isPending,
}: {
  readonly onFile: (file: ChosenFile) => void
  readonly isPending: boolean
}) {
  const t = useTexts(purchasesTexts)
  const input = useRef<HTMLInputElement>(null)
  const [currency, setCurrency] = useState('ILS')
  const [vatRate, setVatRate] = useState('18')
  const [isTooLarge, setIsTooLarge] = useState(false)
  const choose = async (file: File | undefined) => {
    if (file === undefined) return
    setIsTooLarge(file.size > limits.importBytesMax)
    if (file.size > limits.importBytesMax) return
    onFile({ content: await base64Of(file), currency: currency.toUpperCase(), vatRate })
  }
  return (
    <>
      <fieldset className="grid grid-cols-2 gap-3 sm:max-w-sm">
        <legend className="mb-1.5 text-sm text-muted">{t('import.defaults')}</legend>
        <TextField
          kind="code"
          label={t('field.currency')}
          value={currency}
          onChange={setCurrency}
        />
        <TextField kind="code" label={t('field.vatRate')} value={vatRate} onChange={setVatRate} />
      </fieldset>
      <div>
        <input
          ref={input}
          type="file"
          accept=".csv,.txt,.tsv,text/csv"
          tabIndex={-1}
          aria-hidden
          className="hidden"
          onChange={(event) => {
            void choose(event.target.files?.[0])
            // The same file may be chosen again after it was mended.
            event.target.value = ''
          }}
        />
        <Button
          isPending={isPending}
          icon={<Upload aria-hidden className="size-4" />}
          onPress={() => input.current?.click()}
        >
          {t('import.choose')}
        </Button>
      </div>
      {isTooLarge && <Notice tone="bad" role="alert" title={t('import.tooLarge')} />}
    </>
  )
}

async function base64Of(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer())
  const parts: string[] = []
  const step = 32_768
  for (let at = 0; at < bytes.length; at += step)
    parts.push(String.fromCharCode(...bytes.subarray(at, at + step)))
  return btoa(parts.join(''))
}

type PreviewProps = {
  readonly reply: {
    readonly encoding: string
    readonly columns: readonly { readonly heading: string; readonly column?: unknown }[]
    readonly rows: readonly ImportRow[]
  }
  readonly takesDuplicates: boolean
  readonly onTakeDuplicates: (takes: boolean) => void
}

const faultsShown = 100

function Preview({ reply, takesDuplicates, onTakeDuplicates }: PreviewProps) {
  const t = useTexts(purchasesTexts)
  const { rows, encoding, columns } = reply
  const ignored = columns.filter(({ column }) => column === undefined)
  const faulty = rows.filter(({ faults }) => faults.length > 0)
  const duplicates = rows.filter(({ duplicate }) => duplicate !== undefined).length
  return (
    <div className="flex flex-col gap-4">
      <p role="status">{t('import.read', { count: rows.length, encoding })}</p>
      {ignored.length > 0 && (
        <p className="text-muted">
          <bdi>
            {t('import.ignored', { columns: ignored.map(({ heading }) => heading).join(', ') })}
          </bdi>
        </p>
      )}
      {faulty.length > 0 && (
        <Notice tone="bad" title={t('import.faults', { count: faulty.length })}>
          <ul className="max-h-60 list-disc overflow-y-auto ps-5">
            {faulty.slice(0, faultsShown).flatMap(({ line, faults }) =>
              faults.map((fault, index) => (
                <li key={`${line} ${index}`}>
                  <FaultWords line={line} fault={fault} />
                </li>
              )),
            )}
          </ul>
        </Notice>
      )}
      {duplicates > 0 && (
        <Notice tone="warn" title={t('import.duplicates', { count: duplicates })}>
          <Checkbox isSelected={takesDuplicates} onChange={onTakeDuplicates}>
            {t('import.duplicates.take')}
          </Checkbox>
        </Notice>
      )}
      <PreviewList rows={rows} takesDuplicates={takesDuplicates} />
    </div>
  )
}

function FaultWords({ line, fault }: { readonly line: number; readonly fault: ImportFault }) {
  const t = useTexts(purchasesTexts)
  const cause = t(`fault.${fault.cause}`)
  return (
    <>
      {fault.column === undefined
        ? t('import.faultOfLine', { line, cause })
        : t('import.fault', { line, cause, column: t(`field.${fault.column}`) })}
      {fault.value !== '' && (
        <>
          {' '}
          <bdi className="text-muted">{t('import.stands', { value: fault.value })}</bdi>
        </>
      )}
    </>
  )
}

const rowsShown = 20

function PreviewList({
  rows,
  takesDuplicates,
}: {
  readonly rows: readonly ImportRow[]
  readonly takesDuplicates: boolean
}) {
  const t = useTexts(purchasesTexts)
  const shown = rows
    .filter(({ duplicate }) => takesDuplicates || duplicate === undefined)
    .flatMap(({ line, purchase }) => (purchase === undefined ? [] : [{ line, ...purchase }]))
  if (shown.length === 0) return undefined
  return (
    <section aria-label={t('import.preview')}>
      <h3 className="mb-2 font-semibold">{t('import.preview')}</h3>
      <ul className="divide-y divide-line rounded-card border border-line text-sm">
        {shown.slice(0, rowsShown).map((one) => (
          <li key={one.line} className="flex flex-wrap justify-between gap-x-4 px-3 py-1.5">
            <span className="min-w-0 wrap-anywhere">
              <span className="text-muted tabular-nums">
                {t('import.line')} {one.line}
              </span>{' '}
              <bdi className="font-medium">{one.vendor}</bdi> <bdi>{one.description}</bdi>
            </span>
            <bdi dir="ltr" className="tabular-nums">
              {one.boughtOn} · {one.quantity} × {one.unitPrice} {one.currency} + {one.vatRate}%
            </bdi>
          </li>
        ))}
      </ul>
      {shown.length > rowsShown && <p className="mt-1 text-muted">… {shown.length - rowsShown}</p>}
    </section>
  )
}
