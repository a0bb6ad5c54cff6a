// The desk in the browser: keys, counts, and the place in the list. All of it works without this file, only slower.
"use strict";

const sheet = () => document.querySelector("[data-judgement]");
const isTyping = (target) => target.matches("textarea, select, input:not([type=radio], [type=checkbox])");

document.addEventListener("keydown", (event) => {
  const form = sheet();
  if (!form) return;
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    const save = form.querySelector("[data-save]");
    if (save) {
      event.preventDefault();
      save.click();
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const act = form.querySelector(`[data-press="${CSS.escape(event.key)}"]`);
  if (act) {
    event.preventDefault();
    act.click();
    return;
  }
  const outcome = form.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (outcome) {
    event.preventDefault();
    outcome.checked = true;
    outcome.focus();
  }
});

document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-judgement]");
  if (!form) return;
  if (event.target.name.startsWith("criterion-")) {
    for (const count of form.querySelectorAll("[data-count]")) {
      count.textContent = form.querySelectorAll(`[name^="criterion-"][value="${count.dataset.count}"]:checked`).length;
    }
  }
  if (event.target.name === "wake_in" && event.target.value === "day") form.querySelector("[name=wake_on]").focus();
});

// A refusal (409) or a form that lacks something (422) is a page to show, too.
document.addEventListener("htmx:beforeSwap", (event) => {
  if ([409, 422].includes(event.detail.xhr.status)) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
  const list = document.querySelector(".queue .scroll");
  if (list) kept = list.scrollTop;
});

let kept = 0;
document.addEventListener("htmx:afterSettle", () => {
  const list = document.querySelector(".queue .scroll");
  if (list) list.scrollTop = kept;
  const missing = document.querySelector("[data-judgement] [autofocus]");
  const opened = document.querySelector("[data-opened]");
  (missing || opened)?.focus({ preventScroll: !missing });
});
