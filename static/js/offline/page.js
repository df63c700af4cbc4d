/* The page without signal: the registers on this phone, or one of them. */
"use strict";

(() => {
  const { sheets, sync, words, bar, rows, trouble, vault } = Offline;
  const { made } = trouble;
  const main = document.querySelector("[data-offline-page]");
  const part = (name) => main.querySelector(`[data-${name}]`);
  const form = part("sheet");
  const count = part("count");
  const asked = location.pathname.match(/^\/sessions\/(\d+)\/register/)?.[1] || new URLSearchParams(location.search).get("register");
  const isLeaving = location.pathname.startsWith("/sign-out");
  const session = Number(asked) || 0;
  let token = "";
  let person = null;
  let writing = Promise.resolve();
  let drawn = "";
  let last = "";

  const STANDS = {
    blank: () => "Nothing marked yet",
    marked: (number) => `${words.notSent(number)}, register not submitted`,
    waiting: (number) => `${words.notSent(number)}, submitted on this phone`,
    beside: (number) => `${words.notSent(number)}: the service has other marks`,
    refused: (number) => `${words.notSent(number)}: needs you`,
    unreadable: (number) => `${words.notSent(number)}: sealed with a key that is no more, so they cannot be read`,
  };

  const BUTTONS = { waiting: "Try to send now", refused: "Submit register again" };

  function title(text, below) {
    part("title").textContent = text;
    part("subtitle").textContent = below;
    document.title = `${text} – Programme Tracker`;
  }

  /* The list of what is here. */
  async function drawList() {
    const found = person ? await sheets.rowsOf(person) : [];
    form.hidden = true;
    drawn = "";
    part("after").replaceChildren();
    const isHere = location.pathname.startsWith("/offline");
    if (isLeaving) title("Not signed out yet", "There is no signal. Everything of yours on this phone was deleted; sign out again with signal, or the sign-in ends by itself.");
    else if (last === "signed out") title("Signed out", "Registers here open once you have signed in.");
    else if (isHere || token) title("On this phone", "Registers that open without signal.");
    else title("No signal", "This page needs signal. These registers do not:");
    if (!found.length) {
      const empty = person ? "No register is kept here now. They come by themselves, a day before the session." : await lockedWords();
      return part("view").replaceChildren(made("p", empty, { class: "empty" }));
    }
    const list = made("ul", "", { class: "offline-list" });
    for (const row of found) list.append(await line(row));
    part("view").replaceChildren(list);
  }

  async function lockedWords() {
    const rest = (await sheets.others(0)) ? " Marks that wait are sealed, and kept until then." : "";
    return `Sign in with signal to open registers here.${rest}`;
  }

  async function line(row) {
    const sheet = row.state === "unreadable" ? null : await sheets.find(person, row.session);
    const item = made("li");
    const text = made("div");
    text.append(made("h2", sheet ? sheet.about.title : "A register"), made("p", STANDS[row.state](row.count)));
    item.append(text);
    if (sheet) item.append(made("a", "Open register", { class: "btn btn-outline-primary", href: `/offline/?register=${row.session}`, "aria-label": `Open register: ${sheet.about.title}` }));
    else item.append(trouble.button("Delete them", "outline-danger", () => Offline.store.remove("sheets", row.id).then(draw)));
    return item;
  }

  /* One row: the template of the ordinary register, for one person. */
  function rowOf(one, about) {
    const name = one.locked ? "[data-locked]" : `[data-row="${about.grace ? "with_grace" : "without"}"]`;
    const copy = document.querySelector(`template${name}`).content.cloneNode(true);
    const said = { "[who]": one.initials, "[reference]": one.reference, "[locked]": one.locked || "", "[starts]": about.starts };
    const filled = (text) => Object.entries(said).reduce((made, [sign, value]) => made.replaceAll(sign, value), text);
    for (const element of copy.querySelectorAll("*")) {
      for (const { name: attribute, value } of [...element.attributes]) {
        element.setAttribute(attribute, filled(value.replaceAll("m-0-", `m-${one.id}-`)));
      }
      for (const node of element.childNodes) if (node.nodeType === Node.TEXT_NODE) node.data = filled(node.data);
    }
    for (const button of copy.querySelectorAll("[data-arrival-now]")) button.hidden = false;
    return copy;
  }

  function drawRows(sheet) {
    const people = sheet.about.people;
    const shown = JSON.stringify([sheet.session, people, sheet.about.grace]);
    if (shown !== drawn) {
      drawn = shown;
      part("rows").replaceChildren(...people.map((one) => rowOf(one, sheet.about)));
      for (const fieldset of rows.all(form)) {
        const row = sheet.marks[rows.who(fieldset)];
        if (row) rows.fill(fieldset, row);
      }
    }
    const problems = sheet.trouble?.problems || {};
    for (const fieldset of rows.all(form)) rows.tell(fieldset, Object.entries(problems[rows.who(fieldset)] || {})[0]);
  }

  /* Marks of people who are not on the register now: said by name of field, taken out by a person. */
  function leftOver(sheet) {
    const there = new Set(rows.all(form).map(rows.who));
    return Object.keys(sheet.marks).filter((who) => !there.has(who)).map((who) => {
      const one = sheet.about.people.find(({ id }) => String(id) === who);
      const item = made("p", `${one ? `${one.initials} ${one.reference}: ${one.locked}` : "Somebody who is not on this register any more has a mark."} `);
      const nothing = { outcome: "", arrived: "", reason: "", evidence: "", note: "" };
      item.append(trouble.button("Take the mark out", "outline-primary", () => sheets.mark(person, sheet.session, who, nothing).then(draw)));
      return item;
    });
  }

  function foot(sheet) {
    const done = rows.all(form).filter((fieldset) => rows.isMarked(rows.read(fieldset))).length;
    const said = { waiting: `${words.notSent(sheets.countOf(sheet.marks))}. Submitted on this phone.`, refused: `${words.notSent(sheets.countOf(sheet.marks))}.` };
    count.textContent = said[sheet.state] || `${done} of ${rows.all(form).length} marked, kept on this phone`;
    count.classList.toggle("offline", sheet.state !== "blank");
  }

  async function drawSheet(sheet) {
    const { about, state } = sheet;
    title(`Register: ${about.title}`, `${about.times}. ${about.grace ? `Late up to ${about.grace} minutes is let in.` : "Nobody late is let in."}`);
    drawRows(sheet);
    const needs = ["beside", "refused"].includes(state);
    const canDelete = needs || state === "marked";
    const { before, after } = canDelete ? trouble.draw(sheet, { token, done: draw }) : { before: [], after: made("div") };
    part("view").replaceChildren(...before, ...leftOver(sheet));
    part("after").replaceChildren(after);
    if (token && !needs) after.prepend(made("a", "Open the page with names", { href: `/sessions/${session}/register` }));
    form.hidden = state === "beside";
    form.querySelector("[type=submit]").textContent = BUTTONS[state] || "Submit register";
    foot(sheet);
    form.querySelector("[type=submit]").hidden = ["session_cancelled", 404].includes(sheet.trouble?.code);
    if (["blank", "marked"].includes(state)) bar.show(null);
    if (needs) bar.show(words.stuck(sheets.countOf(sheet.marks), sheet.trouble?.message || ""));
  }

  async function draw() {
    person = await sync.person();
    const sheet = session && person ? await sheets.find(person, session) : null;
    if (sheet) return drawSheet(sheet);
    return drawList();
  }

  async function refresh() {
    const how = await bar.refresh(session || undefined, true);
    token = how.token || "";
    last = how.state;
    await draw();
  }

  function now(event) {
    const pressed = event.target.closest("[data-arrival-now]");
    if (!pressed) return;
    sheets.find(person, session).then((sheet) => {
      const arrival = pressed.parentElement.querySelector("[data-arrival]");
      const how = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "Europe/London" };
      arrival.value = new Intl.DateTimeFormat("en-GB", how).format(new Date(Date.now() + sheet.ahead));
      arrival.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }

  function note(event) {
    const fieldset = event.target.closest("[data-register-row]");
    if (!fieldset) return;
    rows.settle(fieldset, event.target);
    rows.tell(fieldset, null);
    const row = rows.read(fieldset);
    writing = writing
      .then(() => sheets.mark(person, session, rows.who(fieldset), row))
      .then(foot)
      .catch(() => bar.show(words.cannotKeep));
  }

  async function submit(event) {
    event.preventDefault();
    await writing;
    const missing = rows.incomplete(form);
    if (missing) {
      count.textContent = `${words.people(missing)} not complete. Nothing was submitted.`;
      return;
    }
    await sheets.submit(person, session);
    await draw();
    await refresh();
  }

  async function begin() {
    /* A page that answered a form without signal must not ask to send that form again. */
    history.replaceState(null, "", isLeaving ? "/" : location.href);
    await draw();
    await refresh();
  }

  form.addEventListener("click", now);
  form.addEventListener("input", note);
  form.addEventListener("submit", (event) => submit(event).catch(() => bar.show(words.cannotKeep)));
  document.addEventListener("offline:sent", ({ detail }) => {
    token = detail.token || "";
    last = detail.state;
    draw();
  });
  if (!Offline.isPossible) bar.show(words.cannotKeep);
  else begin().catch(() => bar.show(words.cannotKeep));
})();
