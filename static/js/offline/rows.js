/* One person's row of a register, whether the page came from the service or from this phone. */
"use strict";

Offline.rows = (() => {
  const NAMES = ["outcome", "arrived", "reason", "evidence", "note"];
  const NOTED = ["left_early", "sent_home"];

  const who = (fieldset) => fieldset.id.split("-")[1];
  const all = (form) => [...form.querySelectorAll("[data-register-row]")].filter((row) => row.querySelector("[type=radio]"));
  const field = (fieldset, name) => fieldset.querySelector(`[name="m-${who(fieldset)}-${name}"]:not([type=radio])`);

  function read(fieldset) {
    const row = { outcome: fieldset.querySelector("[type=radio]:checked")?.value || "" };
    for (const name of NAMES.slice(1)) row[name] = field(fieldset, name)?.value || "";
    return row;
  }

  function fill(fieldset, row) {
    for (const radio of fieldset.querySelectorAll("[type=radio]")) radio.checked = radio.value === row.outcome;
    for (const name of NAMES.slice(1)) {
      const control = field(fieldset, name);
      if (control) control.value = row[name] || "";
    }
    const more = fieldset.querySelector("details");
    if (more && (row.reason || row.evidence || row.note || more.querySelector("[type=radio]:checked"))) more.open = true;
  }

  const isMarked = (row) => Boolean(row.outcome || row.arrived.trim());

  /* An arrival time and an outcome exclude each other: the last touched one counts. */
  function settle(fieldset, touched) {
    const arrival = fieldset.querySelector("[data-arrival]");
    if (touched.type === "radio" && arrival) arrival.value = "";
    if (touched === arrival && arrival.value.trim()) {
      for (const radio of fieldset.querySelectorAll("[type=radio]")) radio.checked = false;
    }
  }

  /* What a row lacks before it can be submitted, as [field, sentence], or null; the service asks the same. */
  function lacks(row) {
    if (!isMarked(row)) return ["outcome", "Choose an outcome, or enter the time of arrival"];
    if (NOTED.includes(row.outcome) && !row.note.trim()) return ["note", "Write a short note of what happened."];
    if (row.outcome !== "absent_acceptable") return null;
    if (!row.reason) return ["reason", "Choose the reason the absence is acceptable."];
    return row.evidence.trim() ? null : ["evidence", "Say what was shown or seen, for example a hospital letter."];
  }

  /* Shows or takes away what is to be put right in a row. */
  function tell(fieldset, lack) {
    for (const old of fieldset.querySelectorAll("[data-said-here]")) old.remove();
    fieldset.classList.toggle("field-wrong", Boolean(lack));
    if (fieldset.getAttribute("aria-describedby") === `${fieldset.id}-said`) fieldset.removeAttribute("aria-describedby");
    if (!lack) return;
    const said = document.createElement("p");
    said.className = "field-error";
    said.dataset.saidHere = "";
    said.id = `${fieldset.id}-said`;
    said.textContent = lack[1];
    const control = field(fieldset, lack[0]);
    fieldset.setAttribute("aria-describedby", said.id);
    if (control) {
      const folded = control.closest("details");
      if (folded) folded.open = true;
      control.before(said);
    } else {
      fieldset.querySelector(".register-body").before(said);
    }
  }

  /* Marks every row that is not complete, leads to the first, and returns how many there are. */
  function incomplete(form) {
    const wrong = all(form).filter((fieldset) => {
      const lack = lacks(read(fieldset));
      tell(fieldset, lack);
      return lack;
    });
    if (wrong.length) wrong[0].focus();
    return wrong.length;
  }

  return { who, all, read, fill, settle, isMarked, tell, incomplete };
})();
