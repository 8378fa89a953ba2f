// Naming people with @: a list of who is in the room opens under the text as one types (WAI-ARIA 1.2, list autocomplete with manual choice).
const text = document.querySelector("#text"), list = document.querySelector("#mentions"), said = document.querySelector("#mentions-said");
const people = [...document.querySelectorAll("#members li")].map((each) => each.textContent.trim());
const MOST = 8;
let found = [], at = 0, begin = -1;

/** `@name` where one person alone is called so, else the whole address. */
const short = (address) => { const name = address.split("@")[0]; return people.filter((each) => each.split("@")[0] === name).length === 1 ? name : address; };
const shown = () => !list.hidden;

function close() { list.hidden = true; found = []; text.removeAttribute("aria-activedescendant"); said.textContent = ""; }
function mark(place) {
  at = (place + found.length) % found.length;
  [...list.children].forEach((row, each) => row.setAttribute("aria-selected", String(each === at)));
  text.setAttribute("aria-activedescendant", `mention-${at}`);
  list.children[at].scrollIntoView({ block: "nearest" });
}
function choose(place) {
  const name = short(found[place]), end = text.selectionEnd;
  text.setRangeText(`@${name} `, begin, end, "end");
  close(); text.focus();
  text.dispatchEvent(new Event("input", { bubbles: true }));
}
function look() {
  const before = text.value.slice(0, text.selectionStart), word = /(?:^|[\s(])@([\w.@-]*)$/.exec(before);
  if (!word || text.selectionStart !== text.selectionEnd) { close(); return; }
  const wanted = word[1].toLowerCase();
  begin = before.length - word[1].length - 1;
  found = people.filter((each) => each.startsWith(wanted) && each !== wanted && short(each) !== wanted).slice(0, MOST);
  if (!found.length) { close(); return; }
  list.replaceChildren(...found.map((each, place) => {
    const row = document.createElement("li");
    row.id = `mention-${place}`; row.setAttribute("role", "option"); row.textContent = each;
    row.addEventListener("mousedown", (event) => { event.preventDefault(); choose(place); }); // the text keeps the focus
    return row;
  }));
  list.hidden = false;
  said.textContent = said.dataset.found.replace("{count}", String(found.length));
  mark(0);
}

if (text && list) {
  text.addEventListener("input", look);
  text.addEventListener("blur", close);
  text.addEventListener("keydown", (event) => {
    if (!shown() || event.ctrlKey || event.altKey || event.metaKey) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) mark(at + step);
    else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey) choose(at);
    else if (event.key === "Escape") close();
    else { if (["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) close(); return; }
    event.preventDefault(); event.stopPropagation();
  });
}
