// Bringing a file in the browser: drops, the progress of what is sent, reading again when a choice says so.
// Without this file every act is a plain form.
"use strict";

(() => {
  // ── sending ─────────────────────────────────────────────────────────────────────────────────────────────────────

  const forms = () => document.querySelectorAll("[data-bring]");

  const named = (form) => {
    const drop = form.querySelector(".drop");
    const told = drop.querySelector("[data-name]");
    const file = form.elements.file.files[0];
    told.textContent = file ? file.name : told.dataset.name;
    drop.classList.toggle("chosen", Boolean(file));
  };

  const send = (form) => {
    const sending = form.querySelector(".sending");
    const broken = form.querySelector("[data-broken]");
    const bar = sending.querySelector("progress");
    const told = sending.querySelector("[data-sending]");
    const share = sending.querySelector("[data-share]");
    const button = form.querySelector("[type=submit]");
    const request = new XMLHttpRequest();
    const over = (failed) => {
      sending.hidden = true;
      button.disabled = false;
      broken.hidden = !failed;
    };
    sending.hidden = false;
    broken.hidden = true;
    button.disabled = true;
    bar.value = 0;
    told.textContent = told.dataset.sending;
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      const percent = Math.floor((100 * event.loaded) / event.total);
      bar.value = percent;
      share.textContent = `${percent} %`;
      if (event.loaded === event.total) {
        bar.removeAttribute("value");
        told.textContent = told.dataset.reading;
        share.textContent = "";
      }
    });
    request.addEventListener("load", () => {
      if (request.status < 300) {
        location.assign(request.responseURL);
        return;
      }
      const page = new DOMParser().parseFromString(request.responseText, "text/html");
      const fresh = page.getElementById("the-bring");
      if (!fresh) {
        over(true);
        return;
      }
      // The file stays chosen: somebody may have mended and saved it under the same name meanwhile.
      const files = form.elements.file.files;
      document.getElementById("the-bring").replaceWith(fresh);
      const again = fresh.querySelector("[data-bring]");
      again.elements.file.files = files;
      named(again);
      again.elements.file.focus();
    });
    request.addEventListener("error", () => over(true));
    request.addEventListener("abort", () => over(false));
    sending.querySelector("[data-halt]").onclick = () => request.abort();
    request.open("POST", form.action);
    request.send(new FormData(form));
  };

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-bring]")) return;
    event.preventDefault();
    send(event.target);
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-bring] [type=file]")) named(event.target.form);
  });
  for (const way of ["dragenter", "dragover", "dragleave", "drop"]) {
    document.addEventListener(way, (event) => {
      const drop = event.target.closest?.(".drop");
      if (drop) drop.classList.toggle("over", way === "dragenter" || way === "dragover");
      // A file that misses the field must not be opened by the browser, away from this page.
      else if (forms().length && (way === "dragover" || way === "drop")) event.preventDefault();
    });
  }
  for (const form of forms()) named(form); // back in history keeps the chosen file

  // ── the map ─────────────────────────────────────────────────────────────────────────────────────────────────────

  const map = document.getElementById("the-map");
  if (!map) return;

  // Another encoding, separator or sheet: the file is read again, with all that was said of it.
  map.addEventListener("change", (event) => {
    if (!event.target.matches("[data-again]")) return;
    event.stopPropagation();
    map.requestSubmit(map.querySelector("[data-read]"));
  }, true);

  // A colleague was faster (409): that is told on the page, beside what was typed.
  map.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status === 409) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });

  // The state of the page is what was sent: back in history shows what the server keeps.
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
})();
