import { defineAsyncComponent, h } from 'vue'
import type { Theme } from 'vitepress'
import DefaultTheme from 'vitepress/theme-without-fonts'
import RecordedRun from './diagram/RecordedRun.vue'
import SequenceDiagram from './diagram/SequenceDiagram.vue'
import CheckList from './lab/CheckList.vue'
import LabPanel from './lab/LabPanel.vue'
import LandingPage from './pages/LandingPage.vue'
import NotFoundPage from './pages/NotFoundPage.vue'
import './styles/colours.css'
import './styles/lab.css'
import './styles/sequence.css'
import './styles/pages.css'

/** In chunks of their own: a chapter does not carry what only other pages show. */
const ChapterList = defineAsyncComponent(() => import('./pages/ChapterList.vue'))
const CommandLine = defineAsyncComponent(() => import('./pages/CommandLine.vue'))
const ProblemTable = defineAsyncComponent(() => import('./pages/ProblemTable.vue'))
const StartButton = defineAsyncComponent(() => import('./pages/StartButton.vue'))

export default {
  extends: DefaultTheme,
  Layout: () => h(DefaultTheme.Layout, null, { 'not-found': () => h(NotFoundPage) }),
  enhanceApp({ app }) {
    const components = { ChapterList, CheckList, CommandLine, LabPanel, ProblemTable, RecordedRun, SequenceDiagram, StartButton }
    for (const [name, component] of Object.entries(components)) app.component(name, component)
    // The layout named in the front matter of the first page; the theme's own home has no main landmark.
    app.component('landing', LandingPage)
  },
} satisfies Theme
