import { Outlet } from '@tanstack/react-router'
import { useAccount } from '../../lib/session.queries.ts'
import { IdleGuard } from '../idle/idle-guard.tsx'
import { StepUpGuard } from '../step-up/step-up-guard.tsx'
import { BottomBar } from './bottom-bar.tsx'
import { Palette } from './palette.tsx'
import { Sidebar } from './sidebar.tsx'
import { StatusBanner } from './status-banner.tsx'
import { usePersonalLook } from './use-personal-look.ts'

/** The frame of every page of a signed-in person. */
export function Shell() {
  const account = useAccount()
  usePersonalLook(account?.preferences)
  if (account === undefined) return undefined
  return (
    <>
      <StatusBanner />
      <div className="flex flex-1">
        <Sidebar key={account.id} account={account} />
        <main id="content" tabIndex={-1} className="min-w-0 flex-1 max-md:pb-20">
          <Outlet />
        </main>
      </div>
      <BottomBar />
      <Palette account={account} />
      <IdleGuard />
      <StepUpGuard />
    </>
  )
}
