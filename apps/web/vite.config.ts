import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import {
  contentSecurityHashes,
  directionScript,
  firstLoadSize,
  ourLocalesOnly,
} from './build-plugins.ts'

const server = process.env['STUDIOOPS_DEV_SERVER'] ?? 'http://127.0.0.1:8080'

export default defineConfig({
  root: import.meta.dirname,
  plugins: [
    ourLocalesOnly(),
    directionScript(),
    react(),
    tailwindcss(),
    contentSecurityHashes(),
    firstLoadSize(),
  ],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // Old enough for `light-dark()` to stay as it is; a polyfill of it would need inline styles.
    cssTarget: ['chrome123', 'safari17.5', 'firefox121'],
    // An inlined font or picture would need `data:` in the policy of fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    port: 5173,
    proxy: {
      '/api': { target: server, changeOrigin: false },
      '/demo': { target: server, changeOrigin: false },
    },
  },
})
