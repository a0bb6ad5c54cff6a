// The list of people: ticks a whole page at once, and the button for those ticked waits until somebody is.
// Without this file each is ticked alone.
"use strict";

(() => {
  const form = () => document.getElementById("picking");
  const boxes = () => [...form().elements].filter((one) => one.name === "one");

  const follow = () => {
    if (!form()) return;
    const all = document.querySelector(".pick-all");
    const ticked = boxes().filter((one) => one.checked).length;
    all.hidden = false;
    all.checked = ticked > 0 && ticked === boxes().length;
    all.indeterminate = ticked > 0 && !all.checked;
    form().querySelector("button").disabled = ticked === 0;
  };

  document.addEventListener("change", (event) => {
    if (!form() || event.target.form !== form()) return;
    if (event.target.matches(".pick-all")) for (const one of boxes()) one.checked = event.target.checked;
    follow();
  });
  document.addEventListener("DOMContentLoaded", follow);
  window.addEventListener("pageshow", follow);
  document.addEventListener("htmx:afterSettle", follow);
})();
