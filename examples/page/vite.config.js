// The page is shown by WebKitGTK and nothing else; every asset is a file, so that the page's policy needs no data: addresses.
export default {
  build: { target: 'safari16.4', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  // The AudioWorklet's module lies beside its importer, where Vite's own bundling for development would not see it.
  optimizeDeps: { exclude: ['@heliograph/webview'] },
};
