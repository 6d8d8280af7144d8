import type { PwaOptions } from '@vite-pwa/vitepress'

/**
 * The whole site works offline after one visit: every page, script and the search index is kept by a service worker.
 * Only a built site has one; the dev server has none, so that nobody reads an old page while writing.
 */
export const offline: PwaOptions = {
  // The page registers the worker itself, once it has nothing better to do: see theme/offline.ts.
  injectRegister: false,
  registerType: 'autoUpdate',
  manifest: {
    name: 'Harbour Radio',
    short_name: 'Harbour Radio',
    description: 'A workbook of server architectures',
    lang: 'en-GB',
    display: 'standalone',
    background_color: '#ffffff',
    theme_color: '#0b5e6b',
    icons: [{ src: 'mark.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any' }],
  },
  workbox: {
    globPatterns: ['**/*.{html,js,css,svg,json,webmanifest}'],
    // A figure's state stands in the address; the page is the same.
    ignoreURLParametersMatching: [/./],
    navigateFallback: '404.html',
    clientsClaim: true,
    skipWaiting: true,
    cleanupOutdatedCaches: true,
    sourcemap: false,
  },
  integration: {
    // The plugin writes where `docs/.vitepress/dist` is; a build with --outDir goes elsewhere.
    configureOptions({ build }, options) {
      if (build.ssr === false) options.outDir = build.outDir
    },
  },
}
