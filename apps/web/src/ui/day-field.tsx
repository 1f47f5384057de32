import { type ReactNode, useId } from 'react'
import { classNames } from '../lib/class-names.ts'
import { bareInputClass, frameClass, labelClass } from './field-frame.ts'
import { CircleAlert } from 'lucide-react'

/** A day, by the calendar of the browser. */
export function DayField({
  label,
  value,
  onChange,
  error,
}: {
  readonly label: ReactNode
  /** `2026-12-24`; empty for none. */
  readonly value: string
  readonly onChange: (value: string) => void
  readonly error?: string | undefined
}) {
  const id = useId()
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className={labelClass}>
        {label}
      </label>
      <span className={classNames(frameClass, 'flex min-h-10 items-center max-md:min-h-11')}>
        <input
          id={id}
          type="date"
          dir="ltr"
          value={value}
          aria-invalid={error !== undefined}
          aria-describedby={error === undefined ? undefined : `${id}-error`}
          onChange={(event) => onChange(event.target.value)}
          className={bareInputClass}
        />
      </span>
      {error !== undefined && (
        <span id={`${id}-error`} className="flex items-start gap-1.5 text-sm text-bad-ink">
          <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          {error}
        </span>
      )}
    </div>
  )
}
