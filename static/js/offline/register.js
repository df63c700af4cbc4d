/* The register on the service's page: every mark is kept on this phone too, until the service has it. */
"use strict";

(() => {
  const form = document.querySelector("form[data-register]");
  if (!form) return;
  const { rows, sheets, sync, words, bar } = Offline;
  const session = Number(form.elements.about.value);
  const hasErrors = Boolean(document.querySelector(".error-summary"));
  let person = 0;
  let isKept = false;
  let isFirst = true;
  let isBusy = false;
  let writing = Promise.resolve();

  function say(text) {
    form.dataset.standing = text;
    document.dispatchEvent(new Event("register:tell"));
  }

  /* Without a place to keep marks the ordinary form goes on, and the page says what that means. */
  function cannotKeep() {
    isKept = false;
    delete form.dataset.kept;
    document.dispatchEvent(new Event("register:keep-here"));
    bar.show(words.cannotKeep);
  }

  /* Marks made here before there was a place for them go to their place; those that are there come back. */
  async function join(sheet) {
    for (const fieldset of rows.all(form)) {
      const who = rows.who(fieldset);
      const here = rows.read(fieldset);
      if (sheet.marks[who] && (isFirst || !rows.isMarked(here))) rows.fill(fieldset, sheet.marks[who]);
      else if (rows.isMarked(here)) await sheets.mark(person, session, who, here);
    }
    isFirst = false;
    isKept = true;
    form.dataset.kept = "yes";
    document.dispatchEvent(new Event("register:tell"));
  }

  async function begin() {
    person = await sync.person();
    const before = await sheets.find(person, session);
    if (before && hasErrors) await sheets.settle(person, session, before.token, { state: "marked", token: "" });
    if (before) await join(before);
    await bar.refresh(session);
    const sheet = await sheets.find(person, session);
    if (sheet && !isKept) await join(sheet);
    if (!isKept) document.dispatchEvent(new Event("register:keep-here"));
    tellBar(sheet);
  }

  /* The first answer of the service came late: what was tapped meanwhile goes to its place now. */
  async function joinLate() {
    const sheet = isKept ? null : await sheets.find(person, session);
    if (sheet) await join(sheet);
  }

  /* The foot of the page says how many are marked; the box at its top is for what is more. */
  function tellBar(sheet) {
    if (sheet && ["blank", "marked"].includes(sheet.state)) bar.show(null);
  }

  function note(event) {
    const fieldset = event.target.closest("[data-register-row]");
    if (!fieldset || !isKept) return;
    rows.tell(fieldset, null);
    say("");
    const row = rows.read(fieldset);
    writing = writing.then(() => sheets.mark(person, session, rows.who(fieldset), row)).catch(cannotKeep);
  }

  /* Under the id that this phone gives it, the same register may come by any way and any number of times. */
  async function submit() {
    await writing;
    const sheet = await sheets.submit(person, session);
    if (!sheet) return form.submit();
    if (navigator.onLine) {
      form.elements.token.value = sheet.token;
      return form.submit();
    }
    isBusy = false;
    say(words.notSent(sheets.countOf(sheet.marks)) + ". No signal: they go by themselves.");
    bar.tell({ state: "no signal" });
  }

  function stop(event) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  form.addEventListener("input", note);
  form.addEventListener("submit", (event) => {
    if (!isKept) return;
    if (isBusy) return stop(event);
    const missing = rows.incomplete(form);
    if (missing && navigator.onLine) return;
    stop(event);
    if (missing) return say(`${words.people(missing)} not complete. Nothing was submitted.`);
    isBusy = true;
    submit().catch(() => form.submit());
  }, true);
  addEventListener("pageshow", () => { isBusy = false; });
  document.addEventListener("offline:sent", ({ detail }) => {
    const mine = detail.results?.find((one) => one.session === session && one.state === "sent");
    if (mine) location.replace(mine.told.url);
    else joinLate().catch(() => {});
  });

  if (Offline.isPossible) begin().catch(cannotKeep);
  else cannotKeep();
})();
