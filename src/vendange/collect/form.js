// Draws one of our forms inside somebody else's page. docs/forms.md says how a site uses it.
//
// It stands in a shadow root of its own, styled without any inline style, so that a strict policy of the page lets it
// work. It reads the tracker's cookie only to ask the next questions; without the visitor's consent there is none.
(() => {
  const doc = document, tag = doc.currentScript;
  const home = tag.src.replace(/[^/]*$/, '');
  const random = () => crypto.getRandomValues(new Uint32Array(4)).join('-');
  const browser = () => {
    const id = (doc.cookie.match(/(?:^|; )_vendange=([^;]+)/) || [])[1];
    return id && id != 'out' ? id : '';
  };

  const look = `
    :host { display: block; color-scheme: inherit; font: inherit; }
    form, .thanks { display: grid; gap: 1.1em; max-width: 36em; }
    h2, p { margin: 0; } h2 { font-size: 1.4em; line-height: 1.25; }
    .field { display: grid; gap: .35em; border: 0; margin: 0; padding: 0; min-width: 0; }
    label, legend { padding: 0; font-weight: 600; font-size: .95em; } legend { margin-bottom: .35em; }
    .check { display: flex; gap: .6em; align-items: flex-start; font-weight: 400; line-height: 1.45; cursor: pointer; }
    .check input { width: 1.15em; height: 1.15em; margin: .12em 0 0; flex: none; accent-color: var(--vendange-accent, #4a3fd6); }
    input:not([type=checkbox], [type=radio]), select, textarea {
      box-sizing: border-box; width: 100%; min-height: 2.75em; padding: .5em .7em; font: inherit; color: inherit;
      background: Field; color: FieldText; border: 1px solid color-mix(in srgb, currentColor 45%, transparent);
      border-radius: var(--vendange-radius, .5em);
    }
    textarea { min-height: 7em; resize: vertical; }
    :focus-visible { outline: 2px solid var(--vendange-accent, #4a3fd6); outline-offset: 2px; }
    .muted { font-weight: 400; opacity: .75; } .help { font-size: .9em; opacity: .8; }
    .wrong, .said { color: light-dark(#9d1f2d, #ffa6ac); font-weight: 600; font-size: .95em; }
    [aria-invalid] { border-color: light-dark(#c22f3d, #ff7d86) !important; }
    .said:empty { display: none; }
    .unseen { position: absolute; inset-inline-start: -9999px; width: 1px; height: 1px; overflow: hidden; }
    button {
      justify-self: start; min-height: 2.9em; padding: 0 1.5em; font: inherit; font-weight: 600; cursor: pointer; border: 0;
      color: var(--vendange-on-accent, #fff); background: var(--vendange-accent, #4a3fd6); border-radius: var(--vendange-radius, .5em);
    }
    button[disabled] { opacity: .6; cursor: progress; }`;

  // An element with its attributes and children; nothing is ever read as HTML.
  const make = (name, has = {}, ...inside) => {
    const one = doc.createElement(name);
    for (const [key, value] of Object.entries(has))
      if (value !== false && value != null && (value !== '' || key == 'value')) one.setAttribute(key, value === true ? '' : value);
    one.append(...inside);
    return one;
  };

  const autofill = {
    email: 'email', name: 'name', first_name: 'given-name', last_name: 'family-name', phone: 'tel',
    job_title: 'organization-title', organisation: 'organization', postal_code: 'postal-code', city: 'address-level2',
    country: 'country',
  };
  const types = {email: 'email', phone: 'tel', date: 'date'};
  const modes = {email: 'email', phone: 'tel', number: 'decimal'};

  const question = (one, told) => {
    const {words} = told, id = 'q-' + one.id, notes = [];
    const title = [one.label + ' '];
    if (one.required) title.push(make('span', {class: 'muted'}, `(${words.required})`));
    if (one.help) notes.push(make('p', {class: 'help', id: id + '-help'}, one.help));
    notes.push(make('p', {class: 'wrong', id: id + '-wrong', hidden: true}));
    const yesNo = one.kind == 'yes_no', few = one.kind == 'choice' && one.options.length < 5;
    if (one.kind == 'choices' || yesNo || few) {
      const options = yesNo ? [['yes', words.yes], ['no', words.no]] : one.options.map((text) => [text, text]);
      return make('fieldset', {class: 'field', id, tabindex: -1, 'aria-describedby': one.help && id + '-help'},
        make('legend', {}, ...title),
        ...options.map(([value, text]) => make('label', {class: 'check'},
          make('input', {type: one.kind == 'choices' ? 'checkbox' : 'radio', name: one.id, value}),
          make('span', {}, text))),
        ...notes);
    }
    const has = {id, name: one.id, 'aria-required': one.required && 'true', autocomplete: autofill[one.about] || 'on',
      'aria-describedby': one.help && id + '-help'};
    const options = one.kind == 'country' ? told.countries : one.kind == 'choice' && one.options.map((text) => [text, text]);
    const field = options
      ? make('select', has, make('option', {value: ''}, words.choose), ...options.map(([value, text]) => make('option', {value}, text)))
      : one.kind == 'long' ? make('textarea', {...has, rows: 4, maxlength: 5000})
      : make('input', {...has, type: types[one.kind] || 'text', inputmode: modes[one.kind], maxlength: 500});
    return make('div', {class: 'field'}, make('label', {for: id}, ...title), field, ...notes);
  };

  const draw = (told, root) => {
    const {words} = told;
    const said = make('p', {class: 'said', role: 'alert'});
    const button = make('button', {}, told.submit);
    const form = make('form', {novalidate: true, lang: told.language, 'aria-label': told.title},
      ...(told.title ? [make('h2', {}, told.title)] : []),
      ...(told.intro ? told.intro.split(/\n+/).map((text) => make('p', {}, text)) : []),
      make('div', {class: 'unseen', 'aria-hidden': 'true'},
        make('label', {for: 'trap'}, words.trap),
        make('input', {id: 'trap', name: told.trap, tabindex: -1, autocomplete: 'off'})),
      ...told.questions.map((one) => question(one, told)),
      ...told.consents.map((one) => make('label', {class: 'check'},
        make('input', {type: 'checkbox', name: one.name, value: 'yes'}), make('span', {}, one.text))),
      said, button);
    const message = random();
    const kept = {
      _message_id: message,
      _shown: told.shown,
      _asked: told.questions.map((one) => one.id).join(),
      _page: location.href,
      _referrer: doc.referrer,
    };

    // What is to be mended stands under its question and is read with it; the first one gets the focus.
    const mark = (problems) => {
      let first;
      for (const {id} of told.questions) {
        const field = root.getElementById('q-' + id), wrong = root.getElementById(`q-${id}-wrong`);
        const text = problems[id] || '';
        wrong.textContent = text;
        wrong.hidden = !text;
        const ids = [root.getElementById(`q-${id}-help`) && `q-${id}-help`, text && `q-${id}-wrong`].filter(Boolean);
        ids.length ? field.setAttribute('aria-describedby', ids.join(' ')) : field.removeAttribute('aria-describedby');
        text ? field.setAttribute('aria-invalid', 'true') : field.removeAttribute('aria-invalid');
        if (text) first ||= field;
      }
      first?.focus();
    };

    const thank = (answer) => {
      if (answer.thanks_url) return location.assign(answer.thanks_url);
      const thanks = make('p', {class: 'thanks', role: 'status', tabindex: -1, lang: told.language}, answer.thanks);
      form.replaceWith(thanks);
      thanks.focus();
      tag.dispatchEvent(new CustomEvent('vendange:sent', {bubbles: true}));
    };

    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      if (button.disabled) return;
      button.disabled = true;
      button.textContent = words.sending;
      said.textContent = '';
      const body = new URLSearchParams(new FormData(form));
      for (const [name, value] of Object.entries({...kept, _anonymous_id: browser()})) if (value) body.set(name, value);
      let answer;
      try {
        const got = await fetch(home + 'forms/' + told.id, {method: 'POST', body, headers: {Accept: 'application/json'}, credentials: 'omit'});
        answer = await got.json();
      } catch {
        answer = {message: words.not_sent};
      }
      button.disabled = false;
      button.textContent = told.submit;
      if (answer.ok) return thank(answer);
      said.textContent = answer.message || words.not_sent;
      mark(answer.problems || {});
    });
    root.append(form);
  };

  const start = async () => {
    const place = doc.querySelector(`[data-vendange-form="${CSS.escape(tag.dataset.form)}"]`) || make('div');
    if (!place.isConnected) tag.after(place);
    const root = place.attachShadow({mode: 'open'});
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(look);
    root.adoptedStyleSheets = [sheet];
    const who = browser();
    try {
      const got = await fetch(`${home}forms/${tag.dataset.form}${who && '?a=' + encodeURIComponent(who)}`, {credentials: 'omit'});
      const told = await got.json();
      if (told.ok) draw(told, root);
      else root.append(make('p', {}, told.message));
    } catch {
      root.append(make('p', {}, make('a', {href: `${home.replace(/v1\/$/, '')}f/${tag.dataset.form}/`}, tag.dataset.title || 'Open the form')));
    }
  };
  doc.body ? start() : addEventListener('DOMContentLoaded', start);
})();
