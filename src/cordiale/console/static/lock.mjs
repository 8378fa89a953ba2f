// The lock: when nobody is there, or by key, what the page shows is taken out of it and the server is asked for the page again,
// which it answers with the lock alone. The server decides; what is done here is only sooner.
import { words } from "./kept.mjs";

const channel = new BroadcastChannel("cordiale");
const minutes = Number(document.body.dataset.idle || 0);
let last = Date.now(), told = 0, covered = false;

function cover() {
  if (covered) return;
  covered = true;
  document.title = "Cordiale"; document.body.className = "plain covered"; document.body.replaceChildren();
  for (const key of Object.keys(sessionStorage)) if (!key.startsWith("cordiale.draft") && !key.startsWith("draft.")) sessionStorage.removeItem(key);
  location.reload();
}
export async function lock() {
  document.body.replaceChildren();
  try { await fetch("/lock", { method: "POST" }); } finally { channel.postMessage("locked"); cover(); }
}
channel.onmessage = (event) => { if (event.data === "locked") cover(); if (event.data === "awake") last = Date.now(); };
document.addEventListener("cordiale:lock", lock);
document.querySelector("#lock-now")?.addEventListener("click", lock);
document.addEventListener("htmx:after:request", (event) => { if ([401, 423].includes(event.detail.ctx.response?.status)) { event.preventDefault(); cover(); } });
window.addEventListener("pageshow", (event) => { if (event.persisted) cover(); });

if (minutes) {
  const awake = () => {
    last = Date.now();
    if (last - told > 20_000) { told = last; channel.postMessage("awake"); fetch("/awake", { method: "POST" }).then((answer) => { if (!answer.ok) cover(); }, () => {}); }
  };
  for (const kind of ["keydown", "pointerdown", "wheel", "touchstart"]) document.addEventListener(kind, awake, { passive: true, capture: true });
  setInterval(() => { if (Date.now() - last > minutes * 60_000) lock(); }, 1000);
}
export { words };
