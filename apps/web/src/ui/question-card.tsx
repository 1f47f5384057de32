import { MessageCircleQuestion, Send } from 'lucide-react'
import { useId, useRef, useState } from 'react'
import { useTexts } from '../lib/i18n/use-texts.ts'
import type { RunProgress } from '../lib/run-progress.ts'
import { useAnswerRun } from '../lib/run.queries.ts'
import { Button } from './button.tsx'
import { Card } from './card.tsx'
import { ProblemNotice } from './problem-notice.tsx'
import { TextField } from './text-field.tsx'
import { uiTexts } from './ui.texts.ts'

/** A question of the model, which waits: quick answers and free text. */
export function QuestionCard({
  queryKey,
  runId,
  question: { requestId, question, options },
  headingLevel = 3,
}: {
  /** Of its heading on this page. */
  readonly headingLevel?: 2 | 3
  /** What is asked for again once the answer has gone out. */
  readonly queryKey: readonly string[]
  readonly runId: string
  readonly question: NonNullable<RunProgress['question']>
}) {
  const t = useTexts(uiTexts)
  const Heading = `h${headingLevel}` as const
  const headingId = useId()
  const send = useAnswerRun(queryKey)
  const answer = (text: string) => {
    if (!send.isSuccess) send.mutate({ runId, requestId, answer: text })
  }
  const isSent = send.isPending || send.isSuccess
  return (
    <Card as="section" labelledBy={headingId}>
      <div className="flex flex-col gap-4">
        <div className="flex gap-3">
          <MessageCircleQuestion aria-hidden className="mt-0.5 size-5 shrink-0 text-accent-ink" />
          <div className="min-w-0">
            <Heading id={headingId} className="text-sm text-muted">
              {t('question.title')}
            </Heading>
            <p dir="auto" className="text-start font-medium wrap-anywhere">
              {question}
            </p>
          </div>
        </div>
        {options.length > 0 && (
          <ul aria-label={t('question.options')} className="flex flex-wrap gap-2">
            {options.map((option) => (
              <li key={option}>
                <Button isDisabled={isSent} onPress={() => answer(option)}>
                  <bdi>{option}</bdi>
                </Button>
              </li>
            ))}
          </ul>
        )}
        <AnswerForm isSent={isSent} onAnswer={answer} />
        {send.isError && <ProblemNotice error={send.error} />}
      </div>
    </Card>
  )
}

function AnswerForm({
  isSent,
  onAnswer,
}: {
  readonly isSent: boolean
  readonly onAnswer: (text: string) => void
}) {
  const t = useTexts(uiTexts)
  const field = useRef<HTMLInputElement>(null)
  const [text, setText] = useState('')
  const [wasTried, setWasTried] = useState(false)
  const isMissing = text.trim() === ''
  return (
    <form
      noValidate
      className="flex flex-col items-start gap-2"
      onSubmit={(event) => {
        event.preventDefault()
        setWasTried(true)
        if (isMissing) field.current?.focus()
        else onAnswer(text.trim())
      }}
    >
      <div className="w-full max-w-xl">
        <TextField
          ref={field}
          label={t('question.other')}
          value={text}
          onChange={setText}
          isReadOnly={isSent}
          autoComplete="off"
          error={wasTried && isMissing ? t('question.missing') : undefined}
        />
      </div>
      <Button type="submit" isPending={isSent} icon={<Send className="flip size-4" />}>
        {t('question.send')}
      </Button>
    </form>
  )
}

/** Questions that were answered, to read. */
export function AnsweredQuestions({ answered }: { readonly answered: RunProgress['answered'] }) {
  const t = useTexts(uiTexts)
  return answered.map(({ question, answer }, index) => (
    <dl
      key={index}
      className="flex flex-col gap-1 rounded-card border border-line bg-sunken px-4 py-3"
    >
      <dt className="text-sm text-muted">{t('question.title')}</dt>
      <dd dir="auto" className="text-start wrap-anywhere">
        {question}
      </dd>
      <dt className="mt-1 text-sm text-muted">{t('question.answered')}</dt>
      <dd dir="auto" className="text-start font-medium wrap-anywhere">
        {answer}
      </dd>
    </dl>
  ))
}
