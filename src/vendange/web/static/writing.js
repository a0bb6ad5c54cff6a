// Writing an agreement in the browser: keeps form and text in step while somebody types, and lets them drag thresholds.
// Without this file every act is a plain form; with it nothing else is possible, only sooner.
"use strict";

(() => {
  const form = document.getElementById("writing");
  const plot = () => document.querySelector("[data-grid]");
  const text = document.getElementById("text");

  // ── the grid: counts, lines and dots follow a threshold while it moves ──────────────────────────────────────────

  const sides = { fit: ["A", "B", "C"], engagement: ["1", "2", "3"] };
  const figures = new Intl.NumberFormat(document.documentElement.lang);

  const thresholds = (svg) =>
    Object.fromEntries(
      Object.keys(sides).map((side) => [
        side,
        [...svg.querySelectorAll(`[role=slider][data-side=${side}]`)].map((line) => Number(line.getAttribute("aria-valuenow"))),
      ]),
    );

  const cellAt = (fit, engagement, at) => {
    const row = at.fit.filter((least) => fit < least).length;
    const column = at.engagement.filter((least) => engagement < least).length;
    return "ABCD"[row] + "1234"[column];
  };

  const calling = (svg) => new Set([...svg.querySelectorAll(".cell.al")].map((cell) => cell.dataset.cell));

  const counted = (svg, at) => {
    const people = {};
    const called = {};
    for (const spot of svg.dataset.spots.split(";").filter(Boolean)) {
      const [fit, engagement, count, before] = spot.split(",").map(Number);
      const cell = cellAt(fit, engagement, at);
      people[cell] = (people[cell] || 0) + count;
      called[cell] = (called[cell] || 0) + before;
    }
    return { people, called };
  };

  const lay = (svg, at) => {
    const columns = [100, ...at.engagement, 0];
    const rows = [100, ...at.fit, 0];
    for (const cell of svg.querySelectorAll("[data-cell], [data-words]")) {
      const code = cell.dataset.cell || cell.dataset.words;
      const row = "ABCD".indexOf(code[0]);
      const column = Number(code[1]) - 1;
      const width = columns[column] - columns[column + 1];
      const height = rows[row] - rows[row + 1];
      cell.setAttribute("x", `${columns[column + 1]}%`);
      cell.setAttribute("y", `${100 - rows[row]}%`);
      if (cell.dataset.cell) {
        cell.setAttribute("width", `${width}%`);
        cell.setAttribute("height", `${height}%`);
      }
      const shows = height < 5.5 || width < 3.5 ? "none" : width < 10.5 ? "code" : "all";
      cell.classList.remove("none", "code", "all");
      cell.classList.toggle("slim", shows === "all" && width < 19);
      cell.classList.add(shows);
    }
  };

  const sum = (counts, cells) => [...cells].reduce((total, cell) => total + (counts[cell] || 0), 0);

  const tell = (svg, at) => {
    const { people, called } = counted(svg, at);
    const calls = calling(svg);
    for (const words of svg.querySelectorAll("[data-words]")) {
      words.querySelector(".count").textContent = figures.format(people[words.dataset.words] || 0);
    }
    for (const figure of document.querySelectorAll("[data-figure]")) {
      figure.querySelector("b").textContent = figures.format(people[figure.dataset.figure] || 0);
    }
    const inside = sum(people, calls);
    const gained = inside - sum(called, calls);
    const lost = Object.keys(called).reduce((total, cell) => total + (calls.has(cell) ? 0 : called[cell]), 0);
    const line = document.querySelector("[data-sum]");
    line.textContent = line.dataset.text
      .replace("CALLING", figures.format(inside)).replace("GAINED", figures.format(gained)).replace("LOST", figures.format(lost));
    return inside;
  };

  const dots = (svg) => {
    const found = [];
    for (const kind of ["cold", "both", "gain", "lost"]) {
      const path = svg.querySelector(`.dots .${kind}`).getAttribute("d");
      for (const dot of path.split("h0").filter(Boolean)) {
        const [x, y] = dot.slice(1).split(" ").map(Number);
        found.push({ x, y, called: kind === "both" || kind === "lost" });
      }
    }
    return found;
  };

  const colour = (svg, all, at) => {
    const paths = { cold: "", both: "", gain: "", lost: "" };
    const calls = calling(svg);
    for (const dot of all) {
      const kind = calls.has(cellAt((1000 - dot.y) / 10, dot.x / 10, at)) ? (dot.called ? "both" : "gain") : dot.called ? "lost" : "cold";
      paths[kind] += `M${dot.x} ${dot.y}h0`;
    }
    for (const [kind, path] of Object.entries(paths)) svg.querySelector(`.dots .${kind}`).setAttribute("d", path);
    svg.querySelector(".dots .hole")?.setAttribute("d", paths.lost);
  };

  const neighbours = (svg, line) => {
    const lines = [...svg.querySelectorAll(`[role=slider][data-side=${line.dataset.side}]`)];
    const place = lines.indexOf(line);
    const value = (one, otherwise) => (one ? Number(one.getAttribute("aria-valuenow")) : otherwise);
    return { least: Math.floor(value(lines[place + 1], 0)) + 1, most: Math.ceil(value(lines[place - 1], 101)) - 1 };
  };

  const move = (line, value, all) => {
    const svg = plot();
    const { least, most } = neighbours(svg, line);
    const now = Math.min(most, Math.max(least, value));
    line.setAttribute("aria-valuenow", now);
    line.setAttribute(line.dataset.side === "fit" ? "y" : "x", `${line.dataset.side === "fit" ? 100 - now : now}%`);
    line.querySelector(".now").textContent = now;
    line.classList.toggle("moved", String(now) !== line.dataset.was);
    for (const other of svg.querySelectorAll("[role=slider]")) {
      const bounds = neighbours(svg, other);
      other.setAttribute("aria-valuemin", bounds.least);
      other.setAttribute("aria-valuemax", bounds.most);
    }
    const at = thresholds(svg);
    lay(svg, at);
    const inside = tell(svg, at);
    colour(svg, all, at);
    line.setAttribute("aria-valuetext", line.dataset.text.replace("POINTS", now).replace("CALLING", figures.format(inside)));
    const field = fieldOf(line);
    if (field) field.value = now;
  };

  const fieldOf = (line) => form?.querySelector(`#guided [name="${CSS.escape(line.dataset.path)}"]`);

  let dragged = false;
  const settle = () => form && later(0);

  document.addEventListener("pointerdown", (event) => {
    const line = event.target.closest?.("[data-grid] [role=slider]");
    if (!line || event.button > 0) return;
    event.preventDefault();
    line.focus({ preventScroll: true });
    line.setPointerCapture(event.pointerId);
    const svg = plot();
    const all = dots(svg);
    const before = line.getAttribute("aria-valuenow");
    const box = svg.getBoundingClientRect();
    dragged = true;
    const follow = (at) => {
      const share = line.dataset.side === "fit" ? (box.bottom - at.clientY) / box.height : (at.clientX - box.left) / box.width;
      move(line, Math.round(share * 100), all);
    };
    const stop = () => {
      dragged = false;
      line.removeEventListener("pointermove", follow);
      if (line.getAttribute("aria-valuenow") !== before) settle();
    };
    line.addEventListener("pointermove", follow);
    line.addEventListener("pointerup", stop, { once: true });
    line.addEventListener("pointercancel", stop, { once: true });
  });

  document.addEventListener("keydown", (event) => {
    const line = event.target.closest?.("[data-grid] [role=slider]");
    if (!line) return;
    const now = Number(line.getAttribute("aria-valuenow"));
    const { least, most } = neighbours(plot(), line);
    const to = {
      ArrowRight: Math.floor(now) + 1, ArrowUp: Math.floor(now) + 1, ArrowLeft: Math.ceil(now) - 1, ArrowDown: Math.ceil(now) - 1,
      PageUp: now + 5, PageDown: now - 5, Home: least, End: most,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    move(line, to, dots(plot()));
    if (form) later(500);
  });

  // ── form and text in step ───────────────────────────────────────────────────────────────────────────────────────

  if (!form) return;
  document.documentElement.classList.add("scripted");

  const carried = () => document.getElementById("carried");
  let waiting = 0;
  let sent = text.value;
  let typedSince = false;
  let leaving = false;
  let asked = "";

  const later = (wait) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      if (tooLong()) return;
      htmx.trigger(form, "sync");
    }, wait);
  };

  const tooLong = () => {
    const long = new Blob([text.value]).size > Number(form.dataset.most);
    text.setCustomValidity(long ? form.dataset.toolong : "");
    if (long) text.reportValidity();
    return long;
  };

  const number = () => {
    const wrong = new Set(carried().dataset.wrong.split(" "));
    const gutter = document.getElementById("gutter");
    const lines = text.value.split("\n").length;
    const kept = document.createDocumentFragment();
    for (let line = 1; line <= lines; line += 1) {
      const here = String(line);
      const mark = wrong.has(here) ? document.createElement("b") : document.createTextNode(`${here}\n`);
      if (wrong.has(here)) mark.textContent = `${here}\n`;
      kept.append(mark);
    }
    gutter.replaceChildren(kept);
    gutter.scrollTop = text.scrollTop;
  };

  text.addEventListener("scroll", () => { document.getElementById("gutter").scrollTop = text.scrollTop; });
  // Pasting many lines tells of each of them: they are numbered once, with the next picture.
  let drawn = 0;
  text.addEventListener("input", () => {
    typedSince = true;
    cancelAnimationFrame(drawn);
    drawn = requestAnimationFrame(number);
    later(600);
  });

  form.addEventListener("change", (event) => {
    // A field that is taken out of the page while it has the focus says that it changed, too.
    if (event.target.isConnected && event.target.closest("#guided") && !event.target.matches("[data-quiet]")) later(0);
  });
  form.addEventListener("input", (event) => { typedSince ||= !event.target.matches("[data-quiet]"); });

  // Enter in a field brings both in step; Ctrl+S saves.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("#guided input")) return;
    event.preventDefault();
    later(0);
  });
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s") return;
    event.preventDefault();
    form.querySelector("[data-save]").click();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.id !== "who") return;
    event.preventDefault();
    form.querySelector("[data-find-person]").click();
  });

  // ── what comes back ─────────────────────────────────────────────────────────────────────────────────────────────

  // What was typed while the server answered is newer than its answer.
  const fields = () => new Map([...form.querySelectorAll("#guided :is(input, select):not([data-quiet])")].map((one) => [one.id || one.name, one]));
  const values = () => new Map([...fields()].map(([name, one]) => [name, one.type === "checkbox" ? one.checked : one.value]));
  const since = () => [...values()].filter(([name, value]) => sentFields.has(name) && sentFields.get(name) !== value);
  let sentFields = new Map();
  let newer = [];

  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.elt !== form) return;
    clearTimeout(waiting);
    sent = text.value;
    sentFields = values();
    typedSince = false;
    // htmx takes the button that had the focus last for the one pressed: only a submit by a button is an act.
    asked = event.detail.triggeringEvent?.submitter?.value ?? "";
    event.detail.parameters.set("act", asked);
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    if ([409, 422].includes(event.detail.xhr.status)) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
    newer = since();
    if (!asked && (dragged || newer.length || text.value !== sent)) {
      event.detail.shouldSwap = false;
      later(400);
      return;
    }
    scrolled = panes().map((pane) => [pane, pane.scrollTop]);
    opened = document.querySelector(".figures")?.open ?? opened;
    held = document.activeElement?.closest?.("[role=slider]")?.dataset.path ?? null;
  });

  // The form is another one after a swap, and browsers keep in view what followed it: everything stays where it was.
  const panes = () => [document.scrollingElement, document.querySelector(".writing .main"), document.querySelector(".guide .scroll")].filter(Boolean);
  let scrolled = [];
  let opened = false;
  let held = null;
  // At once, before anything else can be sent: form and text must not be of two ages.
  document.addEventListener("htmx:afterSwap", () => {
    const fresh = document.getElementById("fresh");
    if (!fresh) return;
    for (const [pane, top] of scrolled) pane.scrollTop = top;
    take(fresh);
    for (const [name, value] of newer) {
      const field = fields().get(name);
      if (field) field[field.type === "checkbox" ? "checked" : "value"] = value;
    }
    if (newer.length) later(0);
    newer = [];
    number();
    const table = document.querySelector(".figures");
    if (table) table.open = opened;
    if (held) document.querySelector(`[role=slider][data-path="${CSS.escape(held)}"]`)?.focus({ preventScroll: true });
    if (asked.startsWith("test") || asked === "preview" || asked === "find") reveal();
    asked = "";
  });

  const reveal = () => {
    const result = document.querySelector("#try [data-result]") || document.querySelector("#try .found button");
    result?.focus({ preventScroll: true });
    document.getElementById("try").scrollIntoView({ block: "nearest" });
  };

  const take = (fresh) => {
    const changed = fresh.value !== text.value;
    if (changed && text.value === sent) {
      const top = text.scrollTop;
      const first = firstDifference(text.value, fresh.value);
      text.value = fresh.value;
      text.scrollTop = top;
      show(first);
    }
    fresh.remove();
    const added = carried().dataset.added;
    if (added) comeTo(added);
    if (text.value !== sent && !changed) later(600);
    sent = text.value;
  };

  // What is new, or what follows on what was taken out: the next entry, else the button that adds one.
  const comeTo = (path) => {
    const row = document.querySelector(`[data-row="${CSS.escape(path)}"]`);
    const list = path.replace(/\[\d+\]$/, "");
    const place = row?.querySelector("input, select, button") || form.querySelector(`[value="${CSS.escape(`add ${list}`)}"]`);
    (row || place)?.scrollIntoView({ block: "nearest" });
    place?.focus({ preventScroll: true });
  };

  const firstDifference = (one, other) => {
    let place = 0;
    while (place < one.length && one[place] === other[place]) place += 1;
    return other.slice(0, place).split("\n").length;
  };

  // Brings a line into view without taking the focus from where somebody works.
  const show = (line) => {
    const height = parseFloat(getComputedStyle(text).lineHeight);
    const top = (line - 1) * height;
    if (top < text.scrollTop || top > text.scrollTop + text.clientHeight - 2 * height) {
      text.scrollTop = Math.max(0, top - text.clientHeight / 3);
    }
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-line]");
    if (!button) return;
    const line = Number(button.dataset.line);
    const lines = text.value.split("\n");
    const start = lines.slice(0, line - 1).reduce((total, one) => total + one.length + 1, 0);
    text.focus();
    text.setSelectionRange(start, start + (lines[line - 1] || "").length);
    show(line);
  });

  // Leaving with something unsaved asks first; saving does not.
  form.addEventListener("submit", (event) => { leaving = /^(save|mine)\b/.test(event.submitter?.value ?? ""); });
  document.addEventListener("htmx:afterRequest", () => { setTimeout(() => { leaving = false; }, 1500); });
  addEventListener("beforeunload", (event) => {
    if (!leaving && (typedSince || carried().dataset.unsaved)) event.preventDefault();
  });

  number();
})();
