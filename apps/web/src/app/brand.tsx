/** The mark: a story and its parts. */
export function BrandMark() {
  return (
    <svg aria-hidden viewBox="0 0 32 32" className="size-8 shrink-0">
      <rect width="32" height="32" rx="8" className="fill-accent" />
      <rect x="7" y="8" width="18" height="5" rx="2.5" className="fill-on-accent" />
      <rect x="7" y="15" width="12" height="5" rx="2.5" className="fill-on-accent opacity-70" />
      <rect x="7" y="22" width="6" height="3" rx="1.5" className="fill-spark" />
    </svg>
  )
}

export function Brand() {
  return (
    <span className="flex items-center gap-2.5">
      <BrandMark />
      <bdi lang="en" className="text-lg font-bold">
        StudioOps
      </bdi>
    </span>
  )
}
