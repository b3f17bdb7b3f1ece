// The page without the box: its files from the browser's store. What the box says (/api/) is never stored.
// The first line, SHELL, is written by gateway/crew/shell.py: its version is a hash over all the files.
const CACHE = `crew ${self.SHELL.version}`;

self.addEventListener("install", (event) => event.waitUntil(fill()));
self.addEventListener("activate", (event) => event.waitUntil(clear()));
self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  const ours = event.request.method === "GET" && origin === location.origin && self.SHELL.paths.includes(pathname);
  if (ours) event.respondWith(stored(event.request, pathname));
});

async function fill() {
  const cache = await caches.open(CACHE);
  await cache.addAll(self.SHELL.paths.map((path) => new Request(path, { cache: "reload" })));
  await self.skipWaiting();
}

async function clear() {
  const old = (await caches.keys()).filter((name) => name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function stored(request, pathname) {
  const cache = await caches.open(CACHE);
  return (await cache.match(pathname)) ?? fetch(request);
}
