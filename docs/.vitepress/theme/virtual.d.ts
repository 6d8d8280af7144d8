declare module 'virtual:workbook-recordings' {
  /** By `slug/check`; what each yields is one check of a `recorded-run.json`. */
  const recordings: Record<string, () => Promise<{ default: unknown }>>
  export default recordings
}

declare module '@localSearchIndex' {
  /** By language; what each yields is MiniSearch's index as JSON. */
  const index: Record<string, (() => Promise<{ default: string }>) | undefined>
  export default index
}
