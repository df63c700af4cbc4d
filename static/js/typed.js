/* Keeps what was typed when a sign-in ends, in this tab and for the same person alone.

   sessionStorage dies with the tab; a file's or a password's field is never kept; what is kept is
   removed when it was restored, when the form was sent, when somebody else signs in, at sign-out,
   and when it is older than a day. */
"use strict";

(() => {
  const PREFIX = "typed:";
  const LONGEST = 24 * 60 * 60 * 1000;
  const person = document.body.dataset.person || "";
  const NEVER = new Set(["hidden", "password", "file", "submit", "button", "reset", "image"]);

  /* A register is kept by offline/register.js, sealed. */
  const isKeptElsewhere = (form) => form.matches("[data-register]") && window.Offline?.isPossible;
  const forms = () => [...document.querySelectorAll("main form[method=post]")].filter((form) => !isKeptElsewhere(form));
  const nameOf = (form) => PREFIX + window.location.pathname + "|" + (form.getAttribute("action") || "");
  const isSecret = (field) => NEVER.has(field.type) || field.autocomplete === "one-time-code";
  const fieldsOf = (form) => [...form.elements].filter((field) => field.name && !isSecret(field));
  const isTicked = (field) => field.type === "checkbox" || field.type === "radio";
  const hasChanged = (field) => {
    if (isTicked(field)) return field.checked !== field.defaultChecked;
    if (field.tagName === "SELECT") return [...field.options].some((one) => one.selected !== one.defaultSelected);
    return field.value !== field.defaultValue;
  };

  function keep() {
    if (!person) return;
    for (const form of forms()) {
      if (form.dataset.sent || !fieldsOf(form).some(hasChanged)) continue;
      const values = fieldsOf(form).map((field) =>
        [field.name, isTicked(field) ? field.value : null, isTicked(field) ? field.checked : field.value]);
      sessionStorage.setItem(nameOf(form), JSON.stringify({ person, at: Date.now(), values }));
    }
  }

  function purge(isGone) {
    for (const key of Object.keys(sessionStorage)) {
      if (key.startsWith(PREFIX) && isGone(read(key))) sessionStorage.removeItem(key);
    }
  }

  function read(key) {
    try {
      return JSON.parse(sessionStorage.getItem(key)) || {};
    } catch {
      return {};
    }
  }

  function restore() {
    for (const form of forms()) {
      const kept = read(nameOf(form));
      if (!kept.values) continue;
      sessionStorage.removeItem(nameOf(form));
      for (const [name, choice, value] of kept.values) {
        const field = fieldsOf(form).find((one) => one.name === name && (choice === null || one.value === choice));
        if (!field) continue;
        if (isTicked(field)) field.checked = value;
        else field.value = value;
        field.dispatchEvent(new Event("input", { bubbles: true }));
      }
      const said = document.createElement("p");
      said.className = "hint";
      said.setAttribute("role", "status");
      said.textContent = "What you typed before you were signed out is back. Look it over before you send it.";
      form.prepend(said);
    }
  }

  if (person) {
    purge((kept) => kept.person !== person || !(Date.now() - kept.at < LONGEST));
    restore();
  }
  document.addEventListener("typed:keep", keep);
})();
