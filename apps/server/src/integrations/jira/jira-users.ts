import type { z } from 'zod'
import { withoutAbsent } from '../../platform/values/without-absent.ts'
import type { JiraFlavour } from './jira-credential.ts'
import type { userAnswer } from './jira-work-answers.ts'

export type JiraUser = {
  /** Login name on Data Center, account id on Cloud. */
  readonly id: string
  readonly displayName: string
  readonly email?: string
  readonly active: boolean
}

/** How people are named in the requests and answers of a flavour. */
export function createUsers(flavour: JiraFlavour) {
  const isCloud = flavour === 'cloud'
  return {
    toUser({ accountId, name, displayName, emailAddress, active }: z.output<typeof userAnswer>) {
      const id = (isCloud ? accountId : name) ?? ''
      const user: JiraUser = { id, displayName, active, ...withoutAbsent({ email: emailAddress }) }
      return user
    },
    /** A person in the body of a request; null: nobody. */
    userRef: (id: string | null) => (isCloud ? { accountId: id } : { name: id }),
    userQuery: (id: string) => (isCloud ? { accountId: id } : { username: id }),
    /** Words in a search for people. */
    wordsQuery: (words: string) => (isCloud ? { query: words } : { username: words }),
  }
}
