import { classNames } from '../lib/class-names.ts'

export type ButtonLook = 'primary' | 'secondary' | 'quiet' | 'danger'

const base =
  'inline-flex items-center justify-center gap-2 rounded-field border font-medium text-center ' +
  'cursor-pointer select-none transition-colors duration-100 ' +
  'disabled:cursor-not-allowed disabled:opacity-55'

const looks: Record<ButtonLook, string> = {
  primary:
    'border-transparent bg-accent text-on-accent hover:bg-accent-hover pressed:bg-accent-hover',
  secondary: 'border-edge/55 bg-surface text-ink hover:bg-hover pressed:bg-hover',
  quiet: 'border-transparent bg-transparent text-ink hover:bg-hover pressed:bg-hover',
  danger: 'border-transparent bg-bad text-on-bad hover:opacity-90 pressed:opacity-90',
}

const sizes = {
  regular: 'min-h-10 px-4 py-2 max-md:min-h-11',
  small: 'min-h-8 px-3 py-1 text-sm max-md:min-h-11',
  icon: 'size-10 p-0 max-md:size-11',
  'small-icon': 'size-8 p-0 max-md:size-11',
}

export type ButtonSize = keyof typeof sizes

/** The look of a button, for links that look like one: `<Link className={buttonClass({ look: 'primary' })}>`. */
export function buttonClass({
  look = 'secondary',
  size = 'regular',
  isWide = false,
}: {
  readonly look?: ButtonLook | undefined
  readonly size?: ButtonSize | undefined
  readonly isWide?: boolean | undefined
} = {}): string {
  return classNames(base, looks[look], sizes[size], isWide && 'w-full')
}
