import { type CalendarDate, parseDate } from '@internationalized/date'
import { CalendarDays, ChevronLeft, ChevronRight } from 'lucide-react'
import type { KeyboardEvent, ReactNode } from 'react'
import { Button } from 'react-aria-components/Button'
import {
  Calendar,
  CalendarCell,
  CalendarGrid,
  CalendarGridBody,
  CalendarGridHeader,
  CalendarHeaderCell,
  CalendarHeading,
} from 'react-aria-components/Calendar'
import { DateInput, DatePicker, DateSegment } from 'react-aria-components/DatePicker'
import { Dialog } from 'react-aria-components/Dialog'
import { Group } from 'react-aria-components/Group'
import { Popover } from 'react-aria-components/Popover'
import { classNames } from '../lib/class-names.ts'
import { FieldLabel } from './field-label.tsx'
import { FieldMessage } from './field-message.tsx'
import { frameClass } from './field-frame.ts'
import { floatClass } from './float-class.ts'

type Props = {
  readonly label: ReactNode
  /** `2026-12-24`; empty for none. */
  readonly value: string
  readonly onChange: (value: string) => void
  readonly error?: string | undefined
}

/** A day, in the order of the language that the page speaks: typed part by part, or chosen. */
export function DayField({ label, value, onChange, error }: Props) {
  return (
    <DatePicker
      value={dayOf(value)}
      onChange={(day) => onChange(day?.toString() ?? '')}
      isInvalid={error !== undefined}
      validationBehavior="aria"
      shouldForceLeadingZeros
      className="group flex flex-col gap-1.5"
    >
      <FieldLabel isHidden={false} value={value}>
        {label}
      </FieldLabel>
      {/* React Aria keeps the keys of the parts to itself. */}
      <div role="presentation" onKeyDownCapture={sendForm}>
        <Group
          className={classNames(frameClass, 'flex min-h-10 min-w-40 items-center max-md:min-h-11')}
        >
          <DateInput className="flex min-w-0 flex-1 py-2 ps-3 max-md:text-base">
            {(segment) => (
              <DateSegment
                segment={segment}
                className="inline-block min-h-6 rounded-field px-0.5 tabular-nums outline-none focus:bg-accent focus:text-on-accent data-placeholder:text-muted"
              />
            )}
          </DateInput>
          <Button className="shrink-0 rounded-field p-2.5 text-muted outline-accent-ink hover:text-ink">
            <CalendarDays aria-hidden className="size-4" />
          </Button>
        </Group>
      </div>
      <FieldMessage error={error} />
      <Popover className={classNames(floatClass, 'p-3')}>
        <Dialog className="outline-none">
          <MonthOfDays />
        </Dialog>
      </Popover>
    </DatePicker>
  )
}

/** As Enter does in any other field; on the button it opens the month. */
function sendForm({ key, target }: KeyboardEvent): void {
  if (key !== 'Enter' || !(target instanceof Element)) return
  if (target.getAttribute('role') === 'spinbutton') target.closest('form')?.requestSubmit()
}

const stepClass =
  'rounded-field p-2.5 text-muted outline-accent-ink hover:text-ink disabled:opacity-40'

function MonthOfDays() {
  return (
    <Calendar>
      <header className="mb-2 flex items-center justify-between gap-2">
        <Button slot="previous" className={stepClass}>
          <ChevronLeft aria-hidden className="size-4 rtl:rotate-180" />
        </Button>
        <CalendarHeading className="font-semibold" />
        <Button slot="next" className={stepClass}>
          <ChevronRight aria-hidden className="size-4 rtl:rotate-180" />
        </Button>
      </header>
      <CalendarGrid>
        <CalendarGridHeader>
          {(day) => (
            <CalendarHeaderCell className="pb-1 text-sm font-normal text-muted">
              {day}
            </CalendarHeaderCell>
          )}
        </CalendarGridHeader>
        <CalendarGridBody>
          {(date) => (
            <CalendarCell
              date={date}
              className="flex size-9 items-center justify-center rounded-field tabular-nums outline-accent-ink outside-month:hidden hover:bg-sunken selected:bg-accent selected:text-on-accent"
            />
          )}
        </CalendarGridBody>
      </CalendarGrid>
    </Calendar>
  )
}

/** Null for what is no day, such as nothing. */
function dayOf(value: string): CalendarDate | null {
  try {
    return parseDate(value)
  } catch {
    return null
  }
}
