// The maritime desk's page: fetches the picture, the alerts and what is shared, and keeps map, tables, time and evidence together.
import { kept } from "./kept.mjs";
import { Reel } from "./reel.mjs";
import { Sheet, fill } from "./sheet.mjs";

const $ = (selector, from = document) => from.querySelector(selector);
const page = $(".sea"), words = JSON.parse(page.dataset.words), language = page.dataset.language;
const FRESH = 60_000; // ms between looks at whether the desk has something new
const SOON = 4_000; // the same while there is nothing yet
const locale = language === "fr" ? "fr-FR" : "en-GB", clock = { hour: "2-digit", minute: "2-digit", timeZone: "UTC" };
const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 1, minimumFractionDigits: 1 }), percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 });
const short = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", ...clock }), long = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" }), hour = new Intl.DateTimeFormat(locale, clock);
const day = (moment) => short.format(new Date(moment));
const state = { reel: null, alerts: [], shared: [], seconds: 0, playing: 0, chosen: null, map: null };

async function fetched(path) {
  const answer = await fetch(path, { headers: { accept: "application/json", "hx-request": "true" } });
  if (answer.ok) return answer.json();
  const told = new DOMParser().parseFromString(await answer.text(), "text/html").body.textContent.replace(/\s+/g, " ").trim();
  throw new Error(told || words.away);
}
function problem(text, kind = "problem") { const box = $("#sea-problem"); box.hidden = !text; box.textContent = text ?? ""; box.className = text ? kind : ""; }
const node = (name, className, ...inside) => { const made = document.createElement(name); made.className = className; made.append(...inside); return made; };
const badge = (text, tone) => node("span", `status ${tone}`, text);
const named = (vessel) => vessel.name || `MMSI ${vessel.mmsi}`;

// --- tables ---------------------------------------------------------------------------------------------------------
const sheets = {
  alerts: new Sheet($("#table-alerts"), { words, sort: "score", down: true, chosen: (row, open) => choose("alert", row.id, { open, from: "table" }), columns: [
    { key: "what", title: words.what, show: (row) => node("span", "", row.title, node("small", "under", row.vessels.map(named).join(" / "))), by: (row) => row.title },
    { key: "begin", title: words.begin, show: (row) => day(row.begin) },
    { key: "score", title: words.score, number: true, show: (row) => percent.format(row.score) },
    { key: "state", title: words.state, by: (row) => row.triage.state, show: (row) => {
      const shown = node("span", "", badge(words[row.triage.state], row.triage.state));
      if (row.triage.changed) shown.append(node("small", "under warn", `⚠ ${words.changed}`));
      if (row.released) shown.append(node("small", "under", `↗ ${words.released}`));
      if (row.triage.assigned) shown.append(node("small", "under", `→ ${row.triage.assigned}`));
      return shown;
    } } ] }),
  vessels: new Sheet($("#table-vessels"), { words, sort: "name", chosen: (row) => choose("vessel", row.id, { from: "table" }), columns: [
    { key: "name", title: words.vessel, show: (row) => node("span", "", named(row), node("small", "under", [row.mmsi, row.imo && `IMO ${row.imo}`, row.type].filter(Boolean).join(" · "))), by: named },
    { key: "knots", title: words.knots, number: true, by: (row) => row.knots ?? -1, show: (row) => (row.knots === null ? "–" : number.format(row.knots)) },
    { key: "heard", title: words.heard, show: (row) => (row.heard ? day(row.heard) : "–") },
    { key: "alerts", title: words.alerts, number: true, show: (row) => {
      const shown = node("span", "", row.alerts ? `▲ ${row.alerts}` : "");
      if (row.sanctions) shown.append(badge(words[row.sanctions], row.sanctions === "sanctioned" ? "objected" : "proposed"));
      return shown;
    } } ] }),
  shared: new Sheet($("#table-shared"), { words, sort: "begin", down: true, chosen: (row) => choose("shared", row.id, { from: "table" }), columns: [
    { key: "what", title: words.what, by: (row) => row.title, show: (row) => {
      const link = node("a", "", words.open);
      link.href = `/rooms/${encodeURIComponent(row.room)}/records/${encodeURIComponent(row.id)}`;
      return node("span", "", row.title, node("small", "under", row.vessels.join(" / ")), node("small", "under", link));
    } },
    { key: "owner", title: words.whose, show: (row) => node("span", "nation", row.owner.toUpperCase()) },
    { key: "begin", title: words.begin, show: (row) => (row.begin ? day(row.begin) : "–") },
    { key: "marking", title: words.marking, show: (row) => node("span", `marking small level-${row.level || "unknown"}`, row.marking) } ] }),
};
sheets.alerts.keep = (row) => row.triage.state !== "dismissed" || $("#with-dismissed").checked;
sheets.vessels.keep = (row) => !$("#in-view").checked || !state.map || !row.at || state.map.inView(row.at);
$("#with-dismissed").addEventListener("change", () => { sheets.alerts.refresh(); show(); });
$("#in-view").addEventListener("change", () => sheets.vessels.refresh());

const tabs = [...document.querySelectorAll(".sea-tabs [role=tab]")];
function open(tab, focus = false) {
  for (const each of tabs) {
    const on = each === tab;
    each.ariaSelected = String(on); each.tabIndex = on ? 0 : -1;
    $(`#${each.getAttribute("aria-controls")}`).hidden = !on;
  }
  if (focus) tab.focus();
}
for (const tab of tabs) {
  tab.addEventListener("click", () => { close(); open(tab); });
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) { event.preventDefault(); open(tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length], true); }
  });
}

function rows() {
  const alerts = new Map();
  for (const alert of state.alerts) if (alert.triage.state !== "dismissed") for (const vessel of alert.vessels) alerts.set(vessel.mmsi, (alerts.get(vessel.mmsi) ?? 0) + 1);
  const own = new Set(state.shared.map((each) => each.finding));
  sheets.alerts.set(state.alerts.map((alert) => ({ ...alert, released: own.has(alert.id),
    words: [alert.title, alert.explanation, alert.triage.assigned, words[alert.triage.state], ...alert.vessels.map((vessel) => `${vessel.name} ${vessel.mmsi} ${vessel.imo ?? ""}`)].join(" ").toLocaleLowerCase() })));
  sheets.shared.set(state.shared.map((each) => ({ ...each, words: [each.title, each.owner, each.marking, ...each.vessels].join(" ").toLocaleLowerCase() })));
  const { reel } = state;
  sheets.vessels.set(!reel ? [] : reel.vessels.map((vessel, i) => {
    const row = reel.row(i, state.seconds), there = row >= 0;
    return { ...vessel, id: vessel.mmsi, alerts: alerts.get(vessel.mmsi) ?? 0, at: there ? reel.at(row) : null, knots: there ? reel.knots(row) : null,
      heard: there ? reel.begin + reel.time[row] * 1000 : 0, words: `${vessel.name} ${vessel.mmsi} ${vessel.imo ?? ""} ${vessel.call_sign} ${vessel.type} ${vessel.destination}`.toLocaleLowerCase() };
  }));
  state.alerted = new Set(alerts.keys());
  for (const [name, count] of [["alerts", sheets.alerts.found.length], ["vessels", sheets.vessels.rows.length], ["shared", state.shared.length]]) $(`#tab-${name} .n`).textContent = count;
}

const legend = $(".legend");
legend.open = kept.get("legend") !== "closed";
legend.addEventListener("toggle", () => kept.set("legend", legend.open ? "open" : "closed"));

// --- time -----------------------------------------------------------------------------------------------------------
const slider = $("#sea-slider"), play = $("#sea-play");
function show() {
  const { reel, map } = state;
  if (!reel) return;
  slider.value = state.seconds;
  const moment = new Date(reel.begin + state.seconds * 1000);
  $("#sea-moment").textContent = `${long.format(moment)} ${hour.format(moment)}Z`;
  slider.setAttribute("aria-valuetext", $("#sea-moment").textContent);
  if (!map) return;
  map.vessels(reel.fill(state.seconds, state.alerted));
  const now = reel.begin + state.seconds * 1000;
  map.alerts(state.alerts.filter((alert) => Date.parse(alert.begin) <= now && sheets.alerts.keep(alert)));
  spot();
}
let due = 0, resting = 0;
function soon() { // the map with every frame, tables and names four times a second
  if (!due) due = requestAnimationFrame(() => { due = 0; show(); });
  if (!resting) resting = setTimeout(() => { resting = 0; rows(); names(); }, 250);
}
function names() { if (state.map && state.reel) state.map.names(state.reel.cast, (vessel) => named(state.reel.vessels[vessel])); }
function at(seconds) { state.seconds = Math.max(0, Math.min(seconds, state.reel.span)); soon(); }
function stop() { if (state.playing) cancelAnimationFrame(state.playing); state.playing = 0; play.textContent = words.play; play.ariaPressed = "false"; }
function start(until = state.reel.span) {
  stop();
  if (state.seconds >= until) at(0);
  let last = performance.now();
  play.textContent = words.pause; play.ariaPressed = "true";
  const step = (now) => {
    at(state.seconds + ((now - last) / 1000) * Number($("#sea-speed").value));
    last = now;
    if (state.seconds >= until) stop(); else state.playing = requestAnimationFrame(step);
  };
  state.playing = requestAnimationFrame(step);
}
slider.addEventListener("input", () => { stop(); at(Number(slider.value)); });
play.addEventListener("click", () => (state.playing ? stop() : start()));
$("#sea-time").addEventListener("submit", (event) => event.preventDefault());
function marks() {
  const line = $(".slide .marks"), { reel } = state;
  line.replaceChildren(...state.alerts.filter((alert) => alert.triage.state !== "dismissed").map((alert) => {
    const mark = document.createElement("i");
    mark.style.left = `${Math.max(0, Math.min(100, ((Date.parse(alert.begin) - reel.begin) / 10 / reel.span)))}%`;
    return mark;
  }));
  const step = Math.max(6, Math.round(reel.span / 3600 / 24) * 6) * 3600, first = Math.ceil(reel.begin / 1000 / step) * step - reel.begin / 1000;
  $(".slide .hours").replaceChildren(...Array.from({ length: Math.max(0, Math.ceil((reel.span - first) / step)) }, (_, i) => {
    const at = first + i * step, made = node("span", "", hour.format(new Date(reel.begin + at * 1000)));
    made.style.left = `${(100 * at) / reel.span}%`;
    return made;
  }));
}

// --- what is chosen -------------------------------------------------------------------------------------------------
function spot() {
  const { reel, chosen, map } = state, places = [];
  if (!map) return;
  if (chosen?.kind === "vessel" || chosen?.kind === "alert") for (const mmsi of chosen.mmsi) {
    const vessel = reel.place.get(mmsi), row = vessel === undefined ? -1 : reel.row(vessel, state.seconds);
    if (row >= 0) places.push(reel.at(row));
  }
  if (chosen?.at) places.push(chosen.at);
  map.spot(places);
}
async function choose(kind, id, { open: opened = true, from = "map", focus = false } = {}) {
  const same = state.chosen?.kind === kind && String(state.chosen.id) === String(id);
  if (!same) {
    const found = { alert: state.alerts, shared: state.shared, vessel: state.reel?.vessels ?? [] }[kind].find((each) => String(kind === "vessel" ? each.mmsi : each.id) === String(id));
    if (!found) return;
    state.chosen = { kind, id, mmsi: kind === "vessel" ? [found.mmsi] : kind === "alert" ? found.vessels.map((vessel) => vessel.mmsi) : [], at: kind === "alert" ? [found.lon, found.lat] : kind === "shared" ? found.at : null, lines: found.lines ?? [] };
    history.replaceState(null, "", `/sea?${kind}=${encodeURIComponent(id)}`);
    const tab = { alert: "alerts", vessel: "vessels", shared: "shared" }[kind];
    if (from === "map") { if (kind !== "alert") close(); open(tabs.find((each) => each.id === `tab-${tab}`)); }
    for (const [name, sheet] of Object.entries(sheets)) if (name !== tab) { sheet.selected = null; sheet.draw(); }
    sheets[tab].select(id, focus);
    tracks(kind === "alert" && opened);
  }
  if (kind === "alert" && opened) await detail(id);
}
async function tracks(closer = false) {
  const { chosen, map } = state;
  if (!map) return;
  spot(); map.track([]);
  let lines = chosen.lines;
  try {
    if (chosen.kind === "alert") lines = (await fetched(`/sea/alerts/${encodeURIComponent(chosen.id)}/tracks.json`)).tracks.map((track) => track.line);
    if (chosen.kind === "vessel") lines = [(await fetched(`/sea/track/${encodeURIComponent(chosen.id)}`)).track.line];
  } catch (error) { problem(error.message); return; }
  if (state.chosen !== chosen) return;
  map.track(lines);
  const around = chosen.kind === "alert" ? [chosen.at, ...lines.flat()] : chosen.at ? [chosen.at] : [];
  if (chosen.kind === "vessel") { const row = state.reel.row(state.reel.place.get(chosen.mmsi[0]), state.seconds); if (row >= 0) around.push(state.reel.at(row)); }
  map.show(around, { closer });
}
async function detail(id, { move = true } = {}) {
  const box = $("#sea-detail");
  await globalThis.htmx.ajax("GET", `/sea/alerts/${encodeURIComponent(id)}`, { target: "#sea-detail-body" });
  box.hidden = false;
  page.classList.add("with-detail");
  box.focus();
  const alert = state.alerts.find((each) => each.id === id);
  if (move && alert && state.reel) at((Date.parse(alert.end) - state.reel.begin) / 1000);
}
function close() {
  if ($("#sea-detail").hidden) return;
  $("#sea-detail").hidden = true; page.classList.remove("with-detail"); $("#sea-detail-body").replaceChildren();
}
$("#detail-close").addEventListener("click", () => { const { chosen } = state; close(); if (chosen?.kind === "alert") sheets.alerts.select(chosen.id, true); });
document.addEventListener("keydown", (event) => { if (event.key === "Escape" && !$("#sea-detail").hidden && !$("dialog[open]")) { event.preventDefault(); $("#detail-close").click(); } });
new MutationObserver(() => { if (document.activeElement === document.body) $("#sea-detail").focus(); }).observe($("#sea-detail-body"), { childList: true, subtree: true }); // what was focused was replaced
document.addEventListener("click", (event) => {
  const button = event.target.closest("#replay");
  if (!button || !state.reel) return;
  at((Date.parse(button.dataset.begin) - state.reel.begin) / 1000 - 600);
  start(Math.min(state.reel.span, (Date.parse(button.dataset.end) - state.reel.begin) / 1000 + 600));
});

// --- fetching -------------------------------------------------------------------------------------------------------
async function found() {
  const told = await fetched("/sea/alerts.json");
  state.alerts = told.alerts; state.looked = told.looked;
}
async function sharing() { state.shared = (await fetched("/sea/shared.json")).shared; }
async function look() {
  const before = state.reel, told = await fetched("/sea/picture.json"), atEnd = !state.reel || state.seconds >= state.reel.span;
  state.reel = told.begin ? new Reel(told) : null;
  if (!state.reel) return;
  slider.max = state.reel.span; slider.disabled = play.disabled = false;
  if (atEnd) state.seconds = before ? state.reel.span : state.reel.lively();
  else state.seconds = Math.max(0, state.seconds + (before.begin - state.reel.begin) / 1000); // the moment that was looked at stays
  if (!before) state.map?.map.fitBounds(state.reel.bounds(), { padding: 40, maxZoom: 10, duration: 0 });
}
function told() {
  const { reel } = state;
  problem(!reel ? words.no_reports : !state.looked ? words.not_looked : "", "told");
  $("#sea-count").textContent = reel ? `${fill(words.vessels_count, { count: reel.vessels.length })} · ${reel.apart ? fill(words.apart, { minutes: Math.max(1, reel.apart / 60) }) : words.all}` : "";
  rows(); if (reel) { marks(); show(); }
  state.map?.shared(state.shared);
}
async function refresh() {
  try { await Promise.all([found(), sharing()]); told(); } catch (error) { problem(error.message || words.away); }
}
async function map() {
  const element = $("#sea-map");
  try {
    const [{ drawsMaps }, { SeaMap }] = await Promise.all([import("./base_map.mjs"), import("./sea_map.mjs")]);
    if (!drawsMaps()) throw new Error(words.no_webgl);
    state.map = await SeaMap.in(element, { language, bounds: state.reel?.bounds() ?? [[-6, 48], [4, 53]], words: {}, chosen: (kind, id) => choose(kind, kind === "vessel" ? state.reel.vessels[id].mmsi : id) });
  } catch (error) {
    element.replaceChildren(node("p", "empty big", error.message === words.no_webgl ? words.no_webgl : words.no_map));
    element.classList.add("absent");
    console.warn(error);
    return;
  }
  state.map.onView(() => { names(); if ($("#in-view").checked) sheets.vessels.refresh(); });
  state.move = (seconds) => { state.seconds = seconds; show(); };
  globalThis.cordialeSea = state; // for whoever measures how smoothly it runs
  show(); names(); state.map.shared(state.shared);
  if (state.chosen) tracks();
}
document.addEventListener("sea-changed", refresh);
document.addEventListener("sea-undone", () => { refresh(); if (!$("#sea-detail").hidden && state.chosen?.kind === "alert") detail(state.chosen.id, { move: false }); });
document.addEventListener("cordiale:arrived", (event) => { if (event.detail.records?.length) sharing().then(told, () => {}); });
function again() {
  setTimeout(async () => {
    if (!document.hidden && !state.playing) try { await Promise.all([look(), found(), sharing()]); told(); } catch (error) { problem(error.message || words.away); }
    again();
  }, state.reel && state.looked ? FRESH : SOON);
}
again();

try {
  await Promise.all([look(), found(), sharing()]);
  told();
} catch (error) { problem(error.message || words.away); }
const asked = new URLSearchParams(location.search);
for (const kind of ["alert", "vessel", "shared"]) if (asked.has(kind)) {
  open($(`#tab-${kind === "shared" ? kind : `${kind}s`}`));
  choose(kind, asked.get(kind), { from: "link" });
}
await map();
page.dataset.ready = state.map ? "map" : "tables";
