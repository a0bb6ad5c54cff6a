// Lays an agreement out on pages of A4: the largest type that two pages take, down to a legible one, then more pages.
// The type is tried out on the real text, so that nothing can run off a page. Without this file the text flows on.
const SIZES = ["short", "roomy", "usual", "dense", "tight"];
const MANY = "usual"; // the type of more than two pages: what needs three may be read with ease
const body = document.body;
const sheets = document.querySelector(".sheets");
const pages = () => [...sheets.querySelectorAll(".sheet")];
const flowOf = (sheet) => sheet.querySelector(".flow");

/** Columns that have no room stand to the right of the page. */
const spills = (sheet) => {
  const flow = flowOf(sheet);
  return flow.scrollWidth > flow.clientWidth + 1 || sheet.scrollHeight > sheet.clientHeight + 1;
};

const wear = (size) => {
  body.classList.remove(...SIZES);
  body.classList.add(size);
};

const fits = (size) => {
  wear(size);
  return size === "short" ? sheets.scrollHeight <= sheets.clientHeight + 1 : !pages().some(spills);
};

/** An empty page at the end, which takes the signatures along: they stand on the last one. */
const added = () => {
  const last = pages().at(-1);
  const sheet = last.cloneNode(false);
  sheet.classList.remove("full");
  const flow = flowOf(last).cloneNode(false);
  const foot = last.querySelector(".foot");
  sheet.append(last.querySelector(".head").cloneNode(true), flow, last.querySelector(".hands"), foot.cloneNode(true));
  last.after(sheet);
  return sheet;
};

const rowsOf = (part) => (part.matches("table") ? part.tBodies[0] : part.matches("ul") ? part : null);

/** What a section can be cut into below its title: rows of its lists and tables, and whole paragraphs. */
const piecesOf = (section) =>
  [...section.children].slice(1).reduce((sum, part) => sum + (rowsOf(part)?.childElementCount ?? 1), 0);

/** The same section at the start of the next page, under its title and a word; begun when it is not there yet. */
const continued = (section, flow) => {
  const first = flow.firstElementChild;
  if (first?.dataset.part === section.dataset.part) return first;
  const other = section.cloneNode(false);
  const title = section.firstElementChild.cloneNode(true);
  if (!section.dataset.continues) {
    const note = document.createElement("em");
    note.textContent = ` ${body.dataset.continued}`;
    title.append(note);
  }
  other.dataset.continues = "yes";
  other.append(title);
  flow.prepend(other);
  return other;
};

const headOf = (table) => (table.tHead ? [table.tHead.cloneNode(true)] : []);

/** The last row goes over, under a copy of the head of its table; a paragraph goes as it is. */
const moveLast = (section, other) => {
  const part = section.lastElementChild;
  const rows = rowsOf(part);
  if (!rows) return other.firstElementChild.after(part);
  let twin = other.children[1];
  if (twin?.dataset.list !== part.dataset.list) {
    twin = part.cloneNode(false);
    if (part.matches("table")) twin.append(...headOf(part), document.createElement("tbody"));
    other.firstElementChild.after(twin);
  }
  rowsOf(twin).prepend(rows.lastElementChild);
  if (!rows.childElementCount) part.remove();
  return undefined;
};

/** The end of a page goes to the start of the next one. False when what is left cannot be cut. */
const moveEnd = (flow, next) => {
  const section = flow.lastElementChild;
  if (piecesOf(section) > 2) {
    moveLast(section, continued(section, next));
    return true;
  }
  if (flow.childElementCount === 1) return false;
  const other = continued(section, next);
  while (section.childElementCount > 1) moveLast(section, other);
  if (!section.dataset.continues) {
    other.firstElementChild.replaceWith(section.firstElementChild);
    delete other.dataset.continues;
  }
  section.remove();
  return true;
};

const spread = () => {
  sheets.querySelectorAll("section").forEach((one, place) => { one.dataset.part = place; });
  sheets.querySelectorAll(":is(ul, table)").forEach((one, place) => { one.dataset.list = place; });
  for (let place = 0; place < pages().length; place += 1) {
    const sheet = pages()[place];
    if (!spills(sheet)) continue;
    sheet.classList.add("full");
    if (!spills(sheet)) continue;
    const next = pages()[place + 1] ?? added();
    while (spills(sheet) && moveEnd(flowOf(sheet), flowOf(next)));
  }
};

const lay = () => {
  document.documentElement.classList.add("measuring");
  if (!SIZES.some(fits)) {
    wear(MANY);
    spread();
  }
  const numbered = body.classList.contains("short") ? pages().slice(-1) : pages();
  numbered.forEach((sheet, place) => {
    sheet.querySelector("[data-page]").textContent = `${place + 1} / ${numbered.length}`;
  });
  document.documentElement.classList.remove("measuring");
  document.documentElement.classList.add("laid");
};

document.fonts.ready.then(lay);

// The print button is shown only where it can do something.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
