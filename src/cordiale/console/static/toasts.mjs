// Notices that go by themselves, with something to press where there is something to undo. Those with a button stay while they have focus.
import { words } from "./kept.mjs";

const place = document.querySelector("#toasts");
export function notice(text, { action = "", run = null, seconds = 6, ended = null } = {}) {
  if (!place) return () => {};
  const toast = document.createElement("div"), said = document.createElement("span");
  toast.className = "toast"; said.textContent = text; toast.append(said);
  let done = false, timer = 0;
  const close = (how) => { if (done) return; done = true; clearTimeout(timer); toast.remove(); ended?.(how); };
  if (run) {
    const button = document.createElement("button");
    button.type = "button"; button.textContent = action || words("undo"); button.dataset.undo = "";
    button.addEventListener("click", () => { run(); close("undone"); });
    toast.append(button);
  }
  const start = () => { timer = setTimeout(() => close("gone"), seconds * 1000); };
  if (!ended) { toast.addEventListener("focusin", () => clearTimeout(timer)); toast.addEventListener("focusout", start); toast.addEventListener("mouseenter", () => clearTimeout(timer)); toast.addEventListener("mouseleave", start); }
  place.append(toast); start();
  while (place.children.length > 4) place.firstElementChild.remove();
  return close;
}
export const undoLast = () => { const last = [...(place?.querySelectorAll("[data-undo]") ?? [])].at(-1); last?.click(); return Boolean(last); };

// A part of a page may bring a notice with it: <span data-toast="words" data-undo-post="/where" data-undo-told="event"></span>;
// whoever listens to the event shows what is so after the undoing.
new MutationObserver((changes) => {
  for (const node of changes.flatMap((change) => [...change.addedNodes])) {
    if (node.nodeType !== 1) continue;
    for (const found of [...(node.matches("[data-toast]") ? [node] : []), ...node.querySelectorAll("[data-toast]")]) {
      const { undoPost: where, undoTold: event } = found.dataset;
      notice(found.dataset.toast, where ? { run: () => fetch(where, { method: "POST" }).then(() => document.dispatchEvent(new Event(event))) } : {});
      found.removeAttribute("data-toast");
    }
  }
}).observe(document.body, { childList: true, subtree: true });
