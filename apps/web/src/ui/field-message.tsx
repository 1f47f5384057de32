import { CircleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { Text } from 'react-aria-components/Text'
import { descriptionClass } from './field-frame.ts'

/** Below a field: what it is for, or what is wrong with it. React Aria ties both to the field. */
export function FieldMessage({
  description,
  error,
}: {
  readonly description?: ReactNode
  readonly error?: string | undefined
}) {
  return (
    <>
      {description !== undefined && (
        <Text elementType="div" slot="description" className={descriptionClass}>
          {description}
        </Text>
      )}
      {error !== undefined && (
        <Text slot="errorMessage" className="flex items-start gap-1.5 text-sm text-bad-ink">
          <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          <span>{error}</span>
        </Text>
      )}
    </>
  )
}
