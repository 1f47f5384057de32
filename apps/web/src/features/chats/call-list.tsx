import type { ChatCall } from '@studioops/contracts/chats'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { chatsTexts } from './chats.texts.ts'

/** Tools that an answer used: one line each, with all of it on demand. */
export function CallList({ calls }: { readonly calls: readonly ChatCall[] }) {
  const t = useTexts(chatsTexts)
  if (calls.length === 0) return undefined
  return (
    <details className="rounded-card border border-line bg-sunken px-4 py-2">
      <summary className="cursor-pointer py-1 text-sm">
        {t('call.count', { count: calls.length })}
      </summary>
      <ul className="flex flex-col gap-3 py-2">
        {calls.map((call) => (
          <CallLine key={call.id} call={call} />
        ))}
      </ul>
    </details>
  )
}

function CallLine({ call }: { readonly call: ChatCall }) {
  const t = useTexts(chatsTexts)
  const formats = useFormats()
  const { title, serverName, state, ms, problem, result } = call
  return (
    <li className="flex flex-col gap-1">
      <p className="flex flex-wrap gap-x-2 text-sm">
        <bdi className="font-medium">{title}</bdi>
        <bdi className="text-muted">{serverName}</bdi>
        <span>{t(`call.${state}`)}</span>
        {ms !== undefined && <bdi className="text-muted">{formats.duration(ms)}</bdi>}
      </p>
      {problem !== undefined && <p className="text-sm text-bad-ink">{problem.title}</p>}
      <PlainJson title={t('call.arguments')} text={JSON.stringify(call.arguments, null, 2)} />
      {result !== undefined && <PlainJson title={t('call.result')} text={result} />}
    </li>
  )
}

/** Text of a machine or of somebody else, as it is. */
export function PlainJson({ title, text }: { readonly title: string; readonly text: string }) {
  return (
    <details>
      <summary className="cursor-pointer text-sm text-muted">{title}</summary>
      <pre
        dir="ltr"
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- A region that scrolls has to be reachable by keyboard (WCAG 2.1.1).
        tabIndex={0}
        role="region"
        aria-label={title}
        className="mt-1 max-h-64 overflow-auto rounded-field bg-surface p-3 text-sm whitespace-pre-wrap wrap-anywhere"
      >
        {text}
      </pre>
    </details>
  )
}
