// A passkey that cannot be used is told in words beside the form, not only in the browser's console.
"use strict";

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const box = document.getElementById("passkey-trouble");
  const lines = [...box.querySelectorAll("[data-why]")];
  const why = event.detail.exception.name;
  const told = lines.find((line) => line.dataset.why === why) || lines.find((line) => line.dataset.why === "");
  for (const line of lines) line.hidden = line !== told;
  box.hidden = false;
  const card = document.querySelector(".card .form, .card.form, .card");
  card.append(box);
});
