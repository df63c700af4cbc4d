/* The registers on this phone, and how each stands:

     blank     nothing marked
     marked    marks are here; the register was not submitted
     waiting   submitted here; goes to the service as soon as it can be reached
     beside    the service has other marks: a person chooses
     refused   the service said no and why: a person decides

   Marks leave a sheet only when the service has them, or when a person says so. */
"use strict";

Offline.sheets = (() => {
  const { store, vault, alone } = Offline;
  const KEPT_AFTER = 12 * 60 * 60 * 1000;
  const nameOf = (person, session) => `${person}:${session}`;
  const isMarked = (row) => Boolean(row.outcome || row.arrived?.trim());
  const countOf = (marks) => Object.values(marks).filter(isMarked).length;

  /* Returns a sheet with its row: {person, session, state, count, token, about, marks, seen, trouble}. */
  async function opened(row) {
    const inside = row && (await vault.read(row.person, row.id, row));
    return inside ? { ...inside, id: row.id, person: row.person, session: row.session, state: row.state, token: row.token } : null;
  }

  async function write({ id, person, session, state, token, about, marks, seen, ahead, trouble }) {
    const count = countOf(marks);
    const sealed = await vault.seal(person, id, { about, marks, seen, ahead, trouble });
    const until = Date.parse(about.ends_at) - ahead + KEPT_AFTER;
    await store.put("sheets", { id, person, session, state, token, count, until, ...sealed });
  }

  /* Marks sealed with a key that is no more are counted and shown until a person takes them away. */
  async function setAside(row) {
    if (!(await vault.isOpen(row.person))) throw new Error("locked");
    await store.put("sheets", { ...row, id: `${row.id}:unreadable`, state: "unreadable" });
    await store.remove("sheets", row.id);
  }

  /* Reads, changes and writes one sheet with nothing between; `change` returns null to leave it. */
  function change(person, session, deed) {
    const id = nameOf(person, session);
    return alone(id, async () => {
      const row = await store.get("sheets", id);
      const sheet = await opened(row);
      if (row && !sheet) await setAside(row);
      const made = await deed(sheet);
      if (made) await write({ id, person, session, ...made });
      return made || sheet;
    });
  }

  /* Keeps a register as the service gives it. Marks that are here stay, with the version they were made for. */
  const keep = (person, about, ahead) =>
    change(person, about.session, (sheet) => sheet
      ? { ...sheet, about, ahead, seen: sheet.state === "blank" ? about.version : sheet.seen }
      : { about, ahead, marks: {}, seen: about.version, state: "blank", token: "", trouble: null });

  /* Marks one person; whatever was submitted before is a different submission from now on. */
  const mark = (person, session, who, row) =>
    change(person, session, (sheet) => {
      if (!sheet) throw new Error("not kept");
      const marks = { ...sheet.marks, [who]: row };
      if (!Object.values(row).some((value) => value.trim())) delete marks[who];
      const state = countOf(marks) ? "marked" : "blank";
      return { ...sheet, marks, state, token: "", seen: seenBy(sheet), trouble: problemsBut(sheet.trouble, who) };
    });

  /* Whoever was told what changed, and goes on, has seen it. */
  const seenBy = (sheet) => (sheet.state === "refused" ? sheet.about.version : sheet.seen);

  function problemsBut(trouble, who) {
    if (!trouble?.problems) return null;
    const { [who]: gone, ...problems } = trouble.problems;
    return Object.keys(problems).length ? { ...trouble, problems } : null;
  }

  /* Submits: from here on it goes by itself, under an id of its own. */
  const submit = (person, session) =>
    change(person, session, (sheet) =>
      sheet && { ...sheet, state: "waiting", token: sheet.token || vault.drawn(), seen: seenBy(sheet), trouble: null });

  /* Notes how a submission fared, unless the sheet was changed since it was sent. */
  const settle = (person, session, token, how) =>
    change(person, session, (sheet) => sheet && sheet.token === token ? { ...sheet, ...how } : null);

  /* Takes away a sheet whose submission the service has, unless it was changed since. */
  const taken = (person, session, token) =>
    alone(nameOf(person, session), async () => {
      const row = await store.get("sheets", nameOf(person, session));
      if (!row || row.token !== token) return false;
      await store.remove("sheets", row.id);
      return true;
    });

  /* The page says that the service has, or a person settled, the submission of this id. */
  async function settled(token) {
    for (const row of await store.all("sheets")) if (token && row.token === token) await taken(row.person, row.session, token);
  }

  /* A person's word that the marks are not needed. */
  const discard = (person, session) =>
    alone(nameOf(person, session), () => store.remove("sheets", nameOf(person, session)));

  const rows = async () => (await store.all("sheets")).sort((one, other) => one.until - other.until);
  const rowsOf = async (person) => (await rows()).filter((row) => row.person === person);
  const unsent = async (person) => (await rowsOf(person)).reduce((sum, row) => sum + row.count, 0);
  const others = async (person) => (await rows()).filter((row) => row.person !== person).reduce((sum, row) => sum + row.count, 0);
  const find = async (person, session) => opened(await store.get("sheets", nameOf(person, session)));

  /* Takes away registers without a mark that nobody needs any more: old ones, and those not on the list. */
  async function tidy(person, current) {
    for (const row of await rows()) {
      const isOver = row.until < Date.now() || (row.person === person && !current.includes(row.session));
      if (!row.count && isOver) await discard(row.person, row.session);
    }
  }

  /* At sign-out: everything of this person, key and marks alike. */
  async function purge(person) {
    await vault.forget(person);
    for (const row of await rowsOf(person)) await store.remove("sheets", row.id);
  }

  return { keep, mark, submit, settle, taken, settled, discard, rows, rowsOf, unsent, others, find, tidy, purge, isMarked, countOf };
})();
