// The list of rooms, sifted by name and by what waits.
const field = document.querySelector("#sift"), only = document.querySelector("#sift-unread"), list = document.querySelector("#rooms");
function sift() {
  const words = field.value.trim().toLocaleLowerCase(), waiting = only.getAttribute("aria-pressed") === "true";
  const rooms = [...list.querySelectorAll("[data-room]")];
  for (const room of rooms) {
    const named = room.querySelector(".name").textContent.toLocaleLowerCase().includes(words);
    room.parentElement.hidden = !named || (waiting && room.dataset.unread === "0" && !room.hasAttribute("aria-current"));
  }
  document.querySelector("#sifted").hidden = !rooms.length || rooms.some((room) => !room.parentElement.hidden);
}
if (field) {
  field.addEventListener("input", sift);
  only.addEventListener("click", () => { only.setAttribute("aria-pressed", String(only.getAttribute("aria-pressed") !== "true")); sift(); });
  document.querySelector("#sift-off").addEventListener("click", () => { field.value = ""; only.setAttribute("aria-pressed", "false"); sift(); field.focus(); });
  new MutationObserver(sift).observe(list, { childList: true });
}
