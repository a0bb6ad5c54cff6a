// The page on which something is told, and that of a booth. Without this script both still work with a network.
"use strict";

(() => {
  const form = document.querySelector("[data-tell]");
  const words = JSON.parse(document.getElementById("told-words")?.textContent || "null");
  if (!form || !words) return;
  const isBooth = "booth" in form.dataset;
  const box = document.querySelector("[data-waiting]");
  const list = box.querySelector("[data-list]");
  const needs = document.querySelector("[data-needs]"); // what is asked or wrong stands before everything else
  const just = new Map(); // what was kept in this window, with its minute
  let network = "in";
  let seek = false; // something new is asked or wrong: it is brought into sight

  if (form.dataset.user) told.setOwner(form.dataset.user);
  form.classList.add("alive");

  /* ── what waits, what was just kept ── */

  function make(tag, text = "", css = "") {
    const one = document.createElement(tag);
    if (text) one.textContent = text;
    if (css) one.className = css;
    return one;
  }

  function button(text, act, css = "btn sm") {
    const one = make("button", text, css);
    one.type = "button";
    one.addEventListener("click", act);
    return one;
  }

  function line(title, small, state) {
    const item = make("li", "", state);
    const middle = make("div");
    middle.append(make("b", title));
    if (small) middle.append(make("small", small));
    item.append(middle);
    return [item, middle];
  }

  // Why it cannot be kept, by field; a message that the server itself refuses tells its number.
  function reasons(message) {
    return message.refused ? { all: words.refused.replace("{status}", message.refused) } : message.wrong || {};
  }

  function waits(message) {
    if (network === "out") return words.signIn;
    return message.failed ? words.failed.replace("{status}", message.failed) : words.waiting;
  }

  function question() {
    return told.all().filter((one) => one.user === told.owner() && one.state === "asked").pop();
  }

  function waitingLine(message) {
    const state = { waiting: waits(message), asked: words.asked, wrong: words.wrong }[message.state];
    const wrong = message.state === "wrong" ? `: ${Object.values(reasons(message)).join(" ")}` : "";
    const [item, middle] = line(message.label, `${message.what} · ${state}${wrong}`, message.state);
    item.dataset.id = message.id;
    const acts = make("div", "", "acts");
    const byKey = isBooth && question()?.id === message.id; // the newest question, the first in the list
    const title = (number, text) => (byKey ? `Alt+${number} · ${text}` : text);
    if (message.state === "asked") {
      message.ask.forEach((one, place) => {
        const about = [one.job, one.company].filter(Boolean).join(", ");
        const pick = button(title(place + 1, one.name), () => answer(message.id, one.id), "btn sm pick");
        if (about) pick.append(make("small", about));
        acts.append(pick);
      });
      acts.append(button(title(0, words.nobody), () => answer(message.id, "new")));
    } else {
      if (message.state === "wrong") acts.append(button(words.change, () => change(message.id)));
      acts.append(button(words.remove, () => remove(message.id)));
    }
    middle.append(acts);
    return item;
  }

  function keptLine([id, kept]) {
    const [item] = line([kept.name, kept.company].filter(Boolean).join(", "), `${kept.what} · ${kept.undone || words.kept}`, "kept");
    const left = Math.ceil((kept.until - Date.now()) / 1000);
    if (!kept.undone && left > 0) item.append(button(words.undo, () => takeBack(id)));
    return item;
  }

  function show() {
    const mine = told.owner();
    const every = told.all();
    const ours = every.filter((one) => one.user === mine && one.state === "waiting");
    const amiss = every.filter((one) => one.user === mine && one.state !== "waiting");
    const others = every.length - ours.length - amiss.length;
    needs.querySelector("[data-list]").replaceChildren(...amiss.map(waitingLine).reverse());
    needs.hidden = !amiss.length;
    list.replaceChildren(...[...just].reverse().map(keptLine), ...ours.map(waitingLine).reverse());
    const failed = network === "failed" || (network === "in" && ours.some((one) => one.failed));
    box.hidden = !ours.length && !others && !just.size && network !== "none" && !failed && !(network === "out" && every.length);
    box.querySelector("[data-count]").textContent = ours.length ? words.counts[Math.min(ours.length, 30) - 1] : words.kept;
    box.querySelector("[data-count]").parentElement.hidden = !ours.length && !just.size;
    const about = box.querySelector("[data-others]");
    about.hidden = !others;
    about.textContent = others ? words.others[Math.min(others, 30) - 1] : "";
    box.querySelector("[data-sign-in]").hidden = network !== "out" || !every.length;
    box.querySelector("[data-no-network]").hidden = network !== "none";
    box.querySelector("[data-failed]").hidden = !failed;
  }

  async function flush() {
    const found = await told.flush(heard);
    if (found !== "busy") network = found;
    show();
    if (seek && !needs.hidden) needs.scrollIntoView({ block: "center", behavior: "instant" });
    seek = false;
  }

  function heard(outcome, message, body) {
    if (outcome === "kept") {
      just.set(message.id, { ...body, until: Date.now() + body.undo * 1000 });
      setTimeout(show, body.undo * 1000 + 50);
      const counted = document.querySelector("[data-today]");
      if (counted) counted.textContent = String(Number(counted.textContent.replace(/\D/g, "")) + 1);
    }
    show();
    if (outcome === "asked" || outcome === "wrong") seek = true;
  }

  function answer(id, person) {
    const message = told.get(id);
    if (!message) return show();
    told.put({ ...message, state: "waiting", fields: { ...message.fields, person } });
    show();
    focusFirst();
    return flush();
  }

  function remove(id) {
    told.drop(id);
    show();
    focusFirst();
  }

  function change(id) {
    const message = told.get(id);
    told.drop(id);
    fill(message.fields);
    if (!isBooth && message.fields.person && message.fields.person !== "new") choose({ id: message.fields.person, name: message.label });
    complain(reasons(message));
    show();
    focusFirst();
  }

  async function takeBack(id) {
    const found = await told.undo(id);
    const kept = just.get(id);
    if (found) just.set(id, { ...kept, undone: found.what, until: 0 });
    show();
  }

  /* ── the form ── */

  const field = (name) => form.querySelector(`[name=${name}]:not([type=radio])`);
  const picked = (name) => form.querySelector(`[name=${name}]:checked`);

  function complain(wrong) {
    for (const one of form.querySelectorAll("[data-wrong]")) {
      const text = wrong[one.dataset.wrong] || "";
      one.textContent = text;
      one.hidden = !text;
      if (text && one.closest("details")) one.closest("details").open = true;
    }
    form.querySelector("[data-wrong]:not([hidden])")?.scrollIntoView({ block: "center" });
  }

  function read() {
    const fields = Object.fromEntries([...new FormData(form)].filter(([, text]) => text !== ""));
    for (const ours of ["csrfmiddlewaretoken", "once", "user"]) delete fields[ours];
    if (fields.kind !== "booth_visited" && !isBooth) delete fields.show;
    if (fields.kind !== "social_post") ["link", "public"].forEach((name) => delete fields[name]);
    if (fields.when !== "day") delete fields.day;
    if (fields.person) ["name", "company", "email", "phone"].forEach((name) => delete fields[name]);
    return fields;
  }

  function fill(fields) {
    for (const [name, text] of Object.entries(fields)) {
      const radio = form.querySelector(`[type=radio][name=${name}][value="${CSS.escape(text)}"]`);
      if (radio) radio.checked = true;
      else if (field(name)) field(name).value = text;
    }
    newcomer();
  }

  function missing(fields) {
    if (isBooth) return fields.scan ? {} : { scan: words.scan };
    if (!fields.kind) return { kind: words.kind };
    return fields.person || fields.name || fields.email ? {} : { name: words.who };
  }

  function labelOf(fields) {
    if (fields.person && fields.person !== "new") return form.querySelector("[data-chosen-name]")?.textContent || "…";
    const scanned = (fields.scan || "").match(/(?:^|[\n:;])(?:FN|EMAIL|N)[^:]*:([^\n;]+)/i)?.[1] || fields.scan;
    return scanned || [fields.name || fields.email, fields.company].filter(Boolean).join(", ");
  }

  function whatOf() {
    return isBooth ? document.querySelector("h1").textContent : picked("kind").closest("label").textContent.trim();
  }

  async function keep() {
    const fields = read();
    const wrong = missing(fields);
    complain(wrong);
    if (Object.keys(wrong).length) return;
    if (!told.owner()) return complain({ all: words.first });
    const message = { id: told.newId(), user: told.owner(), at: new Date().toISOString(), state: "waiting", fields };
    try {
      told.put({ ...message, label: labelOf(fields), what: whatOf() });
    } catch {
      return complain({ all: words.full });
    }
    clear();
    show();
    focusFirst();
    await flush();
    const stays = told.get(message.id);
    if (stays?.state === "wrong" && !isBooth && !read().name && !read().person) change(message.id); // typed text stays
  }

  function clear() {
    form.reset();
    for (const one of form.querySelectorAll("input:not([type=hidden], [type=radio]), textarea")) one.value = "";
    for (const one of form.querySelectorAll("[type=radio]")) one.checked = one.defaultChecked && !["kind", "warmth", "public"].includes(one.name);
    if (!isBooth) unchoose();
    size();
  }

  function focusFirst() {
    if (isBooth) field("scan").focus();
  }

  form.addEventListener("submit", (event) => {
    if (form.querySelector(".alike")) return; // asked by the server in this very page
    event.preventDefault();
    keep();
  });

  /* ── who ── */

  const person = form.querySelector("[data-person]");
  const search = form.querySelector("[data-search]");
  const found = document.getElementById("tell-found");
  let asked = 0;
  let place = -1;

  function newcomer() {
    const more = form.querySelector("[data-newcomer]");
    if (more) more.hidden = !["name", "company", "email", "phone"].some((name) => field(name).value.trim());
  }

  function choose(one) {
    person.value = one.id;
    form.querySelector("[data-chosen-name]").textContent = [one.name, one.company].filter(Boolean).join(", ");
    form.querySelector("[data-chosen]").hidden = false;
    form.querySelector("[data-finder]").hidden = true;
    fold();
    form.querySelector("[data-choose-again]").focus();
  }

  function unchoose() {
    if (!person || !search) return;
    person.value = "";
    form.querySelector("[data-chosen]").hidden = true;
    form.querySelector("[data-finder]").hidden = false;
    newcomer();
    fold();
  }

  function fold() {
    found.hidden = true;
    found.replaceChildren();
    search.setAttribute("aria-expanded", "false");
    search.removeAttribute("aria-activedescendant");
    place = -1;
  }

  function option(title, small, act) {
    const one = make("li", "", "option");
    one.setAttribute("role", "option");
    one.id = `tell-found-${found.children.length}`;
    one.append(make("b", title));
    if (small) one.append(make("small", small));
    one.addEventListener("mousedown", (event) => event.preventDefault());
    one.addEventListener("click", act);
    found.append(one);
  }

  async function look() {
    const q = search.value.trim();
    newcomer();
    asked += 1;
    const mine = asked;
    if (q.length < 2) return fold();
    try {
      const answer = await fetch(`${search.dataset.search}?q=${encodeURIComponent(q)}`, { redirect: "manual", headers: { Accept: "application/json" } });
      if (!answer.ok || mine !== asked) return;
      offer(await answer.json());
    } catch {
      fold();
    }
  }

  function offer({ people, companies }) {
    fold();
    for (const one of people) option(one.name, [one.job, one.company].filter(Boolean).join(", "), () => choose(one));
    for (const name of companies) {
      option(words.company.replace("{name}", name), "", () => {
        search.value = "";
        field("company").value = name;
        fold();
        newcomer();
        search.focus();
      });
    }
    found.hidden = !found.children.length;
    search.setAttribute("aria-expanded", String(!found.hidden));
    form.querySelector("[data-found]").textContent = words.found.replace("{n}", String(found.children.length));
  }

  function step(by) {
    const options = [...found.children];
    if (!options.length) return;
    place = (place + by + options.length) % options.length;
    options.forEach((one, at) => one.setAttribute("aria-selected", String(at === place)));
    search.setAttribute("aria-activedescendant", options[place].id);
    options[place].scrollIntoView({ block: "nearest" });
  }

  if (search) {
    search.setAttribute("role", "combobox");
    search.setAttribute("aria-controls", found.id);
    search.setAttribute("aria-autocomplete", "list");
    search.setAttribute("aria-expanded", "false");
    let later = 0;
    search.addEventListener("input", () => {
      clearTimeout(later);
      newcomer();
      later = setTimeout(look, 150);
    });
    search.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        step(event.key === "ArrowDown" ? 1 : -1);
      } else if (event.key === "Enter") {
        event.preventDefault();
        if (place >= 0) found.children[place].click();
        else if (!found.hidden) step(1);
      } else if (event.key === "Escape") {
        fold();
      }
    });
    form.querySelector("[data-choose-again]").addEventListener("click", () => {
      unchoose();
      search.focus();
    });
    newcomer();
  }

  /* ── a post has a day of its own ── */

  form.addEventListener("change", (event) => {
    if (event.target.name !== "kind" || isBooth) return;
    const day = form.querySelector("[name=when][value=day]");
    if (event.target.value === "social_post") {
      day.checked = true;
      if (!field("day").value) field("day").value = field("day").max;
    }
  });

  /* ── the booth: a scanner types and presses Enter; a vCard holds lines of its own ── */

  function size() {
    const scan = isBooth && field("scan");
    if (scan) scan.rows = Math.min(scan.value.split("\n").length, 6);
  }

  if (isBooth) {
    const scan = field("scan");
    scan.addEventListener("input", size);
    scan.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey) return;
      if (/^\s*BEGIN:VCARD/i.test(scan.value) && !/END:VCARD/i.test(scan.value)) return;
      event.preventDefault();
      keep();
    });
    // A number answers only with Alt: a scanner types numbers, and what it types belongs into its field.
    document.addEventListener("keydown", (event) => {
      const number = /^Digit(\d)$/.exec(event.code)?.[1];
      if (event.altKey && !event.ctrlKey && !event.metaKey && number) {
        const asks = question();
        const wanted = number === "0" ? "new" : asks?.ask[Number(number) - 1]?.id;
        if (!asks || !wanted) return;
        event.preventDefault();
        answer(asks.id, wanted);
      } else if (/^\S$/.test(event.key) && !event.altKey && !event.ctrlKey && !event.metaKey && ![scan, field("said")].includes(event.target)) {
        scan.focus(); // the sign itself follows the focus
      }
    });
  }

  window.addEventListener("online", flush);
  window.addEventListener("offline", () => {
    network = "none";
    show();
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) flush();
  });
  setInterval(() => {
    if (told.all().some((one) => one.state === "waiting")) flush();
  }, 15_000);

  show();
  flush();
  if (navigator.onLine) told.keepPage().catch(() => null);
})();
