// Undo: a message waits for the seconds chosen in the settings and can be taken back; a marking that was changed can be put back.
import { kept, words } from "./kept.mjs";
import { notice } from "./toasts.mjs";

const compose = document.querySelector(".compose"), text = document.querySelector("#text"), label = document.querySelector("#label");
const seconds = () => document.querySelector("#priority")?.value === "FLASH" ? 0 : Math.min(30, Math.max(0, Number(kept.get("undo", "0")) || 0));
let leaving = null;
if (compose && text) document.addEventListener("submit", (event) => {
  if (event.target !== compose || !seconds() || compose.dataset.go === "now") { if (event.target === compose) delete compose.dataset.go; return; }
  event.preventDefault(); event.stopImmediatePropagation();
  if (leaving) { leaving("now"); return; } // sent again while it waits: now
  text.readOnly = true; compose.classList.add("leaving");
  leaving = notice(words("leaving", { seconds: seconds() }), {
    seconds: seconds(), run: () => {},
    ended: (how) => { leaving = null; text.readOnly = false; compose.classList.remove("leaving"); if (how === "undone") { text.focus(); return; } compose.dataset.go = "now"; setTimeout(() => compose.requestSubmit()); }, // not while the form is being submitted
  });
}, { capture: true });

if (label) {
  let before = label.value;
  label.addEventListener("change", () => {
    const was = before;
    before = label.value;
    if (was && was !== label.value) notice(words("marked", { from: was, to: label.value }), { run: () => { label.value = was; before = was; label.dispatchEvent(new Event("input", { bubbles: true })); label.focus(); } });
  });
}
