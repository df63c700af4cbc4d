/* Makes every page a little safer and faster; every page works without it. */
"use strict";

/* A second click on the same button sends nothing. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-once]") || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  for (const button of form.querySelectorAll("[type=submit]")) button.setAttribute("aria-disabled", "true");
  window.setTimeout(() => release(form), 15000);
});

function release(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("[type=submit]")) button.removeAttribute("aria-disabled");
}

/* The back button brings a page back as it was left: let its buttons work again. */
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-once]")) release(form);
});

/* Signing out leaves nothing of a register behind for the next person at this screen. */
for (const form of document.querySelectorAll("form.sign-out")) {
  form.addEventListener("submit", () => sessionStorage.clear());
}

const summary = document.querySelector("[data-focus]");
if (summary) summary.focus();

/* Long work goes on by itself; without scripts its button does the same. */
const goOn = document.querySelector("[data-go-on] form");
if (goOn) window.setTimeout(() => goOn.requestSubmit(), 400);

/* Only one menu open; Escape closes it. */
document.addEventListener("keydown", (event) => {
  const menu = document.querySelector("details.menu[open]");
  if (event.key === "Escape" && menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

/* Two minutes before sign-out, ask; what was typed is kept in this tab by typed.js. */
const idleSeconds = Number(document.body.dataset.idleSeconds || 0);
const idleBox = document.querySelector("[data-idle]");
if (idleSeconds > 120 && idleBox) {
  const title = idleBox.querySelector("h2");
  const said = [title.textContent, idleBox.querySelector("p").textContent];
  let warning = 0;
  let end = 0;
  const wait = () => {
    window.clearTimeout(warning);
    window.clearTimeout(end);
    [title.textContent, idleBox.querySelector("p").textContent] = said;
    warning = window.setTimeout(warn, (idleSeconds - 120) * 1000);
    end = window.setTimeout(over, idleSeconds * 1000);
  };
  const warn = () => {
    document.dispatchEvent(new Event("typed:keep"));
    idleBox.hidden = false;
    idleBox.querySelector("[data-idle-stay]").focus();
  };
  const over = () => {
    document.dispatchEvent(new Event("typed:keep"));
    idleBox.hidden = false;
    title.textContent = "You are signed out";
    idleBox.querySelector("p").textContent = "Sign in again to go on. What you typed comes back on this page.";
    idleBox.querySelector("[data-idle-stay]").textContent = "Sign in again";
  };
  idleBox.querySelector("[data-idle-stay]").addEventListener("click", async () => {
    let answer = null;
    try {
      const headers = { Accept: "application/json" };
      answer = await fetch(document.body.dataset.stayUrl, { credentials: "same-origin", redirect: "manual", headers });
    } catch {
      idleBox.querySelector("p").textContent = "There is no connection. Try again in a moment.";
      return;
    }
    if (answer.ok) {
      idleBox.hidden = true;
      wait();
    } else {
      /* This page again: it asks to sign in first, and leads back here. */
      window.location.assign(window.location.pathname + window.location.search);
    }
  });
  wait();
}

/* A live count of characters for a text that must fit: <textarea data-count="160">. */
for (const box of document.querySelectorAll("[data-count]")) {
  const left = document.createElement("p");
  left.className = "hint";
  left.setAttribute("role", "status");
  box.after(left);
  const show = () => {
    const rest = Number(box.dataset.count) - box.value.length;
    left.textContent = rest >= 0 ? `${rest} characters left` : `${-rest} characters too many`;
  };
  box.addEventListener("input", show);
  show();
}
