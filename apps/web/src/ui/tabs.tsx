import type { ReactNode } from 'react'
import { Tab, TabList, TabPanel, Tabs as AriaTabs } from 'react-aria-components/Tabs'

export type TabEntry<Id extends string = string> = {
  readonly id: Id
  readonly title: ReactNode
  readonly content: ReactNode
}

/** Views of one thing; the chosen one belongs into the address. */
export function Tabs<Id extends string>({
  label,
  tabs,
  value,
  onChange,
}: {
  readonly label: string
  readonly tabs: readonly TabEntry<Id>[]
  readonly value: Id
  readonly onChange: (id: Id) => void
}) {
  return (
    <AriaTabs selectedKey={value} onSelectionChange={(id) => onChange(id as Id)}>
      <TabList aria-label={label} className="mb-5 flex gap-1 overflow-x-auto border-b border-line">
        {tabs.map(({ id, title }) => (
          <Tab
            key={id}
            id={id}
            className="-mb-px min-h-10 cursor-pointer border-b-2 border-transparent px-3 py-2 font-medium whitespace-nowrap text-muted hover:text-ink selected:border-accent-ink selected:text-ink focus-visible:-outline-offset-2 max-md:min-h-11"
          >
            {title}
          </Tab>
        ))}
      </TabList>
      {tabs.map(({ id, content }) => (
        <TabPanel key={id} id={id} className="outline-none">
          {content}
        </TabPanel>
      ))}
    </AriaTabs>
  )
}
