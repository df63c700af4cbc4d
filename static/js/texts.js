/* Counts a text while it is typed; the page's own preview says the same and more. */
"use strict";

const GSM7 = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const DOUBLE = new Set("^{}\\[~]|€\f");

function segments(text) {
  const letters = [...text];
  const plain = letters.every((one) => GSM7.has(one) || DOUBLE.has(one));
  const places = letters.map((one) => (plain ? (DOUBLE.has(one) ? 2 : 1) : one.length));
  const [alone, each] = plain ? [160, 153] : [70, 67];
  if (places.reduce((sum, one) => sum + one, 0) <= alone) return { count: 1, plain };
  let count = 1;
  let used = 0;
  for (const width of places) {
    if (used + width > each) {
      count += 1;
      used = 0;
    }
    used += width;
  }
  return { count, plain };
}

const form = document.querySelector("form[data-answer], [data-answer] form");
if (form) {
  const body = form.querySelector("textarea[name=body]");
  const neutral = form.querySelector("select[name=neutral]");
  const count = document.querySelector("[data-text-count]");
  const tell = () => {
    const text = (body.value || neutral.value).split(/\s+/).filter(Boolean).join(" ");
    const { count: texts, plain } = segments(text);
    const length = [...text].length;
    const words = [`${length} ${length === 1 ? "character" : "characters"}`];
    words.push(texts === 1 ? "one text" : `${texts} texts: shorten it to one`);
    if (!plain) words.push("a letter in it halves the room");
    count.textContent = text ? `${words.join(", ")}.` : "";
    count.classList.toggle("is-too-long", texts > 1);
  };
  body.addEventListener("input", tell);
  neutral.addEventListener("change", tell);
  tell();
}
