// The list of people: ticks a whole page at once, and the button for those ticked waits until somebody is.
// Without this file each is ticked alone, and nobody ticked means all that the list shows.
"use strict";

(() => {
  const boxes = (form) => [...form.querySelectorAll("[name=one]")];

  const follow = (form) => {
    const all = form.querySelector(".pick-all");
    const ticked = boxes(form).filter((one) => one.checked).length;
    all.hidden = false;
    all.checked = ticked > 0 && ticked === boxes(form).length;
    all.indeterminate = ticked > 0 && !all.checked;
    form.querySelector(".picked button").disabled = ticked === 0;
  };

  const start = () => document.querySelectorAll(".picking").forEach(follow);

  document.addEventListener("change", (event) => {
    const form = event.target.closest?.(".picking");
    if (!form) return;
    if (event.target.matches(".pick-all")) for (const one of boxes(form)) one.checked = event.target.checked;
    follow(form);
  });
  document.addEventListener("DOMContentLoaded", start);
  window.addEventListener("pageshow", start);
  document.addEventListener("htmx:afterSettle", start);
})();
