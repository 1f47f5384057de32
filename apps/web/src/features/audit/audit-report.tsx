import type { AuditReport } from '@studioops/contracts/audit'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Code } from '../../ui/code.tsx'
import { Notice } from '../../ui/notice.tsx'
import { auditTexts } from './audit.texts.ts'

/** What the recalculation of the chain found. */
export function AuditReportNotice({ report }: { readonly report: AuditReport }) {
  const t = useTexts(auditTexts)
  const { isWhole, checked, anchors, breaks, last } = report
  return (
    <Notice
      role={isWhole ? 'status' : 'alert'}
      tone={isWhole ? 'good' : 'bad'}
      title={t(isWhole ? 'report.whole' : 'report.broken')}
    >
      <p>
        {t('report.checked', { count: checked })}{' '}
        {anchors === 0 ? t('report.no-anchors') : t('report.anchors', { count: anchors })}
      </p>
      {!isWhole && (
        <>
          <ul className="list-disc ps-5">
            {breaks.map(({ kind, sequence }) => (
              <li key={`${kind} ${sequence}`}>{t(`break.${kind}`, { number: sequence })}</li>
            ))}
          </ul>
          <p className="mt-2">{t('report.next')}</p>
        </>
      )}
      <p className="mt-2 text-sm text-muted">
        {t('report.last', { number: last.sequence })} <Code>{last.hash}</Code>
      </p>
    </Notice>
  )
}
