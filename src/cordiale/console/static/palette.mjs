// The palette: rooms, places, registers, records, actions and settings by a few letters. A combobox over a list (WAI-ARIA 1.2).
import { actions } from "./keys.mjs";

const dialog = document.querySelector("#palette"), box = document.querySelector("#palette-words"), list = document.querySelector("#palette-list");
let found = [], at = 0, asked = 0, timer = 0;
const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
const fits = (text, wanted) => { const folded = plain(text); return wanted.every((word) => folded.includes(word)); };

function here() {
  const links = [...document.querySelectorAll("#side a")].map((link) => ({ kind: link.closest(".rooms") ? "room" : "place", title: (link.querySelector(".name") ?? link).textContent.trim(), href: link.getAttribute("href") }));
  return [...links, ...actions().filter((each) => each.id !== "palette").map((each) => ({ kind: "action", title: each.title, keys: each.keys, run: each.run }))];
}
function show(items) {
  found = items.slice(0, 40); at = 0;
  list.replaceChildren(...found.map((item, place) => {
    const row = document.createElement("li"), kind = document.createElement("small"), title = document.createElement("span");
    row.id = `palette-${place}`; row.setAttribute("role", "option"); title.textContent = item.title; kind.textContent = list.dataset[item.kind] ?? "";
    row.append(title, ...(item.keys ? [Object.assign(document.createElement("kbd"), { textContent: item.keys })] : []), kind);
    row.addEventListener("click", () => choose(place)); row.addEventListener("mousemove", () => mark(place));
    return row;
  }));
  document.querySelector("#palette-none").hidden = found.length > 0;
  mark(0);
}
function mark(place) {
  at = place;
  [...list.children].forEach((row, each) => row.setAttribute("aria-selected", String(each === at)));
  box.setAttribute("aria-activedescendant", found.length ? `palette-${at}` : "");
  list.children[at]?.scrollIntoView({ block: "nearest" });
}
function choose(place) {
  const item = found[place];
  if (!item) return;
  dialog.close();
  if (item.run) item.run(); else location.href = item.href;
}
function look() {
  const wanted = plain(box.value).split(/\s+/).filter(Boolean), near = here().filter((item) => fits(item.title, wanted));
  show(near);
  clearTimeout(timer);
  const mine = ++asked;
  if (wanted.length) timer = setTimeout(async () => {
    const answer = await fetch(`/palette?q=${encodeURIComponent(box.value)}`).catch(() => null);
    if (!answer?.ok || mine !== asked) return;
    const kept = at, more = (await answer.json()).found;
    show([...near, ...more]); mark(Math.min(kept, Math.max(found.length - 1, 0)));
  }, 120);
}
if (dialog) {
  document.addEventListener("cordiale:palette", () => { box.value = ""; dialog.showModal(); box.focus(); look(); });
  document.querySelector("#palette-open")?.addEventListener("click", () => document.dispatchEvent(new Event("cordiale:palette")));
  box.addEventListener("input", look);
  box.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length) { event.preventDefault(); mark((at + step + found.length) % found.length); }
    if (event.key === "Enter") { event.preventDefault(); choose(at); }
  });
}
