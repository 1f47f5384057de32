import type { CompanyFileProblem } from '@studioops/contracts/company-model'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { Code } from '../../ui/code.tsx'
import { companyModelTexts } from './company-model.texts.ts'

/** Every place that is wrong: file, line, column, pointer, why, and what to do (CFG-9). */
export function CompanyFileProblems({
  problems,
  onGo,
}: {
  readonly problems: readonly CompanyFileProblem[]
  readonly onGo?: (problem: CompanyFileProblem) => void
}) {
  const t = useTexts(companyModelTexts)
  if (problems.length === 0) return undefined
  return (
    <div role="status" className="rounded-card border border-bad-line bg-bad-soft px-4 py-3">
      <p className="font-semibold text-bad-ink">
        {t('problems.title', { count: problems.length })}
      </p>
      <ul className="mt-2 flex flex-col gap-3">
        {problems.map((problem) => (
          <li key={`${problem.file} ${problem.pointer} ${problem.line} ${problem.message}`}>
            <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
              <Code>{problem.file}</Code>
              <span>{t('problems.place', { line: problem.line, column: problem.column })}</span>
              {problem.pointer !== '' && <Code>{problem.pointer}</Code>}
              {onGo !== undefined && (
                <Button size="small" onPress={() => onGo(problem)}>
                  {t('problems.go')}
                </Button>
              )}
            </p>
            <p dir="auto">
              {problem.message} {problem.fix}
            </p>
          </li>
        ))}
      </ul>
    </div>
  )
}
