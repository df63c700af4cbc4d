/* A wording's preview follows what is typed; the button does the same without scripts. */
"use strict";

const wording = document.querySelector("[data-wording] form");
if (wording) {
  let waiting = 0;
  let asked = 0;
  const show = async () => {
    const mine = ++asked;
    const typed = new FormData(wording);
    typed.set("do", "preview");
    const answer = await fetch(location.href, { method: "POST", body: typed, credentials: "same-origin", redirect: "manual" });
    if (!answer.ok || mine !== asked) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("preview");
    if (fresh) document.getElementById("preview").replaceWith(fresh);
  };
  wording.querySelector("textarea").addEventListener("input", () => {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(() => show().catch(() => {}), 400);
  });
}
