import type { Words } from '../config/variables.ts'

/** What the start tells people at a terminal, as the commands do: in the language of LANG. */
export const startTexts = {
  stray: (name: string, source: string, advice: Words): Words => ({
    en: `${name} (${source}) is not used. ${advice.en}`,
    he: `${name} (${source}) אינו בשימוש. ${advice.he}`,
  }),
  evaluation: (reason: string): Words => ({
    en: `For evaluation only: ${reason}`,
    he: `להתנסות בלבד: ${reason}`,
  }),
  probePortTaken: (port: number): Words => ({
    en: `Port ${port} for probes is taken; they answer on the main port. Set HEALTH_CHECK_PORT or SINGLE_PORT=true to end this warning.`,
    he: `פורט ${port} של הבדיקות תפוס; הן עונות בפורט הראשי. הגדרת HEALTH_CHECK_PORT או SINGLE_PORT=true תסיר אזהרה זו.`,
  }),
  realtimePortTaken: (port: number): Words => ({
    en: `Port ${port} for WebSockets is taken; they are answered on the main port. Set REALTIME_PORT or SINGLE_PORT=true to end this warning.`,
    he: `פורט ${port} של ה־WebSocket תפוס; החיבורים נענים בפורט הראשי. הגדרת REALTIME_PORT או SINGLE_PORT=true תסיר אזהרה זו.`,
  }),
  metricsPortTaken: (port: number): Words => ({
    en: `Port ${port} for metrics is taken; they are answered on the main port. Set METRICS_PORT or SINGLE_PORT=true to end this warning.`,
    he: `פורט ${port} של המדדים תפוס; הם נענים בפורט הראשי. הגדרת METRICS_PORT או SINGLE_PORT=true תסיר אזהרה זו.`,
  }),
  portTaken: (port: number, code: string): Words =>
    code === 'EADDRINUSE'
      ? {
          en: `Port ${port} is taken by another program. Stop it, or choose another: PORT=8090 npm start`,
          he: `פורט ${port} תפוס בידי תוכנית אחרת. אפשר לעצור אותה או לבחור פורט אחר: PORT=8090 npm start`,
        }
      : {
          en: `Port ${port} cannot be opened (${code}). Stop it, or choose another: PORT=8090 npm start`,
          he: `אי אפשר לפתוח את פורט ${port} (${code}). אפשר לבחור פורט אחר: PORT=8090 npm start`,
        },
  notDemo: {
    en: 'This data directory has a workspace of its own, so the demo was not started. Set STUDIOOPS_DATA_DIR to another directory for a demo.',
    he: 'בתיקיית הנתונים הזאת יש סביבת עבודה משלה, ולכן ההדגמה לא הופעלה. אפשר לקבוע ב־STUDIOOPS_DATA_DIR תיקייה אחרת להדגמה.',
  },
  ownerMade: (name: string): Words => ({
    en: `The owner ${name} was made; sign in with this name.`,
    he: `נוצר הבעלים ${name}; אפשר להתחבר בשם הזה.`,
  }),
  ownerThere: {
    en: 'This installation has its people already; nothing was changed.',
    he: 'בהתקנה הזאת כבר יש אנשים; דבר לא השתנה.',
  },
  ownerRefused: (reason: Words): Words => ({
    en: `No owner was made from INIT_OWNER_*: ${reason.en}`,
    he: `לא נוצר בעלים לפי INIT_OWNER_*: ${reason.he}`,
  }),
} as const satisfies Record<string, Words | ((...parts: never[]) => Words)>
