import { z } from 'zod'

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
  'operation.repeat': { en: 'Let a write go out again', he: 'שליחה חוזרת של כתיבה' },
  'rule.bypass': { en: 'Bypassed a rule', he: 'עקיפת כלל' },
  'access.refuse': { en: 'Was not allowed', he: 'גישה שנדחתה' },
  'audit.export': { en: 'Exported the audit log', he: 'ייצוא יומן הביקורת' },
  'audit.verify': { en: 'Verified the audit log', he: 'אימות יומן הביקורת' },
  'audit.segment-close': { en: 'Closed a part of the audit log', he: 'סגירת חלק מיומן הביקורת' },
  'keys.rotate': { en: 'Rotated the master key', he: 'החלפת המפתח הראשי' },
  'keys.reset': { en: 'Began anew with another master key', he: 'התחלה מחדש עם מפתח ראשי אחר' },
} as const satisfies Record<string, Label>

export type AuditAction = keyof typeof auditActions

export const auditOutcome = z.enum(['done', 'refused', 'failed'])
export type AuditOutcome = z.output<typeof auditOutcome>
