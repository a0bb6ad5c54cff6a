// Segments in the browser: offers only the comparisons that fit what is asked, and the codes that it knows.
// Without this file everything is offered, and the reader of the text says what does not go together.
"use strict";

(() => {
  const hows = (what) => document.querySelector(`[data-answers="${CSS.escape(what)}"]`)?.dataset.hows.split(" ");

  const fit = (row) => {
    const [what, how, value] = ["what", "how", "value"].map((name) => row.querySelector(`[name=who_${name}]`));
    const known = hows(what.value);
    for (const option of how.options) option.hidden = option.disabled = Boolean(known) && !known.includes(option.value);
    if (how.selectedOptions[0]?.disabled) how.value = [...how.options].find((option) => !option.disabled)?.value ?? "";
    value.hidden = how.value === "exists" || how.value === "missing";
    const codes = document.getElementById(`codes-${what.value}`);
    if (codes) value.setAttribute("list", codes.id);
    else value.removeAttribute("list");
  };

  const fitAll = (root) => root.querySelectorAll("[data-row=who]").forEach(fit);

  document.addEventListener("change", (event) => {
    const row = event.target.closest?.("[data-row=who]");
    if (row) fit(row);
  });
  document.addEventListener("htmx:afterSettle", () => fitAll(document));
  document.addEventListener("htmx:oobAfterSwap", () => fitAll(document));
  document.addEventListener("DOMContentLoaded", () => fitAll(document));
})();
