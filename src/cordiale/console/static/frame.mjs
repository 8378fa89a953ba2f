// The frame around every page: on a narrow screen the list of rooms and places opens over it.
const button = document.querySelector("#nav-open"), side = document.querySelector("#side");
const show = (open) => { side.classList.toggle("open", open); button.setAttribute("aria-expanded", String(open)); };
button?.addEventListener("click", () => { show(!side.classList.contains("open")); if (side.classList.contains("open")) side.querySelector("a")?.focus(); });
document.addEventListener("keydown", (event) => { if (event.key === "Escape" && side?.classList.contains("open")) { show(false); button.focus(); } });
document.querySelector("#main")?.addEventListener("click", () => show(false));
