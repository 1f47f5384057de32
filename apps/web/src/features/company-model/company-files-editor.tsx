import {
  companyFileName,
  type CompanyFileName,
  type CompanyFileProblem,
  type CompanyOverview,
  type CompanyTexts,
} from '@studioops/contracts/company-model'
import { useRef, useState } from 'react'
import { useFormats } from '../../lib/formats.ts'
import { RichText } from '../../lib/i18n/rich-text.tsx'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { problemOf } from '../../lib/problem.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { CodeArea, goToPlace } from '../../ui/code-area.tsx'
import { Code } from '../../ui/code.tsx'
import { Notice } from '../../ui/notice.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useToast } from '../../ui/toast.tsx'
import { CompanyDiffDialog } from './company-diff-dialog.tsx'
import { CompanyFileProblems } from './company-file-problems.tsx'
import { useCheckCompanyFiles, useSaveCompanyFiles } from './company-model.queries.ts'
import { companyModelTexts } from './company-model.texts.ts'

const names = companyFileName.options
const empty: CompanyTexts = {
  'config.json': '',
  'header.json': '',
  'payload.json': '',
  'prompts.json': '',
}

/** Edits all four files at once; what is typed stays beside what is in force until it is saved. */
export function CompanyFilesEditor({ overview }: { readonly overview: CompanyOverview }) {
  const t = useTexts(companyModelTexts)
  const toast = useToast()
  const area = useRef<HTMLTextAreaElement>(null)
  const goal = useRef<CompanyFileProblem>(undefined)
  const [edits, setEdits] = useState<Partial<CompanyTexts>>({})
  const [file, setFile] = useState<CompanyFileName>('config.json')
  const [note, setNote] = useState('')
  const [isComparing, setIsComparing] = useState(false)
  const check = useCheckCompanyFiles()
  const save = useSaveCompanyFiles()

  const base = overview.texts ?? empty
  const shown: CompanyTexts = { ...(overview.texts ?? overview.examples), ...edits }
  const isChanged = names.some((name) => shown[name] !== base[name])
  const problems = check.data?.problems ?? []

  const go = (problem: CompanyFileProblem) => {
    if (problem.file === file && area.current !== null) goToPlace(area.current, problem)
    else {
      goal.current = problem
      setFile(problem.file)
    }
  }
  /** The area of another file appears a moment after its tab was chosen. */
  const arrive = (name: CompanyFileName, element: HTMLTextAreaElement | null) => {
    area.current = element
    if (element === null || goal.current?.file !== name) return
    goToPlace(element, goal.current)
    goal.current = undefined
  }
  const keep = () =>
    save.mutate(
      { files: shown, note, basedOn: overview.version?.number },
      {
        onSuccess: () => toast({ text: t('files.saved') }),
        onError: (error) => {
          if (problemOf(error)?.code === 'company-model.invalid') check.mutate(shown)
        },
      },
    )

  return (
    <>
      <InForce overview={overview} />
      <DiskNotice
        overview={overview}
        onOpen={(texts) => {
          setEdits(texts)
          check.mutate(texts)
        }}
      />
      <Card>
        <Tabs
          label={t('files.tabs')}
          value={file}
          onChange={setFile}
          tabs={names.map((name) => ({
            id: name,
            title: <TabTitle name={name} isChanged={shown[name] !== base[name]} />,
            content: (
              <CodeArea
                label={t('files.text', { name })}
                value={shown[name]}
                isInvalid={problems.some((problem) => problem.file === name)}
                onChange={(text) => setEdits((before) => ({ ...before, [name]: text }))}
                onBlur={() => {
                  if (isChanged) check.mutate(shown)
                }}
                ref={(element) => arrive(name, element)}
              />
            ),
          }))}
        />
        <div className="mt-4 flex flex-col gap-4">
          <CompanyFileProblems problems={problems} onGo={go} />
          {check.data !== undefined && problems.length === 0 && (
            <Notice role="status" tone="good">
              <p>{t('files.good')}</p>
            </Notice>
          )}
          {check.isError && <ProblemNotice error={check.error} />}
          {save.isError && <ProblemNotice error={save.error} />}
          <TextField
            label={t('files.note')}
            description={t('files.note.hint')}
            value={note}
            onChange={setNote}
            maxGraphemes={200}
          />
          <div className="flex flex-wrap gap-2">
            <Button
              look="primary"
              isDisabled={!isChanged}
              isPending={save.isPending}
              onPress={keep}
            >
              {t('files.save')}
            </Button>
            <Button isPending={check.isPending} onPress={() => check.mutate(shown)}>
              {t('files.check')}
            </Button>
            <Button isDisabled={!isChanged} onPress={() => setIsComparing(true)}>
              {t('files.compare')}
            </Button>
            {Object.keys(edits).length > 0 && (
              <Button
                look="quiet"
                onPress={() => {
                  setEdits({})
                  check.reset()
                  save.reset()
                }}
              >
                {t('files.discard')}
              </Button>
            )}
          </div>
        </div>
      </Card>
      <CompanyDiffDialog
        title={t('diff.title')}
        before={base}
        after={shown}
        isOpen={isComparing}
        onClose={() => setIsComparing(false)}
      />
    </>
  )
}

function TabTitle({
  name,
  isChanged,
}: {
  readonly name: CompanyFileName
  readonly isChanged: boolean
}) {
  const t = useTexts(companyModelTexts)
  return (
    <>
      <bdi dir="ltr">{name}</bdi>
      {isChanged && <span className="ms-2 text-sm text-warn-ink">{t('files.changed')}</span>}
    </>
  )
}

function InForce({ overview }: { readonly overview: CompanyOverview }) {
  const t = useTexts(companyModelTexts)
  const formats = useFormats()
  const { version, isDemo, folder } = overview
  return (
    <div className="text-muted">
      {version !== undefined && (
        <p>
          {t('files.inForce', {
            number: version.number,
            date: formats.dateTime(version.createdAt),
          })}
        </p>
      )}
      {version === undefined && <p>{t(isDemo ? 'files.demo' : 'files.none')}</p>}
      <p>
        <RichText
          texts={companyModelTexts}
          textKey="files.folder"
          values={{ folder }}
          parts={{ c: <Code>{folder}</Code> }}
        />
      </p>
    </div>
  )
}

/** What somebody has done in the folder, where it was not taken. */
function DiskNotice({
  overview: { disk },
  onOpen,
}: {
  readonly overview: CompanyOverview
  readonly onOpen: (texts: CompanyTexts) => void
}) {
  const t = useTexts(companyModelTexts)
  const { state, texts } = disk
  if (state !== 'broken' && state !== 'unreadable') return undefined
  return (
    <Notice
      role="alert"
      tone="warn"
      title={t(`disk.${state}.title`)}
      actions={
        texts !== undefined && (
          <Button size="small" onPress={() => onOpen(texts)}>
            {t('disk.broken.open')}
          </Button>
        )
      }
    >
      <p>{t(`disk.${state}.text`)}</p>
      <CompanyFileProblems problems={disk.problems} />
    </Notice>
  )
}
