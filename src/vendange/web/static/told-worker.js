// Opens the pages under /tell/ without a network. It keeps two things: forms without anybody's data, and their style.
"use strict";

const KEPT = "vendange-tell-1";

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((one) => one.startsWith("vendange-tell-") && one !== KEPT).map((one) => caches.delete(one))))
      .then(() => self.clients.claim()),
  );
});

// A page: the network's, or else the form that was kept for its address. Style and scripts: those kept, or else the network's.
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request, address));
  else if (address.pathname.startsWith("/static/") || address.pathname.startsWith("/font/")) event.respondWith(style(request));
});

async function page(request, address) {
  try {
    return await fetch(request);
  } catch (noNetwork) {
    const form = await caches.match(`${address.pathname}shell`, { cacheName: KEPT });
    if (form) return form;
    throw noNetwork;
  }
}

async function style(request) {
  return (await caches.match(request, { cacheName: KEPT })) || fetch(request);
}
