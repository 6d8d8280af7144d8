/** One answer to choose. Text between backticks is shown as code. */
export interface Option {
  text: string
  /** Why it is right, or what is wrong with it: each has its own reason. */
  because: string
  right?: boolean
}
