// Ctrl K, or a stroke (/): find somebody from any page. Without this file the field leads to a page that does the same.
"use strict";

(() => {
  const palette = document.querySelector("[data-palette]");
  const door = document.querySelector("[data-find]");
  if (!palette || !door || !palette.showModal) return;
  const field = palette.querySelector("input");
  const list = palette.querySelector("[role=listbox]");
  const said = palette.querySelector("[role=status]");
  const broken = palette.querySelector(".broken");
  const PAUSE = 110; // milliseconds without a key before the server is asked
  let waiting = 0;
  let asked = null;
  let shown = null; // what the list answers

  const options = () => [...list.querySelectorAll("[role=option]")];
  const chosen = () => list.querySelector("[aria-selected=true]");

  const choose = (option) => {
    chosen()?.setAttribute("aria-selected", "false");
    if (!option) {
      field.removeAttribute("aria-activedescendant");
      return;
    }
    option.setAttribute("aria-selected", "true");
    field.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  };

  const step = (by) => {
    const all = options();
    if (!all.length) return;
    const at = all.indexOf(chosen());
    choose(all[at < 0 ? (by > 0 ? 0 : all.length - 1) : (at + by + all.length) % all.length]);
  };

  const ask = async () => {
    const text = field.value.trim();
    asked?.abort();
    const mine = (asked = new AbortController());
    try {
      const answer = await fetch(`${door.getAttribute("href")}?q=${encodeURIComponent(text)}`, {
        headers: { "HX-Request": "true" },
        signal: mine.signal,
      });
      const away = answer.headers.get("HX-Redirect");
      if (away) {
        window.location.assign(away); // signed out meanwhile
        return;
      }
      if (!answer.ok) throw new Error(`${answer.status}`);
      const html = await answer.text();
      if (mine !== asked) return;
      list.innerHTML = html;
      list.setAttribute("role", options().length ? "listbox" : "group"); // a listbox is never empty
      field.setAttribute("aria-expanded", `${options().length > 0}`);
      shown = text;
      broken.hidden = true;
      said.textContent = list.querySelector("[data-found]")?.textContent ?? "";
      choose(text ? options()[0] : null);
    } catch (fault) {
      if (fault.name === "AbortError") return;
      shown = null;
      broken.hidden = false;
    }
  };

  const open = () => {
    if (palette.open) {
      field.select();
      return;
    }
    palette.showModal();
    field.select();
    ask();
  };

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open();
    } else if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const at = event.target;
      if (palette.open || at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName)) return;
      if (document.querySelector("dialog[open]")) return;
      event.preventDefault();
      open();
    }
  });

  door.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });

  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, PAUSE);
  });

  field.addEventListener("keydown", async (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      step(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter") {
      event.preventDefault();
      const [apart, kept] = [event.ctrlKey || event.metaKey, chosen()];
      if (shown !== field.value.trim()) {
        clearTimeout(waiting); // typed faster than the answer: Enter means what is typed
        await ask();
      }
      const option = kept?.isConnected ? kept : chosen();
      if (!option) return;
      if (apart) window.open(option.href, "_blank", "noopener");
      else window.location.assign(option.href);
    }
  });

  list.addEventListener("pointermove", (event) => {
    const option = event.target.closest("[role=option]");
    if (option && option !== chosen()) choose(option);
  });

  palette.addEventListener("click", (event) => {
    if (event.target === palette || event.target.closest("[data-close]")) palette.close();
  });

  palette.addEventListener("close", () => {
    clearTimeout(waiting);
    asked?.abort();
    asked = null;
  });

  // The back button shows the page as it was before the palette.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted && palette.open) palette.close();
  });
})();
