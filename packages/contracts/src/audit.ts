import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { limits } from './limits.ts'

type Label = { readonly en: string; readonly he: string }

/**
 * Everything that the audit log can say. A name is a promise to those who read exports: never
 * rename, only add; `<thing>.<verb>`. The outcome says whether it was done.
 */
export const auditActions = {
  'session.begin': { en: 'Signed in', he: 'כניסה למערכת' },
  'session.end': { en: 'Signed out', he: 'יציאה מהמערכת' },
  'session.step-up': { en: 'Gave the password again', he: 'אימות סיסמה חוזר' },
  'session.revoke': { en: 'Ended a session', he: 'סיום התחברות' },
  'session.replay': { en: 'Renewed a session twice', he: 'חידוש כפול של התחברות' },
  'password.change': { en: 'Changed the password', he: 'שינוי סיסמה' },
  'password.reset': { en: 'Reset a password', he: 'איפוס סיסמה' },
  'factor.add': { en: 'Added a second factor', he: 'הוספת גורם אימות שני' },
  'factor.remove': { en: 'Removed a second factor', he: 'הסרת גורם אימות שני' },
  'recovery-codes.make': { en: 'Made recovery codes', he: 'יצירת קודי שחזור' },
  'account.make': { en: 'Made an account', he: 'יצירת חשבון' },
  'account.invite': { en: 'Invited somebody', he: 'הזמנת משתמש' },
  'account.change-role': { en: 'Changed a role', he: 'שינוי תפקיד' },
  'account.disable': { en: 'Disabled an account', he: 'השבתת חשבון' },
  'account.enable': { en: 'Enabled an account', he: 'הפעלת חשבון' },
  'account.remove': { en: 'Removed an account', he: 'הסרת חשבון' },
  'jira-token.replace': { en: 'Replaced the Jira token', he: 'החלפת אסימון Jira' },
  'secret.reveal': { en: 'Showed a secret', he: 'הצגת סוד' },
  'model.save': { en: 'Saved the model connection', he: 'שמירת חיבור המודל' },
  'model.remove': { en: 'Removed the model connection', he: 'הסרת חיבור המודל' },
  'connection.save': { en: 'Saved a connection', he: 'שמירת חיבור' },
  'connection.remove': { en: 'Removed a connection', he: 'הסרת חיבור' },
  'tls.change': { en: 'Changed the verification of TLS', he: 'שינוי אימות TLS' },
  'configuration.change': { en: 'Changed the configuration', he: 'שינוי תצורה' },
  'configuration.roll-back': { en: 'Rolled the configuration back', he: 'החזרת תצורה קודמת' },
  'workspace.change': { en: 'Changed the workspace', he: 'שינוי סביבת העבודה' },
  'story.approve': { en: 'Approved a story', he: 'אישור סיפור' },
  'story.publish': { en: 'Published a story as a page', he: 'פרסום סיפור כדף' },
  'chat.approve': { en: 'Approved an action of a chat', he: 'אישור פעולה של שיחה' },
  'chat.share': { en: 'Shared a chat with its project', he: 'שיתוף שיחה עם הפרויקט' },
  'chat.unshare': { en: 'Took a chat back from its project', he: 'ביטול שיתוף שיחה' },
  'operation.repeat': { en: 'Let a write go out again', he: 'שליחה חוזרת של כתיבה' },
  'story-rule.change': { en: 'Changed a rule for stories', he: 'שינוי כלל לסיפורים' },
  'story.cards': { en: 'Made cards from a story', he: 'יצירת כרטיסים מסיפור' },
  'rule.bypass': { en: 'Bypassed a rule', he: 'עקיפת כלל' },
  'access.refuse': { en: 'Was not allowed', he: 'גישה שנדחתה' },
  'access-token.make': { en: 'Made a token for a program', he: 'יצירת אסימון לתוכנית' },
  'access-token.revoke': { en: 'Ended a token of a program', he: 'ביטול אסימון של תוכנית' },
  'tool-server.add': { en: 'Connected an MCP server', he: 'חיבור שרת MCP' },
  'tool-server.remove': { en: 'Removed an MCP server', he: 'הסרת שרת MCP' },
  'tool.accept': { en: 'Accepted tools of an MCP server', he: 'אישור כלים של שרת MCP' },
  'tool.call': { en: 'Called a tool of an MCP server', he: 'הפעלת כלי של שרת MCP' },
  'project.take-over': { en: 'Took a project over', he: 'נטילת בעלות על פרויקט' },
  'audit.export': { en: 'Exported the audit log', he: 'ייצוא יומן הביקורת' },
  'audit.verify': { en: 'Verified the audit log', he: 'אימות יומן הביקורת' },
  'audit.segment-close': { en: 'Closed a part of the audit log', he: 'סגירת חלק מיומן הביקורת' },
  'backup.create': { en: 'Made a backup', he: 'יצירת גיבוי' },
  'backup.download': { en: 'Downloaded a backup', he: 'הורדת גיבוי' },
  'backup.rehearse': { en: 'Rehearsed the restore of a backup', he: 'חזרה על שחזור גיבוי' },
  'backup.restore': { en: 'Restored a backup', he: 'שחזור גיבוי' },
  'backup.schedule': { en: 'Changed when backups are made', he: 'שינוי מועדי הגיבוי' },
  'backup.verify': { en: 'Verified a backup', he: 'אימות גיבוי' },
  'project.trash': { en: 'Put a project into the trash', he: 'העברת פרויקט לאשפה' },
  'project.restore': { en: 'Restored a project', he: 'שחזור פרויקט' },
  'project.purge': { en: 'Deleted a project for good', he: 'מחיקה סופית של פרויקט' },
  'keys.rotate': { en: 'Rotated the master key', he: 'החלפת המפתח הראשי' },
  'keys.reset': { en: 'Began anew with another master key', he: 'התחלה מחדש עם מפתח ראשי אחר' },
} as const satisfies Record<string, Label>

export type AuditAction = keyof typeof auditActions

export const auditOutcome = z.enum(['done', 'refused', 'failed'])
export type AuditOutcome = z.output<typeof auditOutcome>

export const auditAction = z.enum(
  Object.keys(auditActions) as [AuditAction, ...(readonly AuditAction[])],
)

/** `edited`: the text is not the one that was hashed. `unlinked`: it does not seal the one before it. */
export const auditBreak = z.object({
  kind: z.enum(['edited', 'missing', 'unlinked', 'cut-start', 'cut-end', 'rewritten', 'segment']),
  /** Number of the entry where it shows. */
  sequence: z.int(),
})
export type AuditBreak = z.output<typeof auditBreak>

export const auditReport = z.object({
  isWhole: z.boolean(),
  checked: z.int(),
  breaks: z.array(auditBreak),
  /** Closed parts, kept elsewhere. */
  segments: z.int(),
  /** Places kept outside of the database that could be compared. */
  anchors: z.int(),
  last: z.object({ sequence: z.int(), hash: z.string() }),
})
export type AuditReport = z.output<typeof auditReport>

export const auditEvent = z.object({
  sequence: z.int(),
  at: z.iso.datetime(),
  actorId: z.uuid().optional(),
  /** Absent where nobody is known, or the account is gone. */
  actorName: z.string().optional(),
  /** One of `auditActions`, unless a later version wrote it. */
  action: z.string(),
  target: z.string().optional(),
  /** The person whom the target names. */
  targetName: z.string().optional(),
  outcome: auditOutcome,
  requestId: z.string().optional(),
  address: z.string().optional(),
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
})
export type AuditEvent = z.output<typeof auditEvent>

const filter = z.object({
  actorId: z.uuid().optional(),
  action: auditAction.optional(),
  outcome: auditOutcome.optional(),
  from: z.iso.datetime().optional(),
  /** Not included. */
  to: z.iso.datetime().optional(),
})

export const listAuditEvents = defineEndpoint({
  method: 'GET',
  path: '/audit/events',
  summary: 'Who did what, newest first, fifty at a time.',
  access: 'admin',
  query: filter.extend({
    before: z.coerce.number().int().min(1).max(limits.auditSequenceMax).optional(),
  }),
  reply: z.object({
    events: z.array(auditEvent),
    /** For the next page; absent on the last. */
    before: z.int().optional(),
  }),
  errors: ['request.invalid', 'session.required', 'session.not-allowed'],
})

export const listAuditPeople = defineEndpoint({
  method: 'GET',
  path: '/audit/people',
  summary: 'Whom the audit log can be filtered by.',
  access: 'admin',
  reply: z.object({ people: z.array(z.object({ id: z.uuid(), name: z.string() })) }),
  errors: ['session.required', 'session.not-allowed'],
})

export const verifyAudit = defineEndpoint({
  method: 'POST',
  path: '/audit/verification',
  summary: 'Recalculates the chain of hashes and compares it with what was kept outside.',
  access: 'admin',
  reply: auditReport,
  errors: ['session.required', 'session.not-allowed'],
})

export const auditExportForm = z.enum(['csv', 'jsonl'])

export const prepareAuditExport = defineEndpoint({
  method: 'POST',
  path: '/audit/exports',
  summary: 'Asks for the password where needed; the file is then at /api/audit/export for a while.',
  access: 'admin',
  stepUp: true,
  body: filter.extend({ form: auditExportForm }),
  reply: z.object({ path: z.string() }),
  errors: ['request.invalid', 'session.required', 'session.not-allowed', 'session.step-up-needed'],
})

/** Not of the router: it answers with a file. */
export const auditExport = { filter: filter.extend({ form: auditExportForm }) }
