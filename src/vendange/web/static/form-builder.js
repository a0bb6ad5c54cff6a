// Building a form in the browser: saves the draft while somebody types, and lets them drag questions into order.
// Without this file every act is a plain form; with it nothing else is possible, only sooner.
"use strict";

(() => {
  const form = document.getElementById("the-builder");
  if (!form) return;
  document.documentElement.classList.add("scripted");

  const fields = () => new Map([...form.elements].filter((one) => one.id && one.name && one.type !== "hidden").map((one) => [one.id, one]));
  const valueOf = (one) => (["checkbox", "radio"].includes(one.type) ? one.checked : one.value);
  const values = () => new Map([...fields()].map(([id, one]) => [id, valueOf(one)]));

  let waiting = 0;
  let dirty = false;
  let leaving = false;
  let asked = "";
  let sent = new Map();
  let newer = [];
  let opened = new Set();
  let writing = null;

  const later = (wait) => {
    dirty = true;
    clearTimeout(waiting);
    waiting = setTimeout(() => htmx.trigger(form, "sync"), wait);
  };

  form.addEventListener("input", () => {
    // What was just done is history once somebody goes on.
    form.querySelector(".undo")?.remove();
    later(600);
  });
  form.addEventListener("change", (event) => {
    // Some choices change what else is asked: they are acts, and bring the whole form back.
    if (event.target.dataset.act) press(event.target.dataset.act);
    else if (event.target.isConnected) later(0);
  });
  const press = (act) => {
    const button = form.querySelector("[data-moved]");
    button.value = act;
    form.requestSubmit(button);
  };
  // What belongs to the form but stands in the preview.
  document.addEventListener("change", (event) => {
    if (event.target.form === form && !form.contains(event.target)) later(0);
  });

  // Enter in a field saves; it presses none of the buttons. Ctrl+S saves at once.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("input:not([type=submit])")) return;
    event.preventDefault();
    later(0);
  });
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s") return;
    event.preventDefault();
    later(0);
  });
  // Alt and an arrow move the question that one works in; whoever was writing writes on.
  form.addEventListener("keydown", (event) => {
    const row = event.target.closest("[data-question]");
    const way = { ArrowUp: "up", ArrowDown: "down" }[event.key];
    if (!row || !way || !event.altKey) return;
    event.preventDefault();
    writing = placeOf(event.target);
    form.querySelector(`#${way}-${CSS.escape(row.dataset.question)}`)?.click();
  });
  const placeOf = (one) => {
    const within = one.closest("details")?.id;
    const name = one.id ? `#${CSS.escape(one.id)}` : one.matches("summary") && within ? `#${CSS.escape(within)} > summary` : "";
    return name ? { name, start: one.selectionStart ?? null, end: one.selectionEnd, way: one.selectionDirection } : null;
  };
  const goOn = ({ name, start, end, way }) => {
    const one = form.querySelector(name);
    if (!one) return null;
    one.focus();
    if (start !== null) one.setSelectionRange(start, end, way);
    return one;
  };

  // ── what comes back ─────────────────────────────────────────────────────────────────────────────────────────────

  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.elt !== form) return;
    clearTimeout(waiting);
    sent = values();
    dirty = false;
    // htmx takes the button that had the focus last for the one pressed: only a submit by a button is an act.
    asked = event.detail.triggeringEvent?.submitter?.value ?? "";
    event.detail.parameters.set("act", asked);
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    if ([409, 422].includes(event.detail.xhr.status)) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
    if (writing) writing = placeOf(document.activeElement) ?? writing;  // the caret has gone on since
    newer = [...values()].filter(([id, value]) => sent.has(id) && sent.get(id) !== value);
    opened = new Set([...form.querySelectorAll("details[id][open]")].map((one) => one.id));
  });

  document.addEventListener("htmx:sendError", () => later(3000));

  // What was typed while the server answered is newer than its answer.
  document.addEventListener("htmx:afterSwap", () => {
    for (const [id, value] of newer) {
      const field = fields().get(id);
      if (field) field[typeof value === "boolean" ? "checked" : "value"] = value;
    }
    if (newer.length) later(300);
    newer = [];
    for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
    const focus = document.getElementById("the-built").dataset.focus;
    if (asked && focus) {
      const place = writing ? goOn(writing) : document.getElementById(focus);
      if (!writing) place?.focus();
      place?.closest("[data-question]")?.scrollIntoView({ block: "nearest" });
      writing = null;  // not before: what was saved in between comes back first
    }
    asked = "";
  });

  form.addEventListener("submit", (event) => { leaving = event.submitter?.value === "publish"; });
  addEventListener("beforeunload", (event) => {
    if (dirty && !leaving) event.preventDefault();
  });

  // ── dragging ────────────────────────────────────────────────────────────────────────────────────────────────────

  // Rows are only shifted while one is dragged; the order of the page changes when it is dropped.
  const begin = (row, start) => {
    const list = row.parentElement;
    const rows = [...list.children].map((one) => ({ one, box: one.getBoundingClientRect() }));
    const from = rows.findIndex(({ one }) => one === row);
    const pane = row.closest(".main");
    const scrolled = pane.scrollTop;
    const gap = rows.length > 1 ? rows[1].box.top - rows[0].box.bottom : 0;
    const step = rows[from].box.height + gap;
    let to = from;
    let at = start;

    const show = () => {
      const moved = at - start + pane.scrollTop - scrolled;
      row.style.transform = `translateY(${moved}px)`;
      const top = rows[from].box.top + moved;
      const bottom = rows[from].box.bottom + moved;
      // A row gives way once the edge that comes towards it has passed its middle, however tall either of them is.
      const passed = ({ box }, place) => {
        const middle = box.top + box.height / 2;
        return place < from ? top >= middle : place > from && bottom > middle;
      };
      to = rows.filter(passed).length;
      rows.forEach(({ one }, place) => {
        if (place === from) return;
        const shift = place > from && place <= to ? -step : place < from && place >= to ? step : 0;
        one.style.transform = shift ? `translateY(${shift}px)` : "";
      });
    };

    const near = setInterval(() => {
      const box = pane.getBoundingClientRect();
      if (at < box.top + 48) pane.scrollTop -= 10;
      else if (at > box.bottom - 48) pane.scrollTop += 10;
      else return;
      show();
    }, 16);

    const follow = (event) => { at = event.clientY; show(); };
    const end = (drop) => {
      clearInterval(near);
      document.removeEventListener("pointermove", follow);
      document.removeEventListener("pointerup", dropped);
      document.removeEventListener("pointercancel", cancelled);
      document.removeEventListener("keydown", escape, true);
      for (const { one } of rows) one.style.transform = "";
      list.classList.remove("sorting");
      row.classList.remove("dragged");
      if (!drop || to === from) return;
      const rest = rows.filter(({ one }) => one !== row).map(({ one }) => one);
      list.insertBefore(row, rest[to] ?? null);
      press(`moved ${row.dataset.question}`);
    };
    const dropped = () => end(true);
    const cancelled = () => end(false);
    const escape = (event) => { if (event.key === "Escape") end(false); };

    list.classList.add("sorting");
    row.classList.add("dragged");
    document.addEventListener("pointermove", follow);
    document.addEventListener("pointerup", dropped);
    document.addEventListener("pointercancel", cancelled);
    document.addEventListener("keydown", escape, true);
  };

  form.addEventListener("pointerdown", (event) => {
    const grip = event.target.closest("[data-grip]");
    if (!grip || event.button > 0) return;
    event.preventDefault();
    begin(grip.closest("[data-question]"), event.clientY);
  });
})();
