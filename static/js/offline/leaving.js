/* Signing out takes everything off this phone; with marks that were not sent, it asks first. */
"use strict";

(() => {
  const { sheets, sync, words, bar } = Offline;
  const box = document.querySelector("[data-leaving]");
  const isLeaving = (form) => /\/sign-out(\/everywhere)?$/.test(new URL(form.action).pathname);
  let leaving = null;
  let open = 0;

  async function leave() {
    await sheets.purge(await sync.person());
    go();
  }

  function go() {
    sessionStorage.clear();
    leaving.submit();
  }

  async function ask() {
    const rows = await sheets.rowsOf(await sync.person());
    const count = rows.reduce((sum, row) => sum + row.count, 0);
    if (!count) return leave();
    /* What was not submitted, or needs a person, cannot just be sent. */
    open = rows.some((row) => row.state === "waiting") ? 0 : rows.find((row) => row.count).session;
    const send = box.querySelector("[data-leaving-send]");
    send.textContent = open ? "Open the register" : "Send now";
    box.querySelector("p").textContent = `Signing out takes everything off this phone. ${open ? "Submit the register" : "Send"} first, or delete what is there.`;
    box.querySelector("h2").textContent = `${words.notSent(count)}`;
    box.querySelector("[data-leaving-delete]").textContent = `Delete ${words.marks(count)} and sign out`;
    box.hidden = false;
    send.focus();
  }

  async function sendFirst() {
    if (open) return location.assign(`/offline/?register=${open}`);
    const said = box.querySelector("p");
    said.textContent = "Sending…";
    await bar.refresh(undefined, true);
    const count = await sheets.unsent(await sync.person());
    if (!count) return leave();
    box.querySelector("h2").textContent = `${words.notSent(count)}`;
    said.textContent = "They could not be sent: the box at the top of the page says why. Nothing was deleted.";
  }

  if (!Offline.isPossible || !box) return;
  document.addEventListener("submit", (event) => {
    if (!isLeaving(event.target)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    leaving = event.target;
    /* Where the browser keeps nothing, there is nothing to ask about. */
    ask().catch(go);
  }, true);
  box.querySelector("[data-leaving-send]").addEventListener("click", () => sendFirst().catch(() => {}));
  box.querySelector("[data-leaving-delete]").addEventListener("click", leave);
  box.querySelector("[data-leaving-stay]").addEventListener("click", () => { box.hidden = true; });
})();
