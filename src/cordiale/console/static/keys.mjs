// Keys: every action has one that can be another or none, kept in this browser; the list under "?"; the palette asks for the same actions.
import { kept, words } from "./kept.mjs";
import { undoLast } from "./toasts.mjs";

const $ = (selector, from = document) => from.querySelector(selector);
const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
const go = (path) => () => { location.href = path; };
const room = (step) => () => {
  const rooms = $$(".rooms a"), here = rooms.findIndex((each) => each.hasAttribute("aria-current"));
  rooms[Math.min(Math.max(here + step, 0), rooms.length - 1)]?.click();
};
const runs = {
  search: () => $("#q").focus(), write: () => $("#text")?.focus(), "room-next": room(1), "room-before": room(-1),
  messages: () => $("[data-go=m]")?.click(), registers: () => $("[data-go=r]")?.click(), border: go("/border"), start: go("/"), sea: go("/sea"), settings: go("/settings"),
  keys: () => $("#keys").showModal(), undo: undoLast, theme: () => $("#theme").click(), send: () => $(".compose")?.requestSubmit(),
  palette: () => document.dispatchEvent(new Event("cordiale:palette")), lock: () => document.dispatchEvent(new Event("cordiale:lock")),
};
const first = new Map($$("#keys [data-action]").map((row) => [row.dataset.action, row.dataset.keys]));
const own = (() => { try { return JSON.parse(kept.get("keymap", "{}")); } catch { return {}; } })();
export const keysOf = (action) => own[action] ?? first.get(action) ?? "";
export const actions = () => $$("#keys [data-action]").map((row) => ({ id: row.dataset.action, title: $("dd", row).textContent, keys: keysOf(row.dataset.action), run: runs[row.dataset.action] })).filter((each) => each.run);
export const act = (id) => runs[id]?.();

function spoken(keys, into) {
  into.replaceChildren(...keys.split(" ").filter(Boolean).flatMap((key) => { const box = document.createElement("kbd"); box.textContent = key; return [box, " "]; }));
}
const list = () => $$("#keys [data-action]").forEach((row) => spoken(keysOf(row.dataset.action), $("dt", row)));
list();

const on = $("#keys-on"), letters = () => kept.get("keys") !== "off";
const switchLetters = (value) => { kept.set("keys", value ? "on" : "off"); $$("#keys-on, #keys-setting-on").forEach((box) => { box.checked = value; }); };
$$("#keys-on, #keys-setting-on").forEach((box) => { box.checked = letters(); box.addEventListener("change", () => switchLetters(box.checked)); });
$("#keys-open")?.addEventListener("click", () => $("#keys").showModal());

export const pressed = (event) => `${event.ctrlKey || event.metaKey ? "Ctrl+" : ""}${event.altKey ? "Alt+" : ""}${event.key.length === 1 && (event.ctrlKey || event.metaKey) ? event.key.toLowerCase() : event.key}`;
// What letters are typed into. A ticked box is not: the one in the list of keys keeps the focus for a moment after that was closed.
const TEXT = "input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable]";
let lead = "";
document.addEventListener("keydown", (event) => {
  if (["Control", "Shift", "Alt", "Meta"].includes(event.key) || event.defaultPrevented) return;
  const key = pressed(event), typing = event.target.matches(TEXT), chord = event.ctrlKey || event.metaKey || event.altKey;
  if ($("dialog[open]") || (typing && !chord) || (!chord && !letters())) { lead = ""; return; }
  const whole = lead ? `${lead} ${key}` : key;
  const found = actions().find((each) => each.keys === whole);
  if (found && typing && !event.target.readOnly && found.id === "undo") return; // an editor's own undo comes first
  if (found) { event.preventDefault(); lead = ""; found.run(); return; }
  const begins = actions().some((each) => each.keys.startsWith(`${whole} `));
  lead = begins && !typing ? whole : "";
  if (begins && !typing) event.preventDefault();
});

// --- the settings page: press the new key in its box ---------------------------------------------------------------------
const map = $("#keymap");
function edit() {
  map.replaceChildren(...actions().map((each) => {
    const row = document.createElement("label"), box = document.createElement("input"), clash = document.createElement("span"), title = document.createElement("span");
    title.textContent = each.title; box.value = each.keys || map.dataset.none; box.readOnly = true; box.dataset.of = each.id; clash.className = "why"; clash.setAttribute("role", "status");
    let typed = "";
    box.addEventListener("focus", () => { typed = ""; });
    box.addEventListener("keydown", (event) => {
      if (["Tab", "Control", "Shift", "Alt", "Meta", "Escape"].includes(event.key)) return;
      event.preventDefault(); event.stopPropagation();
      const bare = ["Delete", "Backspace"].includes(event.key), key = pressed(event);
      typed = bare ? "" : (typed.split(" ").length === 1 && typed.length === 1 ? `${typed} ${key}` : key);
      const other = bare ? null : actions().find((one) => one.id !== each.id && one.keys === typed);
      clash.textContent = other ? map.dataset.clash.replace("{action}", other.title) : "";
      if (other) { typed = ""; return; }
      own[each.id] = typed; kept.set("keymap", JSON.stringify(own)); box.value = typed || map.dataset.none; list();
    });
    row.append(title, box, clash);
    return row;
  }));
}
if (map) {
  edit();
  $("#keymap-reset").addEventListener("click", () => { for (const id of Object.keys(own)) delete own[id]; kept.drop("keymap"); list(); edit(); });
}
export { words };
