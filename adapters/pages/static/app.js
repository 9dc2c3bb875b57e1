// Enhancements only: every page and form works without this file.
// @ts-check
const $ = (s, r = document) => r.querySelector(s);
const words = document.body.dataset;

// What the server marked gets the focus: the list of faults, or what was done.
const focusMarked = () => {
  const e = $('[data-autofocus]');
  if (e) { e.tabIndex = -1; e.focus(); e.scrollIntoView({ block: 'nearest' }); }
  return e;
};
focusMarked();

// "/" goes to the search, unless somebody types.
addEventListener('keydown', e => {
  if (e.key !== '/' || e.ctrlKey || e.metaKey || e.altKey || e.target.closest('input,textarea,select,[contenteditable]')) return;
  const q = $('#q');
  if (q) { e.preventDefault(); q.focus(); q.select(); }
});

// The search completes: a combobox with a list that the server made.
for (const form of document.querySelectorAll('[data-suggest]')) {
  const input = $('input[type=search]', form), box = $('.suggest', form);
  let under, later, at = -1;
  for (const [k, v] of Object.entries({ role: 'combobox', 'aria-expanded': 'false', 'aria-controls': box.id, 'aria-autocomplete': 'list' })) input.setAttribute(k, v);
  const options = () => [...box.querySelectorAll('[role=option]')];
  const close = () => { box.hidden = true; at = -1; input.setAttribute('aria-expanded', 'false'); input.removeAttribute('aria-activedescendant'); };
  const ask = async () => {
    under = new AbortController();
    try {
      const r = await fetch(`${form.dataset.suggest}?zoek=${encodeURIComponent(input.value.trim())}`, { signal: under.signal });
      if (!r.ok || r.redirected) return close();
      box.innerHTML = await r.text();
      box.hidden = !options().length; at = -1;
      input.setAttribute('aria-expanded', String(!box.hidden));
    } catch { /* overtaken by the next, or no connection: Enter searches all the same */ }
  };
  input.addEventListener('input', () => {
    clearTimeout(later); under?.abort();
    if (input.value.trim().length < 2) return close();
    later = setTimeout(ask, 120);
  });
  input.addEventListener('keydown', e => {
    if (e.key === 'Escape') return close();
    const all = options();
    if (box.hidden || !all.length) return;
    if (e.key === 'ArrowDown' || e.key === 'ArrowUp') {
      e.preventDefault();
      at = e.key === 'ArrowDown' ? (at + 1) % all.length : (at <= 0 ? all.length : at) - 1;
      all.forEach((o, i) => o.setAttribute('aria-selected', String(i === at)));
      input.setAttribute('aria-activedescendant', all[at].id);
      all[at].scrollIntoView({ block: 'nearest' });
    }
    if (e.key === 'Enter' && at >= 0) { e.preventDefault(); location.href = all[at].dataset.href; }
  });
  box.addEventListener('mousedown', e => {
    const o = e.target.closest('[data-href]');
    if (o) { e.preventDefault(); location.href = o.dataset.href; }
  });
  input.addEventListener('blur', () => setTimeout(close, 100));
}

// swap puts the answer's <main> in the place of this one.
const swap = (text, url) => {
  const doc = new DOMParser().parseFromString(text, 'text/html'), main = $('main', doc);
  if (!main) { location.href = url; return; }
  document.title = doc.title;
  $('main').replaceWith(main);
  const tot = $('#tot'), next = $('#tot', doc);
  if (tot && next) tot.replaceWith(next);
  $('#nieuw').hidden = true;
  focusMarked() ?? $('main').focus();
  arrive();
};

const address = () => location.pathname + location.search;
let shown = address();

// A form is sent without leaving the page; the server's answer takes its place.
addEventListener('submit', async e => {
  const f = e.target;
  if (!f.matches('[data-enhance]')) return;
  e.preventDefault();
  if (f.getAttribute('aria-busy') === 'true') return; // once is enough
  f.setAttribute('aria-busy', 'true');
  const body = new URLSearchParams(new FormData(f, e.submitter));
  try {
    const r = await fetch(f.getAttribute('action') || location.href, { method: 'POST', body });
    const text = await r.text();
    if (r.redirected) { history.pushState(null, '', r.url); shown = address(); }
    swap(text, r.url);
  } catch {
    f.removeAttribute('aria-busy');
    let n = $('.note.lost', f);
    if (!n) { n = document.createElement('p'); n.className = 'note bad lost'; n.setAttribute('role', 'alert'); f.prepend(n); }
    n.textContent = words.failed;
  }
});
// Back to what was before something was sent; a link within the page goes nowhere else.
addEventListener('popstate', () => { if (address() !== shown) location.reload(); });

// A part that follows what is filled in: data-follow is its address, for the form it is in.
let advising;
const advise = form => {
  const part = $('[data-follow]', form);
  if (!part) return;
  clearTimeout(advising);
  advising = setTimeout(async () => {
    try {
      const r = await fetch(`${part.dataset.follow}?${new URLSearchParams(new FormData(form))}`);
      if (r.ok && !r.redirected && part.isConnected) part.innerHTML = await r.text();
    } catch { /* it is told when the form is sent */ }
  }, 250);
};
addEventListener('input', e => { const f = e.target.closest('form'); if (f) advise(f); });

// Live: say that there is something new, move nothing. Only what is in view listens: a
// browser has six connections for a house.
let stream;
const quiet = () => { stream?.close(); stream = undefined; };
const listen = () => {
  quiet();
  const main = $('main[data-live]'), state = $('#live');
  if (!main || !state || document.hidden || !('EventSource' in window)) return;
  const here = stream = new EventSource(`/levend?pagina=${encodeURIComponent(main.dataset.live)}&stand=${main.dataset.marks}`);
  here.onopen = () => { state.textContent = words.connected; state.className = 'ok'; };
  here.onerror = () => {
    if (here !== stream) return;
    state.textContent = words.lost; state.className = 'lost';
    if (here.readyState === EventSource.CLOSED) setTimeout(() => { if (here === stream) listen(); }, 5000);
  };
  here.addEventListener('stand', e => {
    const news = JSON.parse(e.data), bar = $('#nieuw'), tot = $('#tot time');
    if (tot && news.nieuw !== true) tot.textContent = news.tot;
    if (news.nieuw) { $('button', bar).textContent = news.zin; bar.hidden = false; }
  });
};
addEventListener('visibilitychange', () => { if (document.hidden) quiet(); else listen(); });
addEventListener('pagehide', quiet);

addEventListener('click', async e => {
  if (e.target.closest('#nieuw button')) {
    try {
      const r = await fetch(location.href), y = scrollY;
      swap(await r.text(), location.href);
      scrollTo(0, y);
    } catch { location.reload(); }
  }
  if (e.target.closest('[data-print]')) print();
  const copy = e.target.closest('[data-copy]');
  if (copy) navigator.clipboard?.writeText($(copy.dataset.copy).textContent).then(() => { copy.textContent = copy.dataset.done; });
});

// What only works with script is hidden until here.
const arrive = () => {
  for (const e of document.querySelectorAll('[data-script][hidden]')) e.hidden = false;
  listen();
};
arrive();
