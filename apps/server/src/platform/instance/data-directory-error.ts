import { z } from 'zod'

export const instance = z.object({
  pid: z.int(),
  startedAt: z.iso.datetime(),
  url: z.url().optional(),
})

/** What `instance.json` says about the process that holds the directory. */
export type Instance = z.output<typeof instance>

/** The directory cannot be used as it is. The message says what to do. */
export class DataDirectoryError extends Error {
  override readonly name: string = 'DataDirectoryError'
}

/** Another StudioOps works on the directory. */
export class DataDirectoryInUse extends DataDirectoryError {
  override readonly name = 'DataDirectoryInUse'
  readonly holder: Instance | undefined
  readonly path: string

  constructor(path: string, holder: Instance | undefined) {
    super(describeHolder(path, holder))
    this.path = path
    this.holder = holder
  }

  /** The message in Hebrew. */
  get messageHe(): string {
    return describeHolderHe(this.path, this.holder)
  }
}

function describeHolderHe(path: string, holder: Instance | undefined): string {
  const since = holder?.startedAt.slice(0, 16).replace('T', ' ')
  const address = holder?.url === undefined ? ' (עדיין בעלייה או בעצירה)' : `, בכתובת ${holder.url}`
  const who =
    holder === undefined
      ? 'בידי תהליך שלא הזדהה'
      : `בידי StudioOps, תהליך ${holder.pid}, מאז ${since} UTC${address}`
  const stop = holder === undefined ? '' : ` (Ctrl-C במקום שבו הופעל, או: kill ${holder.pid})`
  return (
    `תיקיית הנתונים ${path} נמצאת בשימוש ${who}. ` +
    `אפשר להשתמש בהתקנה ההיא, לעצור אותה תחילה${stop}, ` +
    'או לקבוע ב־STUDIOOPS_DATA_DIR תיקייה אחרת להתקנה שנייה.'
  )
}

function describeHolder(path: string, holder: Instance | undefined): string {
  const since = holder?.startedAt.slice(0, 16).replace('T', ' ')
  const who =
    holder === undefined
      ? 'by a process that has not said who it is'
      : `by StudioOps, process ${holder.pid}, since ${since} UTC${
          holder.url === undefined ? ', which is still starting or stopping' : `, at ${holder.url}`
        }`
  const stop = holder === undefined ? '' : ` (Ctrl-C where it was started, or: kill ${holder.pid})`
  return (
    `The data directory ${path} is in use ${who}. ` +
    `Use that one, stop it first${stop}, ` +
    'or set STUDIOOPS_DATA_DIR to another directory for a second installation.'
  )
}
