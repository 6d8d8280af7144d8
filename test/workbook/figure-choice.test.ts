import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DOCS, findChapters } from '../../docs/.vitepress/chapters.ts'
import { anchorOf } from '../../docs/.vitepress/glossary.ts'
import { definitionsOf } from '../../docs/.vitepress/theme/figure/definitions.ts'
import { linesOf } from '../../docs/.vitepress/theme/figure/lines.ts'
import { firstWrong, leaveOut, mix, move, type Arrangement, type OrderLine } from '../../docs/.vitepress/theme/figure/ordering.ts'

const exercises = fc.record({
  id: fc.string({ minLength: 1 }),
  lines: fc.uniqueArray(fc.record({ text: fc.string(), because: fc.constant('…'), extra: fc.boolean() }), { selector: ({ text }) => text, minLength: 2, maxLength: 8 })
    .filter((lines) => lines.filter(({ extra }) => !extra).length > 1),
})

describe('putting lines in order', () => {
  test('begins mixed: always alike, with all lines, and never in the right order', () => {
    fc.assert(fc.property(exercises, ({ id, lines }) => {
      const mixed = mix(id, lines)
      expect(mixed).toEqual(mix(id, lines))
      expect([...mixed.kept].sort((a, b) => a - b)).toEqual(lines.map((_, index) => index))
      expect(firstWrong(lines, mixed)).toBeDefined()
      expect(firstWrong(lines, withoutExtra(lines, mixed))).toBeDefined()
    }))
  })

  test('can be done by moving and leaving out alone', () => {
    fc.assert(fc.property(exercises, ({ id, lines }) => {
      let now = withoutExtra(lines, mix(id, lines))
      for (let round = 0; round < lines.length; round += 1) {
        for (let place = 0; place < now.kept.length - 1; place += 1) {
          if ((now.kept[place] ?? 0) > (now.kept[place + 1] ?? 0)) now = move(now, place, 1)
        }
      }
      expect(firstWrong(lines, now)).toBeUndefined()
    }))
  })

  test('a move at an end changes nothing, and a line left out can come back', () => {
    const lines: OrderLine[] = ['a', 'b', 'c'].map((text) => ({ text, because: '' }))
    const all = { kept: [0, 1, 2], out: [] }
    expect(move(all, 0, -1)).toEqual(all)
    expect(move(all, 2, 1)).toEqual(all)
    expect(firstWrong(lines, leaveOut(all, 1))).toEqual({ line: 2, place: 1 })
    expect(firstWrong(lines, leaveOut(all, 2))).toEqual({ line: 2, place: -1 })
    expect(leaveOut(leaveOut(all, 2), 2)).toEqual(all)
  })

  function withoutExtra(lines: readonly OrderLine[], arrangement: Arrangement): Arrangement {
    return lines.reduce((now, { extra }, line) => (extra === true ? leaveOut(now, line) : now), arrangement)
  }
})

describe('a worked example', () => {
  test('its lines are read', () => {
    expect(linesOf('1,3-5')).toEqual([1, 3, 4, 5])
    expect(linesOf('')).toEqual([])
    expect(linesOf('5-3')).toEqual([])
  })
})

describe('glossary terms', () => {
  const definitions = definitionsOf(readFileSync(join(DOCS, 'reference/glossary.md'), 'utf8'), anchorOf)

  test('have a definition in plain words', () => {
    expect(definitions.idempotent).toBe('A method that has the same effect sent twice as sent once (`GET`, `HEAD`, `PUT`, `DELETE`), so it may be sent again when no answer came.')
    expect(Object.keys(definitions).length).toBeGreaterThan(30)
    expect(Object.values(definitions).filter((text) => /\]\(|\*\*/.test(text) || text === '')).toEqual([])
  })

  test('that a chapter uses are in the glossary', () => {
    const unknown = findChapters().flatMap(({ slug }) => {
      const page = readFileSync(join(DOCS, slug, 'index.md'), 'utf8')
      return [...page.matchAll(/<Term\s[^>]*?\bname="([^"]*)"/g)].map(([, name = '']) => `${slug}: ${name}`)
    }).filter((use) => !(anchorOf(use.slice(use.indexOf(': ') + 2)) in definitions))
    expect(unknown).toEqual([])
  })
})
