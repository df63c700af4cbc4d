/* A register that needs a person: the service has other marks, or said no. Nothing is chosen here by itself. */
"use strict";

Offline.trouble = (() => {
  const { sheets, words, sync } = Offline;

  function made(tag, text = "", attributes = {}) {
    const element = document.createElement(tag);
    element.textContent = text;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  }

  const button = (text, kind, deed) => {
    const element = made("button", text, { type: "button", class: `btn btn-${kind}` });
    element.addEventListener("click", () => deed(element));
    return element;
  };

  const nameOf = (sheet, id) => sheet.about.people.find((one) => one.id === id) || { initials: "Somebody", reference: "" };

  /* Both registers side by side, person by person. */
  function table(sheet) {
    const { by, differences } = sheet.trouble;
    const found = made("table", "", { class: "both-marks" });
    found.append(made("caption", "Both registers"));
    const head = made("tr");
    for (const title of ["Participant", `Submitted by ${by}`, "On this phone"]) head.append(made("th", title, { scope: "col" }));
    const top = made("thead");
    top.append(head);
    const rest = made("tbody");
    for (const one of differences) {
      const { initials, reference } = nameOf(sheet, one.id);
      const line = made("tr", "", one.differs ? { class: "differs" } : {});
      const who = made("th", initials, { scope: "row" });
      who.append(made("small", reference));
      const mine = made("td", one.yours);
      if (!one.differs) mine.append(made("small", one.yours === "Not marked" ? "no mark here" : "the same"));
      line.append(who, made("td", one.theirs), mine);
      rest.append(line);
    }
    found.append(top, rest);
    return found;
  }

  /* Sends this phone's marks to the page where both stand with names, and a correction is one tick away. */
  function choose(sheet, token) {
    const form = made("form", "", { method: "post", action: `/sessions/${sheet.session}/register` });
    for (const [name, value] of Object.entries({ ...sync.bodyOf(sheet), csrf_token: token })) {
      form.append(made("input", "", { type: "hidden", name, value }));
    }
    document.body.append(form);
    form.submit();
  }

  /* Deleting asks once, on the button itself. */
  function deleting(sheet, count, done) {
    let isAsked = false;
    return button("Delete the marks on this phone", "outline-danger", async (pressed) => {
      if (!isAsked) {
        isAsked = true;
        pressed.textContent = `Yes, delete ${words.marks(count)} from this phone`;
        return;
      }
      await sheets.discard(sheet.person, sheet.session);
      done();
    });
  }

  /* What to do about a sheet, as elements: before the marks, and after them. */
  function draw(sheet, { token, done }) {
    const before = [];
    const after = made("div", "", { class: "offline-actions" });
    if (sheet.state === "beside") {
      before.push(table(sheet));
      const pick = button("Choose, with names", "primary", () => choose(sheet, token));
      pick.disabled = !token;
      after.append(pick);
      if (!token) after.append(made("p", "Choosing needs signal.", { class: "hint" }));
    }
    after.append(deleting(sheet, sheets.countOf(sheet.marks), done));
    return { before, after };
  }

  return { draw, made, button };
})();
