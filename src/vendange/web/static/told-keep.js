// What is told stays on this device until the server has it: kept under a message id made here, sent once, then wiped.
"use strict";

const told = (() => {
  const PREFIX = "vendange-told:";
  const USER = "vendange-told-user";
  const CACHE = "vendange-tell-1";
  const AGAIN = [401, 403, 408, 425, 429]; // passing troubles of the session or of the server; its own, 5xx, too
  let sending = false;
  let again = false;

  function newId() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  // One entry for each message, so that two windows never overwrite each other.
  function all() {
    const found = [];
    for (let place = 0; place < localStorage.length; place += 1) {
      const key = localStorage.key(place);
      if (!key.startsWith(PREFIX)) continue;
      try {
        found.push(JSON.parse(localStorage.getItem(key)));
      } catch {
        localStorage.removeItem(key);
      }
    }
    return found.sort((one, other) => one.at.localeCompare(other.at));
  }

  const put = (message) => localStorage.setItem(PREFIX + message.id, JSON.stringify(message));
  const drop = (id) => localStorage.removeItem(PREFIX + id);
  const get = (id) => JSON.parse(localStorage.getItem(PREFIX + id) || "null");
  const owner = () => localStorage.getItem(USER) || "";
  const setOwner = (user) => localStorage.setItem(USER, user);

  // Who is signed in now, and with which token; "out": nobody is; "none": no network.
  async function signedIn() {
    if (!navigator.onLine) return { state: "none" };
    try {
      const answer = await fetch("/tell/who", { redirect: "manual", cache: "no-store", headers: { Accept: "application/json" } });
      if (answer.type === "opaqueredirect") return { state: "out" };
      return answer.ok ? { state: "in", ...(await answer.json()) } : { state: "failed" };
    } catch {
      return { state: "none" };
    }
  }

  async function post(address, fields, token) {
    const answer = await fetch(address, {
      method: "POST",
      body: new URLSearchParams(fields),
      redirect: "manual",
      headers: { Accept: "application/json", "X-CSRFToken": token },
    });
    const isJson = (answer.headers.get("Content-Type") || "").startsWith("application/json");
    return { status: answer.status, out: answer.type === "opaqueredirect", body: isJson ? await answer.json() : null };
  }

  // Sends one; "" when the next one may follow, else what stands in the way of all: "out", or "another" has signed in.
  async function send(message, who, heard) {
    const fields = { ...message.fields, once: message.id, user: message.user, told_at: message.at };
    const { status, out, body } = await post("/tell/keep", fields, who.token);
    if (out) return "out";
    if (body?.not_yours) return "another";
    if (!get(message.id)) return ""; // removed meanwhile
    if (status === 200 && body?.kept) {
      drop(message.id);
      heard("kept", message, body);
    } else if (status === 200 && body?.ask) {
      put({ ...message, state: "asked", ask: body.ask });
      heard("asked", message, body);
    } else if (status === 200 && body?.wrong) {
      put({ ...message, state: "wrong", wrong: body.wrong });
      heard("wrong", message, body);
    } else if (AGAIN.includes(status) || status >= 500 || status < 400) {
      put({ ...message, failed: String(status) });
      heard("failed", message, body);
    } else {
      put({ ...message, state: "wrong", refused: String(status) });
      heard("wrong", message, body);
    }
    return "";
  }

  // Sends what waits of who is signed in, oldest first; says what stands in the way. One at a time: what is kept while
  // another is under way follows it.
  async function flush(heard = () => {}) {
    again = true;
    if (sending) return "busy";
    sending = true;
    let found = "none";
    try {
      while (again) {
        again = false;
        found = await flushOnce(heard);
      }
    } catch {
      found = "none";
    } finally {
      sending = false;
    }
    return found;
  }

  async function flushOnce(heard) {
    const who = await signedIn();
    if (who.state !== "in") return who.state;
    setOwner(who.user);
    for (const message of all()) {
      if (message.user !== who.user || message.state !== "waiting") continue;
      const stops = await send(message, who, heard);
      if (stops) return stops === "out" ? "out" : "in";
    }
    return "in";
  }

  async function undo(id) {
    const who = await signedIn();
    if (who.state !== "in") return null;
    try {
      return (await post("/tell/undo", { once: id }, who.token)).body;
    } catch {
      return null;
    }
  }

  // Keeps the form of this address for when there is no network, with its style; a page of the sign-in is never kept.
  async function keepPage() {
    if (!("serviceWorker" in navigator) || !("caches" in window)) return;
    await navigator.serviceWorker.register("/tell/worker.js", { scope: "/tell/" });
    const cache = await caches.open(CACHE);
    const mine = location.pathname.replace(/shell$/, "");
    const shells = new Set(["/tell/shell", `${mine}shell`]);
    const styles = [...document.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src]")].map((one) => one.href || one.src);
    for (const address of shells) {
      const answer = await fetch(address, { redirect: "manual" });
      if (!answer.ok) continue;
      await cache.put(address, answer.clone());
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const one of page.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src]")) {
        styles.push(new URL(one.getAttribute("href") || one.getAttribute("src"), location.origin).href);
      }
    }
    if (document.fonts.size) styles.push(new URL("/font/inter.woff2", location.origin).href);
    const wanted = new Set(styles);
    for (const known of await cache.keys()) {
      if (new URL(known.url).pathname.startsWith("/static/") && !wanted.has(known.url)) await cache.delete(known);
    }
    await Promise.all([...wanted].map(async (one) => (await cache.match(one)) || cache.add(one).catch(() => null)));
    document.documentElement.dataset.kept = "yes";
  }

  return { newId, all, put, drop, get, owner, setOwner, flush, undo, keepPage };
})();
