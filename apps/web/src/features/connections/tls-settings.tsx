import type { Certificate } from '@studioops/contracts/connections'
import { limits } from '@studioops/contracts/limits'
import { ChevronDown, FileUp } from 'lucide-react'
import { FileTrigger } from 'react-aria-components/FileTrigger'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { LeftToRight } from '../../ui/bdi.tsx'
import { Button } from '../../ui/button.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Notice } from '../../ui/notice.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { Switch } from '../../ui/switch.tsx'
import { useReadCertificate } from './connections.queries.ts'
import { connectionsTexts } from './connections.texts.ts'

/** How TLS is checked, as it stands in the form. */
export type TlsDraft = {
  readonly verify: boolean
  readonly certificate?: Certificate | undefined
  /** What the server is to keep: a PEM text, or nothing any more. Absent: as it is stored. */
  readonly upload?: string
}

/** Verification and an own certificate authority, for this connection alone (SEC-11). */
export function TlsSettings({
  tls,
  onChange,
}: {
  readonly tls: TlsDraft
  readonly onChange: (tls: TlsDraft) => void
}) {
  const t = useTexts(connectionsTexts)
  const read = useReadCertificate()
  const choose = async (files: FileList | null) => {
    const text = await files?.[0]?.slice(0, limits.certificateLengthMax).text()
    if (text === undefined || text === '') return
    read.mutate(text, {
      onSuccess: (certificate) => onChange({ ...tls, certificate, upload: text }),
    })
  }
  return (
    <details
      className="group/tls rounded-card border border-line px-4 py-2"
      open={!tls.verify || undefined}
    >
      <summary className="flex min-h-9 cursor-pointer items-center gap-2 font-medium max-md:min-h-11">
        <ChevronDown
          aria-hidden
          className="size-4 shrink-0 text-muted transition-transform group-open/tls:rotate-180"
        />
        {t('tls.title')}
        <span className="text-sm font-normal text-muted">{summaryOf(tls, t)}</span>
      </summary>
      <div className="flex flex-col items-start gap-3 pt-2 pb-3">
        <Switch isSelected={tls.verify} onChange={(verify) => onChange({ ...tls, verify })}>
          {t('tls.verify')}
        </Switch>
        {tls.certificate !== undefined && <CertificateFacts certificate={tls.certificate} />}
        <div className="flex flex-wrap gap-2">
          <FileTrigger
            acceptedFileTypes={['.pem', '.crt', '.cer', 'application/x-pem-file']}
            onSelect={(files) => void choose(files)}
          >
            <Button
              size="small"
              icon={<FileUp aria-hidden className="size-4" />}
              isPending={read.isPending}
            >
              {t(tls.certificate === undefined ? 'tls.upload' : 'tls.replace')}
            </Button>
          </FileTrigger>
          {tls.certificate !== undefined && (
            <Button
              size="small"
              look="quiet"
              onPress={() => onChange({ verify: tls.verify, upload: '' })}
            >
              {t('tls.remove')}
            </Button>
          )}
        </div>
        <p className="text-sm text-muted">{t('tls.hint')}</p>
        {read.isError && <ProblemNotice error={read.error} />}
      </div>
    </details>
  )
}

/** Stays while a connection is not verified. */
export function UnverifiedTls() {
  const t = useTexts(connectionsTexts)
  return (
    <Notice tone="warn" title={t('tls.off')}>
      {t('tls.off.text')}
    </Notice>
  )
}

function summaryOf(
  { verify, certificate }: TlsDraft,
  t: (key: 'tls.is.off' | 'tls.is.own' | 'tls.is.usual') => string,
): string {
  if (!verify) return t('tls.is.off')
  return t(certificate === undefined ? 'tls.is.usual' : 'tls.is.own')
}

function CertificateFacts({ certificate }: { readonly certificate: Certificate }) {
  const t = useTexts(connectionsTexts)
  const formats = useFormats()
  const { subject, issuer, expiresAt, fingerprint } = certificate
  return (
    <Facts
      facts={[
        { name: t('certificate.subject'), value: <bdi>{subject}</bdi> },
        { name: t('certificate.issuer'), value: <bdi>{issuer}</bdi> },
        { name: t('certificate.end'), value: formats.date(expiresAt) },
        {
          name: 'SHA-256',
          value: (
            <span className="text-sm break-all">
              <LeftToRight>{fingerprint}</LeftToRight>
            </span>
          ),
        },
      ]}
    />
  )
}
