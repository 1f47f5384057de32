import { Check } from 'lucide-react'
import type { ReactElement, ReactNode } from 'react'
import { Header } from 'react-aria-components/Header'
import {
  Menu as AriaMenu,
  MenuItem as AriaMenuItem,
  MenuSection as AriaMenuSection,
  MenuTrigger,
} from 'react-aria-components/Menu'
import { Popover } from 'react-aria-components/Popover'
import { Separator } from 'react-aria-components/Separator'
import { classNames } from '../lib/class-names.ts'
import { floatClass } from './float-class.ts'

const itemClass =
  'group/item flex min-h-9 cursor-pointer items-center gap-2.5 rounded-field px-2.5 py-1.5 outline-none ' +
  'text-start focus:bg-hover disabled:cursor-not-allowed disabled:opacity-55 max-md:min-h-11'

/** `trigger` is a `Button` or `IconButton`; children are `MenuItem`, `MenuChoice`, `MenuSeparator`. */
export function Menu({
  trigger,
  label,
  children,
  placement = 'bottom end',
  isOpenAtFirst = false,
  onOpenChange,
}: {
  readonly trigger: ReactElement
  readonly label: string
  readonly children: ReactNode
  readonly placement?: 'bottom end' | 'bottom start' | 'top start' | 'top end'
  readonly isOpenAtFirst?: boolean
  readonly onOpenChange?: (isOpen: boolean) => void
}) {
  return (
    <MenuTrigger
      defaultOpen={isOpenAtFirst}
      {...(onOpenChange === undefined ? {} : { onOpenChange })}
    >
      {trigger}
      <Popover placement={placement} className={classNames(floatClass, 'min-w-56')}>
        <AriaMenu aria-label={label} className="max-h-[inherit] overflow-auto p-1 outline-none">
          {children}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  )
}

/** Something to do. With `href` it is a link, which the router follows. */
export function MenuItem({
  children,
  icon,
  onAction,
  href,
  isDisabled = false,
  isDanger = false,
}: {
  readonly children: ReactNode
  readonly icon?: ReactNode
  readonly onAction?: () => void
  readonly href?: string
  readonly isDisabled?: boolean
  readonly isDanger?: boolean
}) {
  return (
    <AriaMenuItem
      {...(onAction === undefined ? {} : { onAction })}
      {...(href === undefined ? {} : { href })}
      isDisabled={isDisabled}
      className={classNames(itemClass, isDanger && 'text-bad-ink')}
    >
      {icon}
      <span className="min-w-0 flex-1">{children}</span>
    </AriaMenuItem>
  )
}

/** One of a few inside a menu, with a tick; the menu stays open. */
export function MenuChoice<Id extends string>({
  title,
  value,
  onChange,
  options,
}: {
  readonly title: string
  readonly value: Id
  readonly onChange: (id: Id) => void
  readonly options: readonly {
    readonly id: Id
    readonly label: ReactNode
    readonly lang?: string
  }[]
}) {
  return (
    <AriaMenuSection
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={[value]}
      onSelectionChange={(keys) => {
        if (keys === 'all') return
        const chosen = options.find((option) => keys.has(option.id))
        if (chosen !== undefined && chosen.id !== value) onChange(chosen.id)
      }}
    >
      <Header className="px-2.5 pt-2 pb-1 text-sm font-medium text-muted">{title}</Header>
      {options.map(({ id, label, lang }) => (
        <AriaMenuItem key={id} id={id} className={itemClass}>
          <Check
            aria-hidden
            className="invisible size-4 shrink-0 text-accent-ink group-selected/item:visible"
          />
          <span lang={lang} className="min-w-0 flex-1">
            {label}
          </span>
        </AriaMenuItem>
      ))}
    </AriaMenuSection>
  )
}

export function MenuSeparator() {
  return <Separator className="mx-2 my-1 border-t border-line" />
}
