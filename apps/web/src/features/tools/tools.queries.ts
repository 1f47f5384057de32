import {
  acceptTools,
  addToolServer,
  listToolServers,
  type OfferedTool,
  refreshToolServer,
  removeToolServer,
  testToolServer,
  type ToolServerForm,
  type ToolServers,
} from '@studioops/contracts/tools'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useApi } from '../../lib/api-context.tsx'
import { newIdempotencyKey } from '../../lib/idempotency-key.ts'
import { useSingleMutation } from '../../lib/single-mutation.queries.ts'

const key = ['tools'] as const

export function useToolServers() {
  const api = useApi()
  return useQuery({
    queryKey: key,
    queryFn: ({ signal }) => api.call(listToolServers, {}, { signal }),
    staleTime: 0,
  })
}

/** Every change answers with all servers. */
function useTake() {
  const queries = useQueryClient()
  return (servers: ToolServers) => void queries.setQueryData(key, servers)
}

export function useTestToolServer() {
  const api = useApi()
  return useMutation({
    mutationFn: (body: ToolServerForm) => api.call(testToolServer, { body }),
  })
}

export function useAddToolServer() {
  const api = useApi()
  const take = useTake()
  return useSingleMutation({
    mutationKey: ['tool-server-add'],
    mutationFn: (body: ToolServerForm) =>
      api.call(addToolServer, { body }, { idempotencyKey: newIdempotencyKey() }),
    onSuccess: take,
  })
}

export function useRemoveToolServer(serverId: string) {
  const api = useApi()
  const take = useTake()
  return useSingleMutation({
    mutationKey: ['tool-server-remove', serverId],
    mutationFn: () => api.call(removeToolServer, { params: { serverId } }),
    onSuccess: take,
  })
}

export function useRefreshToolServer(serverId: string) {
  const api = useApi()
  const take = useTake()
  return useSingleMutation({
    mutationKey: ['tool-server-refresh', serverId],
    mutationFn: () => api.call(refreshToolServer, { params: { serverId } }),
    onSuccess: take,
  })
}

export function useAcceptTools(serverId: string) {
  const api = useApi()
  const take = useTake()
  return useSingleMutation({
    mutationKey: ['tools-accept', serverId],
    mutationFn: (tools: readonly Pick<OfferedTool, 'name' | 'hash'>[]) =>
      api.call(acceptTools, {
        params: { serverId },
        body: { tools: tools.map(({ name, hash }) => ({ name, hash })) },
      }),
    onSuccess: take,
  })
}
