export {
  authorization,
  credentialKey,
  credentialOf,
  isSendable,
  type AtlassianCredential as JiraCredential,
  type AtlassianFlavour as JiraFlavour,
} from '../atlassian/atlassian-credential.ts'
