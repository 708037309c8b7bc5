// Has the browser keep what was loaded for a search, so that searching goes on without the network. Nothing here touches
// the page.

// A search on any other page has loaded all that these two load.
const MODULES = ["search-page.js", "search-box.js"];
// Results come first: what is kept must not be in their way.
const PAUSE = 1500;

/**
 * Keep for the site whose top is at the URL `top` what this page has loaded, and the files that `list` names by their
 * URLs when all is calm.
 */
export async function keepOffline(top, list) {
  // Not in a browser's private windows, and not without https.
  if (!navigator.serviceWorker) return;
  await new Promise((resolve) => setTimeout(resolve, PAUSE));
  try {
    const urls = await list();
    await navigator.serviceWorker.register(new URL("offline.js", top), { scope: top });
    const { active } = await navigator.serviceWorker.ready;
    const modules = MODULES.map((name) => new URL(name, import.meta.url).href);
    const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
    active.postMessage({ keep: [...new Set([...loaded, ...modules, ...urls])] });
  } catch (error) {
    // A reader may have forbidden it.
    console.info(error);
  }
}
