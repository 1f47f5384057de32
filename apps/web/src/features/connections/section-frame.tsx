import type {
  ConnectionIdentity,
  ConnectionState,
  ConnectionSystem,
  TestResult,
} from '@studioops/contracts/connections'
import type { Problem } from '@studioops/contracts/problem'
import { PlugZap } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { connectionsTexts } from './connections.texts.ts'
import { RemoveButton, type Removal } from './remove-button.tsx'
import { SectionHeader } from './section-header.tsx'
import { TestReport } from './test-report.tsx'
import { type TlsDraft, TlsSettings, UnverifiedTls } from './tls-settings.tsx'

export type Standing = {
  readonly state: ConnectionState
  readonly lastPassedAt?: string | undefined
  readonly failingSince?: string | undefined
  readonly failure?: Problem | undefined
  readonly identity?: ConnectionIdentity | undefined
}

/** What the frame of a section needs of `useSection`. */
type Acting = {
  readonly tls: TlsDraft
  readonly setTls: (tls: TlsDraft) => void
  readonly test: {
    readonly data: TestResult | undefined
    readonly error: Error | null
    readonly isPending: boolean
    readonly isIdle: boolean
  }
  readonly save: { readonly error: Error | null; readonly isPending: boolean }
  readonly submitTest: () => void
  readonly submitSave: () => void
}

/**
 * One connection: how it stands, its fields, TLS, Test beside Save, and what the test found. Every
 * system is shown in this frame (CFG-11).
 */
export function SectionFrame({
  id,
  title,
  hint,
  opens,
  standing,
  section,
  saveLabel,
  removal,
  isByFiles,
  footer,
  children,
}: {
  readonly id: ConnectionSystem
  readonly title: string
  readonly hint: string
  readonly opens: string
  readonly standing: Standing
  readonly section: Acting
  readonly saveLabel?: string
  /** Absent while there is nothing to remove. */
  readonly removal?: Removal | undefined
  /** Address and TLS stand in files of the workspace. */
  readonly isByFiles?: boolean
  readonly footer?: ReactNode
  /** False where there is nothing to fill in, and so nothing to save. */
  readonly children: ReactNode
}) {
  const t = useTexts(connectionsTexts)
  const { tls, setTls, test, save, submitTest, submitSave } = section
  const { state, failure } = standing
  return (
    <Card as="section" labelledBy={id}>
      <SectionHeader id={id} title={title} hint={hint} opens={opens} standing={standing} />
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          submitSave()
        }}
        className="flex flex-col gap-5"
      >
        {!tls.verify && <UnverifiedTls />}
        {children}
        {!isByFiles && <TlsSettings tls={tls} onChange={setTls} />}
        {state === 'failing' && failure !== undefined && test.isIdle && (
          <ProblemNotice error={failure} />
        )}
        {save.error !== null && <ProblemNotice error={save.error} />}
        <TestReport
          about={id}
          result={test.data}
          error={test.error}
          isPending={test.isPending}
          onRetry={submitTest}
        />
        <Buttons
          section={section}
          saveLabel={saveLabel ?? t('save')}
          canSave={children !== false}
          removal={removal}
        />
      </form>
      {footer}
    </Card>
  )
}

function Buttons({
  section: { save, test, submitTest },
  saveLabel,
  canSave,
  removal,
}: {
  readonly section: Acting
  readonly saveLabel: string
  readonly canSave: boolean
  readonly removal: Removal | undefined
}) {
  const t = useTexts(connectionsTexts)
  return (
    <div className="flex flex-wrap gap-2">
      {canSave && (
        <Button type="submit" look="primary" isPending={save.isPending}>
          {saveLabel}
        </Button>
      )}
      <Button
        icon={<PlugZap aria-hidden className="size-4" />}
        isPending={test.isPending}
        onPress={submitTest}
      >
        {t('test')}
      </Button>
      {removal !== undefined && <RemoveButton {...removal} />}
    </div>
  )
}
