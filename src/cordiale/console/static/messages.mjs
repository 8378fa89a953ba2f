// A room's messages: a window of them that moves both ways, news at its end, days between them, how far one's own have come.
import "./htmx.mjs";

const htmx = globalThis.htmx;
const log = document.querySelector("#log"), list = document.querySelector("#messages"), jump = document.querySelector("#jump");
const KEPT = 320; // messages in the page at once; those farther away are fetched again
const all = () => [...list.querySelectorAll(":scope > .message")];
const atEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < 120;
const later = () => list.querySelector(".later"), earlier = () => list.querySelector(".earlier");
const address = (query) => `/rooms/${log.dataset.room}/messages?${query}${log.dataset.topic ? `&topic=${encodeURIComponent(log.dataset.topic)}` : ""}`;

async function piece(query) {
  const answer = await fetch(address(query), { headers: { "HX-Request": "true" } });
  if (!answer.ok) throw new Error(String(answer.status));
  const made = document.createElement("template");
  made.innerHTML = await answer.text();
  return made.content;
}

// Once each, in causal order, with a line for each day.
function tidy() {
  const seen = new Map();
  for (const message of all()) { if (seen.has(message.id)) seen.get(message.id).remove(); seen.set(message.id, message); }
  const messages = all();
  if (messages.some((each, at) => at && each.dataset.order < messages[at - 1].dataset.order)) {
    const end = later();
    messages.sort((one, other) => (one.dataset.order < other.dataset.order ? -1 : 1)).forEach((each) => list.insertBefore(each, end));
  }
  list.querySelectorAll(":scope > .day").forEach((day) => day.remove());
  let last = "";
  for (const message of all()) {
    if (message.dataset.day === last) continue;
    last = message.dataset.day;
    const line = document.createElement("div");
    line.className = "day"; line.textContent = last;
    message.before(line);
  }
}

// What is looked at stays where it is, whatever comes or goes above it.
function still(change) {
  const top = log.getBoundingClientRect().top;
  const held = all().find((each) => each.getBoundingClientRect().bottom > top), before = held?.getBoundingClientRect().top;
  change();
  tidy();
  if (held?.isConnected) log.scrollTop += held.getBoundingClientRect().top - before;
}

function sentinel(side, query, words) {
  const made = document.createElement("div");
  made.className = `more ${side}`; made.dataset.more = query; made.textContent = words;
  return made;
}

let busy = false;
async function more(place) {
  if (busy || place.classList.contains("failed")) return;
  busy = true;
  try {
    const found = await piece(place.dataset.more), up = place.classList.contains("earlier");
    still(() => {
      const made = [...found.children];
      place.replaceWith(...made);
      made.forEach((each) => htmx.process(each));
      const messages = all(), spare = messages.length - KEPT;
      if (spare <= 0) return;
      (up ? messages.slice(-spare) : messages.slice(0, spare)).forEach((each) => each.remove());
      const rest = all();
      if (up) { later()?.remove(); list.append(sentinel("later", `since=${rest.at(-1).dataset.number}`, place.textContent)); }
      else { earlier()?.remove(); list.prepend(sentinel("earlier", `before=${rest[0].dataset.number}`, place.textContent)); }
    });
  } catch { place.classList.add("failed"); setTimeout(() => { place.classList.remove("failed"); watch(); }, 2000); }
  busy = false;
  watch();
}

const near = log && new IntersectionObserver((seen) => seen.filter((each) => each.isIntersecting).forEach((each) => more(each.target)), { root: log, rootMargin: "3000px" });
function watch() { near.disconnect(); list.querySelectorAll(".more").forEach((each) => near.observe(each)); jump.hidden = !later() && atEnd(); }

async function renew(id) {
  const old = document.getElementById(`m-${id}`);
  if (!old) return;
  const answer = await fetch(`/rooms/${log.dataset.room}/messages/${id}`, { headers: { "HX-Request": "true" } });
  if (answer.ok) put(await answer.text());
}

// A message as it stands now, in its place; one that is new, at the end.
export function put(html) {
  const made = document.createElement("template");
  made.innerHTML = html;
  const message = made.content.querySelector(".message"), old = document.getElementById(message.id), stay = atEnd();
  if (old) old.replaceWith(message); else list.append(message);
  htmx.process(message);
  tidy();
  if (!old || stay) log.scrollTop = log.scrollHeight;
  log.querySelector(":scope > .empty")?.remove();
  look();
}

let pending = Promise.resolve();
export function arrived(changed) { if (log) pending = pending.then(() => news(changed)).catch(() => {}); return pending; }
async function news(changed) {
  for (const id of changed) await renew(id);
  if (later()) { jump.hidden = false; return; }
  const last = Math.max(0, ...all().map((each) => Number(each.dataset.number))), stay = atEnd();
  const found = await piece(`after=${last}${document.hidden ? "&unseen" : ""}`);
  const made = [...found.children];
  if (made.length) {
    list.append(...made); made.forEach((each) => htmx.process(each)); tidy();
    log.querySelector(":scope > .empty")?.remove();
    if (stay) log.scrollTop = log.scrollHeight;
  }
  watch();
  look();
}

async function latest() {
  const found = await piece("");
  list.replaceChildren(...found.children); htmx.process(list); tidy();
  log.scrollTop = log.scrollHeight;
  watch();
}

function show(message) {
  message.scrollIntoView({ block: "center" }); message.classList.add("here"); message.focus({ preventScroll: true });
}

// --- how far one's own messages have come ---------------------------------------------------------------------------
const words = log?.dataset.steps.split("|") ?? [], alone = log?.dataset.nations === "1";
let timer = 0;
function look(soon = 600) { clearTimeout(timer); timer = setTimeout(reach, soon); }
async function reach() {
  const open = [...log.querySelectorAll(".reach-line")].filter((each) => each.dataset.sequence && Number(each.dataset.step) < 5);
  if (!open.length || document.hidden) return;
  let waits = false;
  try {
    const found = await (await fetch(`/rooms/${log.dataset.room}/delivery`)).json();
    const theirs = Object.values(found.theirs), there = theirs.length ? Math.min(...theirs) : 0, read = Math.max(0, ...Object.values(found.read));
    for (const line of open) {
      const sequence = Number(line.dataset.sequence), step = sequence <= read ? 5 : sequence <= there ? 4 : 3;
      waits ||= step < 4;
      if (step <= Number(line.dataset.step)) continue;
      line.dataset.step = String(step);
      line.querySelectorAll("i").forEach((dot, at) => dot.classList.toggle("made", at < step));
      const who = Object.keys(found.read).filter((each) => found.read[each] >= sequence);
      line.querySelector(".word").textContent = words[step - 1] + (who.length ? ` – ${who.join(", ")}` : "");
    }
  } catch { waits = true; }
  look(waits && !alone ? 3000 : 12000);
}

if (log) {
  tidy();
  const focus = log.dataset.focus && document.getElementById(log.dataset.focus);
  if (focus) show(focus); else log.scrollTop = log.scrollHeight;
  watch();
  look();
  let end = !focus; // who reads the end goes on reading it when the field below grows
  log.addEventListener("scroll", () => { end = atEnd(); jump.hidden = !later() && end; }, { passive: true });
  new ResizeObserver(() => { if (end && !later()) log.scrollTop = log.scrollHeight; }).observe(log);
  jump.addEventListener("click", () => { if (later()) latest(); else log.scrollTop = log.scrollHeight; });
  new MutationObserver(() => { if (list.querySelector(":scope > .message:not([data-known])")) { all().forEach((each) => { each.dataset.known = ""; }); tidy(); look(); } }).observe(list, { childList: true });
  log.addEventListener("click", (event) => {
    const quote = event.target.closest(".quote"), there = quote && document.getElementById(quote.dataset.to);
    if (there) { event.preventDefault(); show(there); }
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden || later()) return;
    const number = String(Math.max(0, ...all().map((each) => Number(each.dataset.number))));
    fetch(`/rooms/${log.dataset.room}/seen`, { method: "POST", body: new URLSearchParams({ number }) });
    look();
  });
}
