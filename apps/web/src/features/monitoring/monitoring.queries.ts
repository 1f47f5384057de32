import {
  type EventFilter,
  getMonitoringSeries,
  listMonitoringEvents,
  type SeriesStep,
} from '@studioops/contracts/monitoring'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useApi } from '../../lib/api-context.tsx'
import { type Feed, followRoom } from './room-feed.ts'

const nothing: Feed = { room: undefined, isLive: false, heardAt: undefined, error: undefined }

/** What happens, for as long as somebody looks. */
export function useRoom(): Feed {
  const api = useApi()
  const [feed, setFeed] = useState(nothing)
  useEffect(() => followRoom(api, setFeed), [api])
  return feed
}

/** Points of more than what comes by itself. */
export function useSeries(step: SeriesStep) {
  const api = useApi()
  return useQuery({
    queryKey: ['monitoring', 'series', step],
    queryFn: ({ signal }) =>
      api.call(getMonitoringSeries, { query: { step: String(step) } }, { signal }),
    refetchInterval: step * 1_000,
    enabled: step !== 1,
  })
}

/** What was stored, also of other processes; asked for when somebody wants it. */
export function useStoredEvents(filter: EventFilter, isWanted: boolean) {
  const api = useApi()
  const { important, from, to, ...texts } = filter
  const query = {
    ...texts,
    ...(important === undefined ? {} : { important: String(important) }),
    ...(from === undefined ? {} : { from: String(from) }),
    ...(to === undefined ? {} : { to: String(to) }),
    limit: '500',
  }
  return useQuery({
    queryKey: ['monitoring', 'events', query],
    queryFn: ({ signal }) => api.call(listMonitoringEvents, { query }, { signal }),
    enabled: isWanted,
    staleTime: 2_000,
  })
}
