import type { ReactNode } from 'react'
import { Button, type ButtonProps } from './button.tsx'

/** A button that shows only an icon; `label` is its name and names the object too: "Delete PAY-1". */
export function IconButton({
  label,
  icon,
  size = 'icon',
  look = 'quiet',
  ...rest
}: Omit<ButtonProps, 'children' | 'aria-label' | 'icon'> & {
  readonly label: string
  readonly icon: ReactNode
}) {
  return (
    <Button {...rest} look={look} size={size} icon={icon} aria-label={label}>
      {undefined}
    </Button>
  )
}
