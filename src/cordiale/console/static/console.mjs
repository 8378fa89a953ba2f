// What pages do beside htmx: one WebSocket for news, keys, theme, dialogs.
import "./htmx.mjs";
import "./frame.mjs";
import "./rooms.mjs";
import { arrived } from "./messages.mjs";
import "./compose.mjs";
import "./mention.mjs";
import "./keys.mjs";
import "./lock.mjs";
import "./palette.mjs";
import "./quiet.mjs";
import "./undo.mjs";

const $ = (selector, from = document) => from.querySelector(selector);
const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
const kept = { get: (key) => localStorage.getItem(`cordiale.${key}`), set: (key, value) => localStorage.setItem(`cordiale.${key}`, value) };
const htmx = globalThis.htmx;

// --- theme ---------------------------------------------------------------------------------------------------------
const theme = (name) => { document.documentElement.dataset.theme = name; $("#theme")?.setAttribute("aria-pressed", String(name === "dark")); };
if (kept.get("theme")) theme(kept.get("theme"));
$("#theme")?.addEventListener("click", () => {
  const dark = document.documentElement.dataset.theme === "dark" || (!document.documentElement.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
  kept.set("theme", dark ? "light" : "dark"); theme(dark ? "light" : "dark");
});

// --- what asks by itself stays as it is when the answer is an error -------------------------------------------------------
document.addEventListener("htmx:after:request", (event) => {
  if (event.target.hasAttribute("data-quiet") && event.detail.ctx.response.status >= 400) event.preventDefault();
});

// --- dialogs --------------------------------------------------------------------------------------------------------
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) $(`#${opener.dataset.dialog}`).showModal();
});
// --- news -----------------------------------------------------------------------------------------------------------
const chip = $("#link-state");
function standing(here) {
  if (!chip) return;
  const dot = document.createElement("span");
  dot.className = `dot ${here ? "ok" : "away"}`; dot.ariaHidden = "true";
  chip.replaceChildren(dot, here ? chip.dataset.here : chip.dataset.away);
}
function listen(pause = 500) {
  const socket = new WebSocket(`ws://${location.host}/live`);
  let opened = false;
  socket.onopen = () => { opened = true; standing(true); news({ kind: "arrived", room: $("[data-live]")?.dataset.live ?? "" }); };
  socket.onmessage = (event) => news(JSON.parse(event.data));
  socket.onclose = () => { standing(false); setTimeout(() => listen(Math.min((opened ? 500 : pause) * 2, 8000)), pause); };
}
function news(notice) {
  if (notice.kind === "links") { htmx.trigger("#links", "refresh"); if ($("#partners")) htmx.trigger("#partners", "refresh"); return; }
  if (notice.kind === "since") { const room = $("[data-live-page]")?.dataset.livePage; if (room && notice.changed[room] > Number(document.body.dataset.heard) && !busy()) renew(); return; }
  if (notice.kind === "away" || notice.kind === "back") { standing(notice.kind === "back"); return; }
  document.dispatchEvent(new CustomEvent("cordiale:arrived", { detail: notice }));
  const open = $("[data-live]"), here = open && open.dataset.live === notice.room;
  if (here) arrived(notice.changed ?? []).then(() => setTimeout(() => htmx.trigger("#rooms", "refresh"), 250)); else htmx.trigger("#rooms", "refresh");
  const page = $("[data-live-page]");
  if (page && page.dataset.livePage === notice.room && notice.records?.length && !busy()) renew();
}
// The page again with what is new, but never in the place of one that the reader has just asked for, nor under a moving hand.
const PATIENCE = 20_000; // ms in which a page that was asked for comes
const REST = 1_000; // ms without a key or a movement
let leaving = -PATIENCE, moved = -REST;
for (const kind of ["pointermove", "pointerdown", "keydown"]) addEventListener(kind, () => { moved = performance.now(); }, { passive: true });
document.addEventListener("click", (event) => { if (event.target.closest("a[href]:not([download])")) leaving = performance.now(); });
document.addEventListener("submit", () => { leaving = performance.now(); });
const busy = () => $("dialog[open]") || document.activeElement?.tagName === "TEXTAREA"; // something is being written
function renew() {
  const now = performance.now(), wait = Math.max(PATIENCE - (now - leaving), REST - (now - moved));
  if (wait > 0) setTimeout(renew, wait); else if (!busy()) location.reload();
}
if (chip) listen();
