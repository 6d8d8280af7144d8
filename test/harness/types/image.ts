/** What a check can do with the image that is built from the folder of the judged program. */
import type { Copy } from './check.ts'

/** `clean-dir` runs anywhere; the others make the image the whole root file system. */
export type TierName = 'clean-dir' | 'unshare' | 'bwrap'

/** Where a text was found: in a layer, or in what the image says of itself. */
export interface ImageFinding {
  /** `line 7, COPY . .` */
  line: string
  /** `app/.env`, or `the configuration` */
  where: string
}

export interface ImageRunOptions {
  /** Names the copy in story and trace. */
  name: string
  /** Beside the image's own ENV and the lab's variables. PORT is set, and HOST is 127.0.0.1: no network reaches it. */
  env?: Readonly<Record<string, string | undefined>>
  /** True: a container of this check alone. False (default): one that serves all checks of a run which ask with the same env. */
  own?: boolean
  /** True: nothing but /tmp can be written, where the tier sees to that. Default false, as with an engine. */
  readOnly?: boolean
  /** True: a program that does not start fails this check. Default false: it skips the check, because another one tells that. */
  judgesStart?: boolean
  /** True: in podman or Docker. Only where `engine` names one. */
  inEngine?: boolean
}

export interface Image {
  /** What `run` runs it in. */
  readonly tier: TierName
  /** True in a tier where the image is the whole root file system and its program is process 1. */
  readonly isWholeRoot: boolean
  /** An engine that works here: `podman`. It takes a second to ask. */
  engine(): Promise<string | undefined>
  /** The user it names: `node`, `1000:1000`; empty when it names none, which is root. */
  readonly user: string
  /** The number of that user. */
  readonly uid: number
  /** What its program finds in the environment, before whoever runs it adds anything. */
  readonly env: ReadonlyMap<string, string>
  /** ENV, and the ARGs that had a value, each with the line that set it. */
  readonly variables: readonly { name: string; value: string; line: string }[]
  /** Paths of its file system, without what the base image brings: `app/server.ts`. */
  readonly paths: readonly string[]
  /** Paths below WORKDIR that its user may not read. */
  readonly unreadable: readonly string[]
  /** The packages that the folder's lock file has for development alone. */
  readonly devPackages: readonly string[]
  /** The version in a `package.json` of the image. */
  versionAt(path: string): string | undefined
  /** A file of the learner's folder, as it was built. */
  source(path: string): string | undefined
  /** Every place in any layer, and in the configuration, that holds the text. Layers whose files a later one deletes count. */
  findingsOf(text: string): ImageFinding[]
  /** For each line that runs npm: whether it would run again if these files were different. */
  npmRunsAgain(changed: Readonly<Record<string, string>>): { text: string; runsAgain: boolean }[]
  /** Starts it. */
  run(options: ImageRunOptions): Promise<Copy>
  /** What the running program has written into the image, where the tier can see that: paths. */
  written(copy: Copy): string[]
  /** Writes it as an OCI image layout. @see https://github.com/opencontainers/image-spec/blob/main/image-layout.md */
  writeLayout(folder: string): Promise<void>
}

/** What came of the build. */
export interface BuildReport {
  /** What a learner reads; undefined when the image stands. */
  problem?: string
  /** The lines of the Dockerfile that were run, and not taken from the cache. */
  ran: readonly string[]
}
