/* Sealing what stays on the phone.

   The server makes the key from its own secret, the person and a number that this phone drew by lot.
   Here it is kept so that scripts can use it and not read it. It goes away at sign-out, when somebody
   else signs in, when the server says that the sign-in was ended, and after twelve hours. A new
   sign-in of the same person brings the same key back: marks that were not sent are not lost. */
"use strict";

Offline.vault = (() => {
  const LONGEST = 12 * 60 * 60 * 1000;
  const { store } = Offline;
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const place = (id) => new TextEncoder().encode(`sheet:${id}`);

  function drawn() {
    const numbers = crypto.getRandomValues(new Uint8Array(16));
    return [...numbers].map((one) => one.toString(16).padStart(2, "0")).join("");
  }

  /* Returns what the server must be told to give this person's key: {lot, from}. */
  async function lotOf(person) {
    await store.change("vaults", person, (row) => row ? null : { person, lot: drawn(), from: "", key: null });
    return store.get("vaults", person);
  }

  async function unlock(person, { id, key }) {
    const made = await crypto.subtle.importKey("raw", bytes(key), "AES-GCM", false, ["encrypt", "decrypt"]);
    await store.change("vaults", person, (row) => row && { ...row, from: id, key: made, at: Date.now() });
  }

  async function keyOf(person) {
    const row = await store.get("vaults", person);
    if (!row?.key) return null;
    if (Date.now() - row.at < LONGEST) return row.key;
    await lock((one) => one !== person);
    return null;
  }

  /* Takes the keys away, but of those for whom `spares` says yes. */
  async function lock(spares = () => false) {
    for (const row of await store.all("vaults")) {
      if (row.key && !spares(row.person)) await store.change("vaults", row.person, (now) => now && { ...now, key: null });
    }
  }

  async function seal(person, id, value) {
    const key = await keyOf(person);
    if (!key) throw new Error("locked");
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const plain = new TextEncoder().encode(JSON.stringify(value));
    return { iv, sealed: await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: place(id) }, key, plain) };
  }

  /* Returns what was sealed, or null without its key. */
  async function read(person, id, row) {
    const key = await keyOf(person);
    if (!key) return null;
    try {
      const how = { name: "AES-GCM", iv: row.iv, additionalData: place(id) };
      return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt(how, key, row.sealed)));
    } catch {
      return null;
    }
  }

  /* Whose key is here; there is at most one. */
  async function owner() {
    for (const row of await store.all("vaults")) if (row.key && (await keyOf(row.person))) return row.person;
    return null;
  }

  /* When this person's registers were last fetched, as a moment of this phone's clock; 0 when never. */
  const openedAt = async (person) => (await store.get("vaults", person))?.at || 0;
  const isOpen = async (person) => Boolean(await keyOf(person));

  return { lotOf, unlock, lock, seal, read, owner, isOpen, openedAt, drawn, forget: (person) => store.remove("vaults", person) };
})();
