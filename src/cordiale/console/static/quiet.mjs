// Quiet hours: no notices and no count in the window's title, but for FLASH. Kept in this browser; so is the time to take a message back.
import { kept, words } from "./kept.mjs";
import { notice } from "./toasts.mjs";

const minute = (text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));
export function quiet(now = new Date()) {
  if (kept.get("quiet") !== "on") return false;
  const from = minute(kept.get("quiet.from", "19:00")), until = minute(kept.get("quiet.until", "07:00")), at = now.getHours() * 60 + now.getMinutes();
  return from <= until ? from <= at && at < until : at >= from || at < until;
}
for (const [id, key, other] of [["quiet-on", "quiet", "off"], ["quiet-from", "quiet.from", "19:00"], ["quiet-until", "quiet.until", "07:00"], ["undo-seconds", "undo", "0"]]) {
  const box = document.querySelector(`#${id}`);
  if (!box) continue;
  if (box.type === "checkbox") box.checked = kept.get(key, other) === "on"; else box.value = kept.get(key, other);
  box.addEventListener("change", () => { kept.set(key, box.type === "checkbox" ? (box.checked ? "on" : "off") : box.value); count(); });
}

const title = document.title;
const rows = () => [...document.querySelectorAll("#rooms a")].map((link) => ({ room: link.dataset.room, name: link.querySelector(".name")?.textContent.trim() ?? "", unread: Number(link.dataset.unread) || 0, flash: Boolean(link.querySelector(".precedence.flash")) }));
function count() {
  const all = rows(), shown = quiet() ? all.filter((each) => each.flash) : all, unread = shown.reduce((sum, each) => sum + each.unread, 0);
  document.title = unread ? `(${unread}) ${title}` : title;
}
let before = new Map(rows().map((each) => [each.room, each.unread]));
const list = document.querySelector("#rooms");
if (list) {
  count();
  new MutationObserver(() => {
    const here = document.querySelector("[data-room][data-live]")?.dataset.live;
    for (const each of rows()) {
      const more = each.unread > (before.get(each.room) ?? 0);
      if (more && each.room !== here && (each.flash || !quiet())) notice(words("arrived", { room: each.name }), { action: words("open"), run: () => { location.href = `/rooms/${each.room}`; } });
    }
    before = new Map(rows().map((each) => [each.room, each.unread]));
    count();
  }).observe(list, { childList: true, subtree: true });
}
