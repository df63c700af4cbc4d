/* On every page: what on this phone is not sent yet, in the box under the top bar; and trying again. */
"use strict";

Offline.bar = (() => {
  const { words, sheets, sync, vault } = Offline;
  const box = document.querySelector("[data-offline-bar]");
  const body = document.body.dataset;
  const SOON = 4000;
  const LATEST = 60000;
  /* A page that has nothing to send fetches registers no oftener than this. */
  const FRESH = 5 * 60000;
  const TONES = ["success", "warning", "danger"];
  let wait = SOON;
  let timer = 0;
  let current;

  function show(said) {
    if (!box) return;
    box.hidden = !said;
    if (!said) return;
    for (const tone of TONES) box.classList.toggle(`notice-${tone}`, tone === said.tone);
    box.querySelector("[data-offline-text]").textContent = said.text;
    const rest = box.querySelector("[data-offline-rest]");
    rest.textContent = said.follows;
    if (!said.link) return;
    const link = document.createElement("a");
    [link.textContent, link.href] = said.link;
    rest.append(" ", link, ".");
  }

  /* What there is to say about one person's registers, the most pressing first; null when nothing. */
  function standing(rows, { state, results = [], listed }) {
    const count = rows.reduce((sum, row) => sum + row.count, 0);
    const stuck = rows.find((row) => row.count && ["beside", "refused", "unreadable"].includes(row.state));
    const waits = rows.some((row) => row.state === "waiting");
    const later = results.find((one) => one.state === "later" && one.told?.message && one.told.error === "not_begun");
    const marked = rows.find((row) => row.state === "marked");
    const gone = [...results].reverse().find((one) => one.state === "sent");
    if (stuck) return words.needsYou(count, stuck.session);
    if (waits && later) return { ...words.waiting(count, "later"), follows: later.told.message };
    if (waits) return words.waiting(count, state === "open" ? "sending" : state);
    if (marked) return words.marked(count, marked.session, !listed || listed.includes(marked.session));
    return gone ? words.sent(gone.told) : null;
  }

  /* Sends what waits, says how it stands, and comes back later while something waits. */
  async function refresh(session = current, isAsked = Boolean(session)) {
    clearTimeout(timer);
    current = session;
    const person = await sync.person();
    await vault.lock((one) => one === person);
    const before = await sheets.rowsOf(person);
    const waits = before.some((row) => row.state === "waiting");
    if (waits) show(standing(before, { state: "sending" }));
    else if (!isAsked && Date.now() - (await vault.openedAt(person)) < FRESH && (await vault.isOpen(person))) return tell();
    const how = await sync.send(session);
    await tell(how);
    document.dispatchEvent(new CustomEvent("offline:sent", { detail: how }));
    /* What is too early is tried again with the next page: asking on and on would keep a sign-in alive. */
    const isEarly = how.results.some((one) => one.told?.error === "not_begun");
    if (["no signal", "later"].includes(how.state) && !isEarly) {
      timer = setTimeout(() => document.hidden || again(), wait);
      wait = Math.min(wait * 2, LATEST);
    } else {
      wait = SOON;
    }
    return how;
  }

  async function tell(how = { state: "open" }) {
    const person = await sync.person();
    const others = await sheets.others(person);
    show(standing(await sheets.rowsOf(person), how) || (others ? (person ? words.ofOthers : words.signIn)(others) : null));
  }

  /* Somebody who takes no registers, or nobody: their page only says what waits here. */
  async function onlyTell() {
    const person = Number(body.person) || 0;
    if (person) await vault.lock((one) => one === person);
    const count = await sheets.others(person);
    show(count ? (person ? words.ofOthers(count) : words.signIn(count)) : null);
  }

  /* A receipt names the submission that the service now has. */
  const settled = () => Promise.all([...document.querySelectorAll("[data-submission]")].map((one) => sheets.settled(one.dataset.submission)));
  /* Where both registers stand side by side, nothing is sent. */
  const isQuiet = !Offline.isPossible || document.querySelector("[data-both-registers]");
  const again = async () => isQuiet || settled().then(() => (body.registersUrl ? refresh() : onlyTell())).catch(() => {});

  function start() {
    if (!Offline.isPossible) return;
    if (body.registersUrl) navigator.serviceWorker?.register("/service-worker.js").catch(() => {});
    if (!document.querySelector("form[data-register], [data-offline-page]")) again();
  }

  addEventListener("online", () => again());
  document.addEventListener("visibilitychange", () => document.hidden || again());

  start();
  return { show, tell, refresh };
})();
