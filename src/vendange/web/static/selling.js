// My leads: the telephone opens, and behind it the page where the result of the call is kept.
"use strict";

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-call]");
  if (!link) return;
  setTimeout(() => { location.href = link.dataset.call; }, 400);
});
