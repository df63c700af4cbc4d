/* Stands between the browser and the signal. Before these lines the server puts TOLD: the build, the page
   without signal, and the addresses to keep. No page that names anybody is ever kept. */

const KEPT = `without-signal-${TOLD.build}`;
const OURS = "without-signal-";

/* A register that is on this phone opens after that long, even if the service would answer later. */
const PATIENCE = 6000;

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(keep());
});

async function keep() {
  const kept = await caches.open(KEPT);
  /* Without cookies, so that the page kept is nobody's; all of one build, or the old worker stays. */
  await Promise.all(TOLD.keep.map(async (address) => {
    const answer = await fetch(address, { credentials: "omit", redirect: "error" });
    const isMine = address !== TOLD.page || (await answer.clone().text()).includes(TOLD.build);
    if (!answer.ok || !isMine) throw new Error(`${answer.status}: ${address}`);
    await kept.put(address, answer);
  }));
}

self.addEventListener("activate", (event) => {
  event.waitUntil(caches.keys()
    .then((names) => Promise.all(names.filter((name) => name.startsWith(OURS) && name !== KEPT).map((name) => caches.delete(name))))
    .then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (address.origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request, address));
  else if (request.method === "GET" && address.searchParams.has("v")) event.respondWith(file(request));
});

/* Files are named by build, so a kept one is the right one. */
async function file(request) {
  return (await caches.match(request, { ignoreVary: true })) || fetch(request);
}

const pageWithoutSignal = () => caches.match(TOLD.page, { ignoreVary: true });

async function page(request, address) {
  const asked = fetch(request);
  const isHere = await isOnPhone(address);
  const slow = isHere && new Promise((resolve) => { setTimeout(resolve, PATIENCE); });
  try {
    const answer = await (slow ? Promise.race([asked, slow]) : asked);
    if (answer) return answer;
  } catch {
    /* No signal: what is kept answers below. */
  }
  asked.catch(() => {});
  return (await pageWithoutSignal()) || asked;
}

/* Tells whether the register of an address is kept here, whoever's it is. */
async function isOnPhone(address) {
  const session = address.pathname.match(/^\/sessions\/(\d+)\/register$/)?.[1];
  if (!session) return false;
  const rows = await sheets().catch(() => []);
  return rows.some((row) => row.session === Number(session));
}

function sheets() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open("programme-tracker-offline");
    asked.onerror = () => reject(asked.error);
    asked.onupgradeneeded = () => asked.transaction.abort();
    asked.onsuccess = () => {
      const found = asked.result.transaction("sheets").objectStore("sheets").getAll();
      found.onsuccess = () => resolve(found.result);
      found.onerror = () => reject(found.error);
      asked.result.close();
    };
  });
}
