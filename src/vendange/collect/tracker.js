// Vendange's own tracker. docs/tracker.md says how a site uses it; collect/tracker.py leaves out these comments.
//
// Two modes. `audience`: no identifier, nothing stored; the server counts pages, and nobody.
// `lead`: after vendange('consent', true), a first-party cookie names this browser; it is never prolonged.
(() => {
  const doc = document, tag = doc.currentScript, early = window.vendange;
  if (early?.on) return;
  const home = tag.src.replace(/[^/]*$/, '');
  const files = /\.(pdf|docx?|xlsx?|pptx?|od[tsp]|csv|rtf|epub|zip|7z|gz|dmg|exe|msi|mp[34]|dwg|dxf|stl|ste?p|igs)$/i;

  // The cookie: who this browser is, `out` when nothing may be sent, or none.
  let id = (doc.cookie.match(/(?:^|; )_vendange=([^;]+)/) || [])[1];
  const keep = (value, seconds) => {
    id = value;
    const safe = location.protocol == 'https:' ? '; Secure' : '';
    doc.cookie = `_vendange=${value}; Max-Age=${seconds}; Path=/; SameSite=Lax${safe}`;
  };
  const named = () => id && id != 'out';
  const random = () => crypto.getRandomValues(new Uint32Array(4)).join('-');

  const send = (door, more) => id == 'out' || navigator.sendBeacon(home + door, JSON.stringify({
    writeKey: tag.dataset.key,
    messageId: random(),
    anonymousId: id,
    context: {mode: id ? 'lead' : 'audience', automated: navigator.webdriver},
    ...more,
  }));
  const track = (event, more) => send('track', {event, properties: {path, ...more}});

  // Pages. A single-page application shows several in one document. Of queries only utm_… leaves the browser.
  let path, from = doc.referrer.split(/[?#]/)[0];
  const view = () => {
    left();
    if (path && path != location.pathname || from.split('/')[2] == location.host) from = '';
    path = location.pathname;
    const properties = {path, referrer: from};
    for (const [name, value] of new URLSearchParams(location.search))
      if (/^utm_/.test(name)) properties[name] = value;
    send('page', {properties});
    back();
  };
  const moved = () => setTimeout(() => path == location.pathname || view());
  for (const name of ['pushState', 'replaceState']) {
    const was = history[name];
    history[name] = function () {
      was.apply(this, arguments);
      moved();
    };
  }

  // Time for which the page could be seen, in seconds; half an hour at most, for those who went to lunch.
  let spent = 0, shown = 0;
  const back = () => {
    if (!shown && !doc.hidden) shown = performance.now();
  };
  const left = () => {
    if (shown) spent = Math.round((performance.now() - shown) / 1e3);
    if (spent) track('Time Spent', {value: Math.min(spent, 1800)});
    spent = shown = 0;
  };

  const clicked = (event) => {
    const link = event.button < 2 && event.composedPath().find((one) => one.tagName == 'A');
    if (!/^http/.test(link?.protocol)) return;
    const file = link.pathname;
    if (files.test(file) || link.hasAttribute('download'))
      track('Content Downloaded', {path: file, asset: file.split('/').pop()});
    else if (link.host != location.host) track('Link Followed', {asset: link.host + file});
  };

  // What pages call. A browser that asks for privacy by itself (GPC) is never named, whatever a banner says.
  const acts = {
    track,
    consent(yes, told) {
      if (yes && !navigator.globalPrivacyControl) {
        if (named()) return;
        left();
        keep(random(), 33696e3);
        track('Consent Given', told);
        if (path) view();
      } else if (named()) {
        track('Consent Withdrawn');
        keep('', 0);
      }
    },
    forget() {
      acts.consent();
      keep('out', 15552e3);
    },
  };
  (window.vendange = (act, ...words) => acts[act]?.(...words)).on = 1;

  const start = () => {
    if (navigator.globalPrivacyControl) acts.consent();
    for (const words of early?.q || []) vendange(...words);
    view();
    for (const [name, act] of Object.entries({
      popstate: moved,
      pagehide: left,
      pageshow: (event) => event.persisted && view(),
      visibilitychange: () => doc.hidden ? left() : back(),
      click: clicked,
      auxclick: clicked,
    })) addEventListener(name, act, true);
  };
  if (doc.prerendering) doc.addEventListener('prerenderingchange', start, {once: true});
  else start();
})();
