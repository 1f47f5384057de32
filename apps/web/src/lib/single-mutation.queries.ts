import {
  type MutateOptions,
  useMutation,
  type UseMutationOptions,
  useQueryClient,
} from '@tanstack/react-query'

type Mutate<Reply, Input> = (input: Input, callbacks: MutateOptions<Reply, Error, Input>) => void

/**
 * A mutation of which only one is under way. A second press does nothing, however soon it comes:
 * that the first one is pending reaches the page a moment later than a double click does.
 */
export function useSingleMutation<Reply, Input>(
  options: UseMutationOptions<Reply, Error, Input> & { readonly mutationKey: readonly string[] },
) {
  const queries = useQueryClient()
  const mutation = useMutation(options)
  const { mutationKey } = options
  return {
    ...mutation,
    mutate: (input: Input, callbacks: MutateOptions<Reply, Error, Input> = {}) => {
      if (queries.isMutating({ mutationKey }) > 0) return
      // The compiler does not see through `Input` that it is not `void`.
      ;(mutation.mutate as Mutate<Reply, Input>)(input, callbacks)
    },
  }
}
