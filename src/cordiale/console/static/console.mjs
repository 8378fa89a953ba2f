// What pages do beside htmx: one WebSocket for news, keys, theme, drafts, days between messages, scrolling.
import "/assets/htmx.mjs";
import "/static/frame.mjs";

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

// --- messages: the end is in sight, days stand between --------------------------------------------------------------
const log = $("#log");
const atEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < 120;
function tidy() {
  const seen = new Set();
  $$(".message", log).forEach((message) => { if (seen.has(message.id)) message.remove(); else seen.add(message.id); });
  $$(".day", log).forEach((day) => day.remove());
  let last = "";
  for (const message of $$(".message", log)) {
    if (message.dataset.day !== last) {
      last = message.dataset.day;
      const line = document.createElement("div");
      line.className = "day"; line.textContent = last;
      message.before(line);
    }
  }
  const numbers = $$(".message", log).map((message) => Number(message.dataset.number));
  $("#newer")?.setAttribute("hx-get", `${location.pathname}/messages?after=${Math.max(0, ...numbers)}`);
}
if (log) {
  tidy(); log.scrollTop = log.scrollHeight;
  let pinned = true, height = log.scrollHeight;
  log.addEventListener("scroll", () => { pinned = atEnd(); height = log.scrollHeight; });
  const observer = new MutationObserver(() => {
    observer.disconnect();
    const grown = log.scrollHeight - height;
    tidy();
    if (pinned) log.scrollTop = log.scrollHeight; else if (log.scrollTop < 200 && grown > 0) log.scrollTop += grown;
    height = log.scrollHeight;
    $(".empty.big", log)?.remove();
    observe();
  });
  const observe = () => observer.observe($("#messages"), { childList: true });
  observe();
}

// --- writing -------------------------------------------------------------------------------------------------------
const text = $("#text"), compose = $(".compose");
if (text) {
  const draft = `draft.${text.dataset.draft}`;
  text.value ||= sessionStorage.getItem(draft) ?? ""; // what was typed before this ran stays
  text.addEventListener("input", () => sessionStorage.setItem(draft, text.value));
  text.addEventListener("keydown", (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); compose.requestSubmit(); } });
  document.addEventListener("htmx:after:request", (event) => {
    if (event.target !== compose || event.detail.ctx.response.status >= 400) return;
    compose.reset(); text.value = ""; sessionStorage.removeItem(draft); $("#send-problem").replaceChildren(); text.focus();
  });
}

// --- what asks by itself stays as it is when the answer is an error -------------------------------------------------------
document.addEventListener("htmx:after:request", (event) => {
  if (event.target.hasAttribute("data-quiet") && event.detail.ctx.response.status >= 400) event.preventDefault();
});

// --- dialogs --------------------------------------------------------------------------------------------------------
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) $(`#${opener.dataset.dialog}`).showModal();
});
$("#keys-open")?.addEventListener("click", () => $("#keys").showModal());

// --- keys -----------------------------------------------------------------------------------------------------------
const on = $("#keys-on");
if (on) { on.checked = kept.get("keys") !== "off"; on.addEventListener("change", () => kept.set("keys", on.checked ? "on" : "off")); }
let lead = "";
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea, select") || $("dialog[open]")) return;
  const key = lead + event.key; lead = "";
  if (event.key === "?") { $("#keys").showModal(); event.preventDefault(); return; }
  if (on && !on.checked) return;
  const rooms = $$(".rooms a"), here = rooms.findIndex((room) => room.hasAttribute("aria-current"));
  const doing = {
    "/": () => $("#q").focus(), c: () => text?.focus(),
    j: () => rooms[Math.min(here + 1, rooms.length - 1)]?.click(), k: () => rooms[Math.max(here - 1, 0)]?.click(),
    g: () => { lead = "g"; }, gr: () => $("[data-go=r]")?.click(), gb: () => { location.href = "/border"; }, gs: () => { location.href = "/sea"; },
  }[key];
  if (doing) { event.preventDefault(); doing(); }
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
  if (notice.kind === "away" || notice.kind === "back") { standing(notice.kind === "back"); return; }
  document.dispatchEvent(new CustomEvent("cordiale:arrived", { detail: notice }));
  const open = $("[data-live]");
  if (open && open.dataset.live === notice.room) htmx.trigger("#newer", "arrived");
  htmx.trigger("#rooms", "refresh");
  const page = $("[data-live-page]");
  if (page && page.dataset.livePage === notice.room && notice.records?.length && !$("dialog[open]") && document.activeElement?.tagName !== "TEXTAREA") location.reload();
}
if (chip) listen();
