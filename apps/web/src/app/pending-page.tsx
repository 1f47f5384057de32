import { LoadingStatus, Skeleton } from '../ui/skeleton.tsx'

/** While the code or the data of a page is on its way. */
export function PendingPage() {
  return (
    <div className="mx-auto flex w-full max-w-4xl flex-col gap-5 px-4 py-6 sm:px-8 sm:py-9">
      <LoadingStatus />
      <Skeleton shape="title" />
      <Skeleton shape="card" count={2} />
    </div>
  )
}
