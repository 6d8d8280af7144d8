/** Lighthouse on the built site: it is fetched on demand, because it is larger than all that the workbook installs. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { startBuiltSite } from '../browser/site/built-site.ts'
import { findChromium } from '../harness/peers/browser/find.ts'
import { findLabs } from '../harness/labs.ts'
import { median } from './statistics.ts'
import type { LimitFigure } from './whole.ts'

const LIGHTHOUSE = 'lighthouse@12.8.2'
/** At least this, of 100. */
const REACH: Readonly<Record<string, number>> = { performance: 97, accessibility: 100, 'best-practices': 100, seo: 100 }

interface Report {
  categories: Record<string, { score: number | null; auditRefs: { id: string; weight: number }[] }>
  audits: Record<string, { score: number | null; title: string; displayValue?: string }>
}

/**
 * Measures the home page and a chapter of the built site, with Lighthouse's defaults (a phone of the middle class on a
 * slow network); what is shown is the median of the runs.
 * @throws Error when there is no Chromium, or when Lighthouse cannot be fetched or fails
 */
export async function lighthouseFigures(runs: number): Promise<LimitFigure[]> {
  const browser = findChromium()
  if (browser === null) throw new Error('Lighthouse needs a Chromium; CHROMIUM_PATH can name one')
  const chapter = findLabs()[1]?.slug ?? ''
  const site = await startBuiltSite()
  try {
    const figures: LimitFigure[] = []
    for (const path of ['/', `/${chapter}/`]) figures.push(...await figuresOf(path, site.origin, browser, runs))
    return figures
  } finally {
    await site.close()
  }
}

async function figuresOf(path: string, origin: string, browser: string, runs: number): Promise<LimitFigure[]> {
  const reports: Report[] = []
  for (let run = 0; run < runs; run += 1) reports.push(await audit(origin + path, browser))
  return Object.entries(REACH).map(([category, reach]) => {
    const scores = reports.map((report) => Math.round((report.categories[category]?.score ?? 0) * 100))
    const value = median(scores)
    const because = value < reach ? `; ${shortcomings(reports.at(-1), category)}` : ''
    const name = `Lighthouse ${path} ${category}`
    return { name, value, text: `${String(value)} (of ${scores.join(', ')})${because}`, limitText: `at least ${String(reach)}`, reached: value >= reach }
  })
}

async function audit(url: string, browser: string): Promise<Report> {
  const flags = ['--quiet', '--output=json', '--chrome-flags=--headless=new --no-sandbox --disable-gpu', `--only-categories=${Object.keys(REACH).join(',')}`]
  const child = spawn('npx', ['--yes', LIGHTHOUSE, url, ...flags], {
    env: { ...process.env, CHROME_PATH: browser },
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  })
  let [printed, complained] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => { printed += chunk.toString() })
  child.stderr.on('data', (chunk: Buffer) => { complained += chunk.toString() })
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`Lighthouse failed:\n${complained}`)
  return JSON.parse(printed) as Report
}

/** The audits that cost points, the heaviest first. */
function shortcomings(report: Report | undefined, category: string): string {
  const refs = report?.categories[category]?.auditRefs.filter(({ id, weight }) => weight > 0 && (report.audits[id]?.score ?? 1) < 0.9) ?? []
  return refs.sort((left, right) => right.weight - left.weight)
    .map(({ id }) => `${report?.audits[id]?.title ?? id} ${report?.audits[id]?.displayValue ?? ''}`.trim())
    .join('; ')
}
