import { companyFileName, type CompanyTexts } from '@studioops/contracts/company-model'
import { classNames } from '../../lib/class-names.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { companyModelTexts } from './company-model.texts.ts'
import { type DiffLine, diffLines } from './line-diff.ts'

/** Two states of the four files beside each other, line by line; files that are equal are left out. */
export function CompanyDiffDialog({
  title,
  before,
  after,
  isOpen,
  onClose,
}: {
  readonly title: string
  readonly before: CompanyTexts
  readonly after: CompanyTexts
  readonly isOpen: boolean
  readonly onClose: () => void
}) {
  return (
    <Dialog title={title} width="wide" isOpen={isOpen} onClose={onClose}>
      <CompanyDiff before={before} after={after} />
    </Dialog>
  )
}

export function CompanyDiff({
  before,
  after,
}: {
  readonly before: CompanyTexts
  readonly after: CompanyTexts
}) {
  const t = useTexts(companyModelTexts)
  const changed = companyFileName.options.filter((name) => before[name] !== after[name])
  if (changed.length === 0) return <p>{t('diff.none')}</p>
  return (
    <div className="flex flex-col gap-5">
      {changed.map((name) => (
        <section key={name} aria-label={name}>
          <h3 className="mb-1 font-semibold">
            <bdi dir="ltr">{name}</bdi>
          </h3>
          <div
            // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable with the keyboard
            tabIndex={0}
            role="group"
            aria-label={name}
            dir="ltr"
            className="overflow-x-auto rounded-field border border-line"
          >
            <table className="w-full font-mono text-sm">
              <tbody>
                {diffLines(before[name], after[name]).map((line, index) => (
                  // oxlint-disable-next-line react/no-array-index-key -- lines have no identity but their place
                  <Line key={index} line={line} />
                ))}
              </tbody>
            </table>
          </div>
        </section>
      ))}
    </div>
  )
}

const signs = { same: ' ', added: '+', removed: '−' } as const
const grounds = { same: '', added: 'bg-good-soft', removed: 'bg-bad-soft' } as const

/** Told by sign, word and colour together. */
function Line({ line: { kind, text } }: { readonly line: DiffLine }) {
  const t = useTexts(companyModelTexts)
  return (
    <tr className={classNames(grounds[kind])}>
      <td className="w-6 px-2 text-center select-none">
        <span aria-hidden>{signs[kind]}</span>
        {kind !== 'same' && <span className="sr-only">{t(`diff.${kind}`)}</span>}
      </td>
      <td className="pe-3 whitespace-pre">{text === '' ? ' ' : text}</td>
    </tr>
  )
}
