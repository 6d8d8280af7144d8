declare module 'virtual:workbook-recordings' {
  /** By `slug/check`; what each yields is one check of a `recorded-run.json`. */
  const recordings: Record<string, () => Promise<{ default: unknown }>>
  export default recordings
}

declare module 'virtual:workbook-recorded-measures' {
  /** By `slug/check`: what the starter and the reference were measured to do when they were recorded. */
  const measures: Record<string, { starter: unknown; solution: unknown } | undefined>
  export default measures
}

declare module '@localSearchIndex' {
  /** By language; what each yields is MiniSearch's index as JSON. */
  const index: Record<string, (() => Promise<{ default: string }>) | undefined>
  export default index
}
