// Writing: sending with progress, files dropped, replies, drafts kept at the agent.
import { put } from "/static/messages.mjs";

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

function send() {
  if (!fits() || form.getAttribute("aria-busy") === "true" || !(text.value.trim() || file.files.length)) return;
  const request = new XMLHttpRequest(), large = file.files.length > 0;
  clearTimeout(timer); timer = 0;
  form.setAttribute("aria-busy", "true");
  bar.hidden = !large; bar.value = 0;
  request.upload.onprogress = (event) => { if (event.lengthComputable) bar.value = (100 * event.loaded) / event.total; };
  request.onloadend = () => {
    form.removeAttribute("aria-busy"); bar.hidden = true;
    if (request.status === 200) {
      const label = form.elements.label.value, topic = form.elements.topic.value;
      form.reset(); text.value = ""; form.elements.label.value = label; form.elements.topic.value = topic; $("#priority").value = "ROUTINE"; answer(""); name();
      problem.replaceChildren(); put(request.responseText); text.focus();
    } else if (request.status) problem.innerHTML = request.responseText; // a part made by our own templates
    else tell(form.dataset.lost);
  };
  request.open("POST", form.action);
  request.setRequestHeader("HX-Request", "true");
  request.send(new FormData(form));
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
