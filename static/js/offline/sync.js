/* Talking to the service: fetching the registers to keep, and handing in those that were submitted.

   Every answer leaves the marks where they are but one: that the service has them. */
"use strict";

Offline.sync = (() => {
  const { sheets, vault, alone } = Offline;
  const PATIENCE = 15000;
  const NOT_YOURS = "This register is not yours any more, or it is gone. Ask a manager what to do with these marks.";
  const body = document.body.dataset;
  /* Who the page was made for; the page without signal is made for nobody, and asks the phone. */
  const given = Number(body.person) || 0;
  let answered = 0;
  const person = async () => given || answered || vault.owner();

  /* Asks the service; {status: 0} when nothing of ours answered. */
  async function ask(address, how = {}) {
    const waits = new AbortController();
    const timer = setTimeout(() => waits.abort(), PATIENCE);
    const headers = { Accept: "application/json", ...how.headers };
    try {
      const answer = await fetch(address, {
        ...how, headers, credentials: "same-origin", redirect: "manual", cache: "no-store", signal: waits.signal,
      });
      const isOurs = (answer.headers.get("Content-Type") || "").startsWith("application/json");
      return { status: isOurs ? answer.status : 0, told: isOurs ? await answer.json() : null };
    } catch {
      return { status: 0, told: null };
    } finally {
      clearTimeout(timer);
    }
  }

  async function signedOut(told) {
    if (told?.ended) await vault.lock();
    return { state: "signed out" };
  }

  /* Fetches the key, a form token and the registers to keep; `session` is one that is open here. */
  async function open(session) {
    const known = await person();
    const { lot, from } = known ? await vault.lotOf(known) : { lot: "", from: "" };
    const asked = new URLSearchParams({ vault: lot, key: from, ...(session ? { register: session } : {}) });
    const { status, told } = await ask(`${body.registersUrl}?${asked}`);
    if (status === 401) return signedOut(told);
    if (status !== 200) return { state: status ? "later" : "no signal" };
    if (told.person !== known) {
      await vault.lock((one) => one === told.person);
      if (given) return { state: "signed out" };
      answered = told.person;
      return open(session);
    }
    await vault.lock((one) => one === known);
    await vault.unlock(known, told.key);
    const ahead = Date.parse(told.now) - Date.now();
    for (const about of told.registers) await sheets.keep(known, about, ahead);
    await sheets.tidy(known, told.registers.map((about) => about.session));
    return { state: "open", person: known, token: told.form_token, listed: told.registers.map((about) => about.session) };
  }

  function fieldsOf(marks) {
    const fields = {};
    for (const [who, row] of Object.entries(marks)) {
      for (const [name, value] of Object.entries(row)) if (value) fields[`m-${who}-${name}`] = value;
    }
    return fields;
  }

  const bodyOf = (sheet) => ({
    about: String(sheet.session), token: sheet.token, seen_version: String(sheet.seen), ...fieldsOf(sheet.marks),
  });

  async function hand(sheet, token) {
    const headers = { "Content-Type": "application/json", "X-CSRFToken": token };
    return ask(`/offline/sessions/${sheet.session}/register`, {
      method: "POST", headers, body: JSON.stringify(bodyOf(sheet)),
    });
  }

  /* What an answer means for a sheet. */
  async function settle(sheet, { status, told }) {
    const { person: who, session, token } = sheet;
    const message = status === 404 ? NOT_YOURS : told?.message ?? "";
    const trouble = { code: told?.error ?? "", message, problems: told?.problems, by: told?.by, differences: told?.differences };
    const keeps = (state) => sheets.settle(who, session, token, { state, trouble }).then(() => ({ session, state, told }));
    if (status === 200 && told.state === "taken") {
      const isWhole = await sheets.taken(who, session, token);
      return { session, state: isWhole ? "sent" : "marked", told };
    }
    if (status === 401) return { session, ...(await signedOut(told)) };
    if (trouble.code === "not_begun") return { session, state: "later", told };
    if (trouble.code === "submitted_meanwhile") return keeps("beside");
    if ([404, 409, 413, 415, 422].includes(status) || trouble.code === "not_understood") return keeps("refused");
    return { session, state: status ? "later" : "no signal", told };
  }

  /* Hands in whatever waits, one register after the other; returns how each fared. */
  function send(session) {
    return alone("send", async () => {
      const access = await open(session);
      if (access.state !== "open") return { ...access, results: [] };
      const results = [];
      for (const row of await sheets.rowsOf(access.person)) {
        if (row.state !== "waiting") continue;
        const sheet = await sheets.find(access.person, row.session);
        if (sheet) results.push(await settle(sheet, await hand(sheet, access.token)));
        if (["no signal", "signed out"].includes(results.at(-1)?.state)) break;
      }
      const left = results.find((one) => ["no signal", "signed out", "later"].includes(one.state));
      return { ...access, state: left?.state || "open", results };
    });
  }

  return { send, person, bodyOf };
})();
