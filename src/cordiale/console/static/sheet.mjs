// A table of many rows for mouse and keyboard: sorted by its headings, filtered by words, a page of rows at a time.
// Up and Down go from row to row and on to the next page, Home and End to the ends, Enter or a click chooses.
const PAGE = 100;
const ORDER = new Intl.Collator();

export class Sheet {
  /** `columns`: [{ key, title, show?(row) → text or node, by?(row) → what is sorted by, number? }]; a row is known by its `id`. */
  constructor(panel, { columns, words, chosen, sort, down = false }) {
    Object.assign(this, { panel, columns, words, chosen, sort, down, rows: [], first: 0, selected: null, keep: () => true });
    this.body = panel.querySelector("tbody");
    this.found = [];
    const head = panel.querySelector("thead tr");
    for (const column of columns) {
      const cell = document.createElement("th"), button = document.createElement("button");
      cell.scope = "col"; cell.dataset.key = column.key; button.type = "button"; button.textContent = column.title;
      button.addEventListener("click", () => { this.down = this.sort === column.key ? !this.down : Boolean(column.number); this.sort = column.key; this.first = 0; this.refresh(); });
      cell.append(button); head.append(cell);
    }
    panel.querySelector(".filter").addEventListener("input", () => { this.first = 0; this.refresh(); });
    panel.querySelector(".before").addEventListener("click", () => this.page(-PAGE));
    panel.querySelector(".after").addEventListener("click", () => this.page(PAGE));
    this.body.addEventListener("click", (event) => { const row = event.target.closest("tr"); if (row && !event.target.closest("a")) this.chosen(this.row(row.dataset.id), true); });
    this.body.addEventListener("keydown", (event) => this.key(event));
  }

  set(rows) { this.rows = rows; this.refresh(); }
  row(id) { return this.rows.find((row) => String(row.id) === id); }
  page(by) { this.first = Math.max(0, Math.min(this.first + by, Math.floor((this.found.length - 1) / PAGE) * PAGE)); this.draw(); }

  /** What answers the filter, in order. */
  refresh() {
    const wanted = this.panel.querySelector(".filter").value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    const column = this.columns.find((each) => each.key === this.sort) ?? this.columns[0];
    const by = column.by ?? ((row) => row[column.key]);
    this.found = this.rows.filter((row) => this.keep(row) && wanted.every((word) => row.words.includes(word)));
    this.found.sort((a, b) => {
      const one = by(a), other = by(b);
      const sign = typeof one === "number" && typeof other === "number" ? one - other : ORDER.compare(String(one ?? ""), String(other ?? ""));
      return this.down ? -sign : sign;
    });
    if (this.first >= this.found.length) this.first = 0;
    this.draw();
  }

  draw() {
    const focused = this.body.contains(document.activeElement) ? document.activeElement.dataset.id : null;
    for (const cell of this.panel.querySelectorAll("thead th")) {
      if (cell.dataset.key === this.sort) cell.ariaSort = this.down ? "descending" : "ascending"; else cell.removeAttribute("aria-sort");
    }
    const page = this.found.slice(this.first, this.first + PAGE);
    this.body.replaceChildren(...page.map((row, place) => this.line(row, place)));
    if (focused) this.body.querySelector(`[data-id="${CSS.escape(focused)}"]`)?.focus();
    const last = this.first + page.length, many = this.found.length > PAGE;
    this.panel.querySelector(".rows").textContent = page.length ? fill(this.words.rows, { first: this.first + 1, last, count: this.found.length }) : "";
    for (const [name, off] of [[".before", !this.first], [".after", last >= this.found.length]]) { const button = this.panel.querySelector(name); button.disabled = off; button.hidden = !many; }
    const none = this.panel.querySelector(".empty");
    none.hidden = page.length > 0;
    none.textContent = this.rows.length ? this.words.none : this.words.empty;
  }

  line(row, place) {
    const line = document.createElement("tr");
    line.dataset.id = row.id;
    line.tabIndex = String(row.id) === String(this.selected) || (place === 0 && !this.found.some((each) => String(each.id) === String(this.selected))) ? 0 : -1;
    line.ariaSelected = String(String(row.id) === String(this.selected));
    this.columns.forEach((column, i) => {
      const cell = document.createElement(i ? "td" : "th");
      if (!i) cell.scope = "row";
      if (column.number) cell.className = "number";
      cell.append(column.show ? column.show(row) : row[column.key] ?? "");
      line.append(cell);
    });
    return line;
  }

  /** Mark a row, on its page; the focus stays where it is unless it is wanted here. */
  select(id, focus = false) {
    this.selected = id;
    const place = this.found.findIndex((row) => String(row.id) === String(id));
    if (place >= 0) this.first = Math.floor(place / PAGE) * PAGE;
    this.draw();
    const line = this.body.querySelector('[aria-selected="true"]');
    line?.scrollIntoView({ block: "nearest" });
    if (focus) line?.focus();
  }

  key(event) {
    const line = event.target.closest("tr");
    if (!line || event.ctrlKey || event.altKey || event.metaKey) return;
    const here = this.found.findIndex((row) => String(row.id) === line.dataset.id);
    const to = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: this.found.length - 1, PageDown: here + 10, PageUp: here - 10 }[event.key];
    if (to !== undefined) {
      const row = this.found[Math.max(0, Math.min(to, this.found.length - 1))];
      event.preventDefault();
      this.select(row.id, true);
      this.chosen(row, false);
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.chosen(this.found[here], true);
    }
  }
}

/** A sentence with its braces filled. */
export const fill = (sentence, given) => sentence.replace(/\{(\w+)\}/g, (_, name) => given[name] ?? "");
