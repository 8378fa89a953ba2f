// Writing: sending with progress, files dropped, replies, drafts kept at the agent.
import { put } from "./messages.mjs";

const $ = (selector) => document.querySelector(selector);
const form = $(".compose"), text = $("#text"), file = $("#file"), bar = $("#upload"), problem = $("#send-problem");

function tell(words) { const line = document.createElement("p"); line.className = "why"; line.textContent = words; problem.replaceChildren(line); }
const name = () => { const shown = form.querySelector(".file span"), chosen = [...file.files].map((each) => each.name).join(", "); shown.textContent = chosen || shown.dataset.none; shown.parentElement.classList.toggle("chosen", Boolean(chosen)); };
const fits = () => { const large = [...file.files].some((each) => each.size > Number(form.dataset.most)); if (large) { tell(form.dataset.tooLarge); file.value = ""; } name(); return !large; };

// --- replies -------------------------------------------------------------------------------------------------------
function answer(id, who = "", topic = null) {
  const words = $("#replying span");
  $("#reply").value = id; $("#replying").hidden = !id;
  if (who) words.textContent = words.dataset.words.replace("%", who);
  if (topic !== null) $("#topic").value = topic;
}

// --- drafts: kept at the agent, in its encrypted store; nothing of them stays in the browser ---------------------------
let timer = 0;
const draft = () => { clearTimeout(timer); timer = setTimeout(keep, 600); };
function keep() {
  clearTimeout(timer); timer = 0;
  const body = new URLSearchParams(["text", "label", "topic", "reply", "priority"].map((name) => [name, form.elements[name].value]));
  fetch(form.dataset.draft, { method: "POST", body, keepalive: body.toString().length < 60000 }).catch(() => {});
}

// The field is free at once for the next message; what could not be sent comes back into it.
function send() {
  if (!fits() || form.getAttribute("aria-busy") === "true" || !(text.value.trim() || file.files.length)) return;
  const request = new XMLHttpRequest(), large = file.files.length > 0, sent = new FormData(form), written = text.value, reply = $("#reply").value;
  clearTimeout(timer); timer = 0;
  if (large) { form.setAttribute("aria-busy", "true"); bar.hidden = false; bar.value = 0; }
  text.value = ""; answer(""); problem.replaceChildren(); text.focus();
  request.upload.onprogress = (event) => { if (event.lengthComputable) bar.value = (100 * event.loaded) / event.total; };
  request.onloadend = () => {
    if (large) { form.removeAttribute("aria-busy"); bar.hidden = true; }
    if (request.status === 200) {
      if (large) { file.value = ""; name(); }
      $("#priority").value = "ROUTINE"; put(request.responseText);
      return;
    }
    text.value = written + (text.value && `\n${text.value}`); answer(reply); draft();
    if (request.status) problem.innerHTML = request.responseText; // a part made by our own templates
    else tell(form.dataset.lost);
  };
  request.open("POST", form.action);
  request.setRequestHeader("HX-Request", "true");
  request.send(sent);
}

if (form) {
  form.addEventListener("submit", (event) => { event.preventDefault(); send(); });
  form.addEventListener("input", draft);
  addEventListener("pagehide", () => { if (timer) keep(); });
  file.addEventListener("change", fits);
  $("#reply-off").addEventListener("click", () => { answer(""); draft(); text.focus(); });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-reply]");
    if (button) { answer(button.dataset.reply, button.dataset.who, button.dataset.topic); draft(); text.focus(); }
  });
  const room = $(".room");
  for (const name of ["dragover", "drop"]) room.addEventListener(name, (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    room.classList.toggle("dropping", name === "dragover");
    if (name === "drop") { file.files = event.dataTransfer.files; fits(); text.focus(); }
  });
  room.addEventListener("dragleave", (event) => { if (!room.contains(event.relatedTarget)) room.classList.remove("dropping"); });
}
document.addEventListener("htmx:after:request", (event) => {
  if (event.target.matches("[data-closes]") && event.detail.ctx.response.status < 400) event.target.closest("dialog").close();
});
