/* The register: the count at its foot and arrival times. Marks are kept by offline/register.js; here only,
   in this tab, where the browser has no place for them. */
"use strict";

const register = document.querySelector("form[data-register]");
if (register) {
  const rows = [...register.querySelectorAll("[data-register-row]")].filter((row) => row.querySelector("[type=radio]"));
  const count = register.querySelector("[data-register-count]");
  let key = window.Offline?.isPossible ? "" : register.dataset.draftKey;

  /* The application's clock, in London, wherever the device thinks it is: in a demonstration the two differ. */
  const ahead = Date.parse(register.dataset.now) - Date.now();
  const london = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "Europe/London" });

  const marked = (row) => row.querySelector("[type=radio]:checked") || row.querySelector("[data-arrival]").value.trim();
  const tell = () => {
    const done = rows.filter(marked).length;
    const standing = register.dataset.standing;
    count.classList.toggle("offline", !navigator.onLine || Boolean(standing));
    count.textContent = standing ? standing : navigator.onLine
      ? `${done} of ${rows.length} marked`
      : `No signal. ${done} of ${rows.length} marked, kept on this phone.`;
  };

  const typed = () =>
    [...register.elements]
      .filter((field) => field.name && field.type !== "hidden" && (field.type !== "radio" || field.checked))
      .filter((field) => field.value)
      .map((field) => [field.name, field.value]);
  const keep = () => {
    if (key) sessionStorage.setItem(key, JSON.stringify(typed()));
  };
  const bringBack = () => {
    const kept = JSON.parse((key && sessionStorage.getItem(key)) || "[]");
    if (!kept.length) return;
    for (const radio of register.querySelectorAll("[type=radio]")) radio.checked = false;
    for (const [name, value] of kept) {
      const field = register.elements[name];
      if (!field) continue;
      field.value = value;
    }
  };

  /* An arrival time and an outcome exclude each other: the last touched one counts. */
  const settle = (event) => {
    const row = event.target.closest("[data-register-row]");
    if (!row) return;
    const arrival = row.querySelector("[data-arrival]");
    if (event.target.type === "radio" && arrival) arrival.value = "";
    if (event.target === arrival && arrival.value.trim()) {
      for (const radio of row.querySelectorAll("[type=radio]")) radio.checked = false;
    }
  };

  for (const button of register.querySelectorAll("[data-arrival-now]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const arrival = button.parentElement.querySelector("[data-arrival]");
      arrival.value = london.format(new Date(Date.now() + ahead));
      arrival.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }

  register.addEventListener("input", (event) => {
    settle(event);
    keep();
    tell();
  });
  register.addEventListener("submit", (event) => {
    keep();
    /* offline/register.js keeps and submits it there, once it has a place for it. */
    if (navigator.onLine || register.dataset.kept) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    tell();
  }, true);
  for (const change of ["online", "offline"]) window.addEventListener(change, tell);
  document.addEventListener("register:tell", tell);
  document.addEventListener("register:keep-here", () => {
    key = register.dataset.draftKey;
    keep();
  });
  bringBack();
  tell();
}

/* The receipt page names the draft that the server now holds: <main data-draft-done="…">. */
for (const done of document.querySelectorAll("[data-draft-done]")) sessionStorage.removeItem(done.dataset.draftDone);
