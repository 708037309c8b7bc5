// The service worker: keeps what searching needs, and the pages that were opened last, for when there is no network.
// It stands at the top of the site, because it may answer only for what is beside or below it. What has its content in
// its name is kept as it is; all else is asked for first, so that nothing stale is shown while there is a network.

const TOP = self.registration.scope;
const VERSION = 1;
// Many sites may share an origin.
const CACHE = `daybook ${VERSION} ${TOP}`;
const LISTING = "assets/search/shards.json";
const SEARCH_PAGE = "search.html";
const LOOK = /^assets\/[0-9a-f]{10}\//;
const INDEX = /^assets\/search\/([^/]+)/;
const PROGRAM = /^assets\/javascripts\/bundle\.[0-9a-f]+\.min\.js$/;
const MOST_PAGES = 50;

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("activate", (event) => event.waitUntil(start()));

self.addEventListener("message", (event) => {
  if (event.data?.keep) event.waitUntil(keepAll(event.data.keep));
});

self.addEventListener("fetch", (event) => {
  const path = event.request.method === "GET" ? findPath(event.request.url) : null;
  if (path === null) return;
  if (isFixed(path)) event.respondWith(answerFixed(path, event.request));
  else if (path === LISTING || event.request.mode === "navigate") event.respondWith(answerFresh(path, event));
});

/** The path below the site's top that a URL has, without its query; null where it is elsewhere. */
function findPath(url) {
  const plain = url.replace(/[?#].*$/, "");
  return plain.startsWith(TOP) ? plain.slice(TOP.length) : null;
}

const isFixed = (path) => path !== LISTING && [LOOK, INDEX, PROGRAM].some((form) => form.test(path));

async function start() {
  const old = (await caches.keys()).filter((name) => name.startsWith("daybook ") && name.endsWith(` ${TOP}`) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function answerFixed(path, request) {
  const cache = await caches.open(CACHE);
  // Who found a file damaged asks for it past what is kept.
  const kept = request.cache === "reload" ? undefined : await cache.match(TOP + path);
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok) await cache.put(TOP + path, response.clone());
  return response;
}

async function answerFresh(path, event) {
  try {
    const response = await fetch(event.request);
    if (response.ok) event.waitUntil(keepFresh(path, response.clone()));
    return response;
  } catch (error) {
    const cache = await caches.open(CACHE);
    // Hosts show a page under its name without `.html` too.
    const kept = (await cache.match(TOP + path)) ?? (await cache.match(`${TOP}${path}.html`));
    return kept ?? (path === LISTING ? Response.error() : sayOffline());
  }
}

async function keepFresh(path, response) {
  const cache = await caches.open(CACHE);
  await cache.put(TOP + path, response);
  if (path === LISTING) return dropOldIndex(cache);
  const pages = (await listPaths(cache)).filter(isLoosePage);
  await drop(cache, pages.slice(0, Math.max(pages.length - MOST_PAGES, 0)));
}

const isLoosePage = (path) => !isFixed(path) && path !== LISTING && path !== SEARCH_PAGE;

/** Keep what a page has loaded before there was a service worker, and the search page with it. */
async function keepAll(urls) {
  const cache = await caches.open(CACHE);
  const wanted = urls.map(findPath).filter((path) => path !== null && isFixed(path));
  const known = new Set(await listPaths(cache));
  const missing = wanted.filter((path) => !known.has(path));
  // The browser has just loaded them, and what has its content in its name is never too old.
  await Promise.all(missing.map((path) => cache.add(new Request(TOP + path, { cache: "force-cache" }))));
  await cache.addAll([TOP + SEARCH_PAGE, TOP + LISTING].map((url) => new Request(url, { cache: "no-cache" })));
  await dropOldIndex(cache);
  await dropOldLook(cache);
}

/** Drop what the list of shards no longer names. */
async function dropOldIndex(cache) {
  const listing = await (await cache.match(TOP + LISTING)).text();
  const old = (await listPaths(cache)).filter((path) => isFixed(path) && INDEX.test(path) && !listing.includes(`"${INDEX.exec(path)[1]}"`));
  await drop(cache, old);
}

/** Drop the styles and scripts that the search page no longer loads, and the pages that were made for them. */
async function dropOldLook(cache) {
  const page = await (await cache.match(TOP + SEARCH_PAGE)).text();
  const paths = await listPaths(cache);
  const old = paths.filter((path) => LOOK.test(path) && !page.includes(LOOK.exec(path)[0]));
  await drop(cache, old.length ? [...old, ...paths.filter(isLoosePage)] : []);
}

const listPaths = async (cache) => (await cache.keys()).map(({ url }) => findPath(url));

const drop = (cache, paths) => Promise.all(paths.map((path) => cache.delete(TOP + path)));

function sayOffline() {
  const page = `<!doctype html><html lang="zh"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>没有网络 / Offline</title>
<p>没有网络，这个页面也没有保存过。<a href="${TOP}${SEARCH_PAGE}">仍然可以搜索</a>。
<p lang="en">There is no network, and this page was not kept. <a href="${TOP}${SEARCH_PAGE}">Searching still works</a>.`;
  const headers = { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": "default-src 'none'" };
  return new Response(page, { status: 503, headers });
}
