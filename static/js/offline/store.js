/* What stays on the phone, in the browser's own database: see docs/offline.md.

   Two kinds of rows. A vault is one person's key, or what is needed to be given it again. A sheet is
   one register: whose it is, how many marks are in it and how it stands, in the clear; everything
   else sealed. */
"use strict";

window.Offline = {};

Offline.store = (() => {
  const NAME = "programme-tracker-offline";
  let opening = null;

  function open() {
    opening ??= new Promise((resolve, reject) => {
      const asked = indexedDB.open(NAME, 1);
      asked.onupgradeneeded = () => {
        asked.result.createObjectStore("vaults", { keyPath: "person" });
        asked.result.createObjectStore("sheets", { keyPath: "id" });
      };
      asked.onsuccess = () => {
        asked.result.onversionchange = () => asked.result.close();
        asked.result.onclose = () => { opening = null; };
        resolve(asked.result);
      };
      asked.onerror = () => reject(asked.error);
    });
    opening.catch(() => { opening = null; });
    return opening;
  }

  /* Runs `deed` on one kind of rows and resolves, with what it asked for, once it is on the disk. */
  async function run(kind, mode, deed) {
    const database = await open();
    return new Promise((resolve, reject) => {
      const work = database.transaction(kind, mode, { durability: "strict" });
      const asked = deed(work.objectStore(kind));
      work.oncomplete = () => resolve(asked?.result);
      work.onerror = work.onabort = () => reject(work.error);
    });
  }

  return {
    get: (kind, key) => run(kind, "readonly", (rows) => rows.get(key)),
    all: (kind) => run(kind, "readonly", (rows) => rows.getAll()),
    put: (kind, row) => run(kind, "readwrite", (rows) => rows.put(row)),
    remove: (kind, key) => run(kind, "readwrite", (rows) => rows.delete(key)),
    /* Reads a row and writes what `change` makes of it, with nothing between. */
    change: (kind, key, change) =>
      run(kind, "readwrite", (rows) => {
        const found = rows.get(key);
        found.onsuccess = () => {
          const made = change(found.result);
          if (made) rows.put(made);
        };
        return found;
      }),
  };
})();

/* One thing at a time under a name, in every tab of this browser. */
Offline.alone = (() => {
  const waiting = new Map();
  return (name, deed) => {
    if (navigator.locks) return navigator.locks.request(`offline:${name}`, deed);
    const before = waiting.get(name) || Promise.resolve();
    const done = before.then(deed, deed);
    waiting.set(name, done.catch(() => {}));
    return done;
  };
})();

Offline.isPossible = Boolean(window.isSecureContext && window.crypto?.subtle && window.indexedDB);
