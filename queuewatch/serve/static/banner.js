// A line on a help page that says how long the wait is, in the visitor's language. Put it where it shall stand:
//   <script src="https://queuewatch.example/banner.js?queue=support" async></script>
// ?site= names the site, ?lang= a language (else the visitor's), ?show=always shows it on quiet days too.
(() => {
  'use strict';
  const script = document.currentScript;
  const own = new URL(script.src);
  const queue = own.searchParams.get('queue') || '';
  const EVERY_MS = 30000;

  const languages = () => {
    const fixed = own.searchParams.get('lang');
    if (fixed) return fixed;
    const liked = navigator.languages && navigator.languages.length ? navigator.languages : [navigator.language];
    return liked.slice(0, 9).map((tag, place) => `${tag};q=${(1 - place / 10).toFixed(1)}`).join(',');
  };

  const address = () => {
    const at = new URL(`v1/queues/${encodeURIComponent(queue)}/notice`, own.origin + own.pathname.replace(/[^/]*$/, ''));
    at.searchParams.set('format', 'json');
    at.searchParams.set('lang', languages());
    if (own.searchParams.get('site')) at.searchParams.set('site', own.searchParams.get('site'));
    return at;
  };

  const banner = document.createElement('div');
  banner.className = 'queuewatch-banner';
  banner.setAttribute('role', 'status');
  banner.hidden = true;
  const looks = {
    boxSizing: 'border-box', padding: '0.75em 1em', margin: '0.5em 0', borderRadius: '0.4em',
    border: '1px solid #b98a1d', borderLeftWidth: '0.4em', background: '#fff8e6', color: '#2b2410', font: 'inherit',
  };
  Object.assign(banner.style, looks);
  script.insertAdjacentElement('afterend', banner);

  const show = (notice) => {
    const quiet = notice.level === 'normal' && own.searchParams.get('show') !== 'always';
    banner.dataset.level = notice.level;
    banner.lang = notice.language;
    if (banner.textContent !== notice.text) banner.textContent = notice.text;
    banner.hidden = quiet || !notice.text;
  };

  // What is not known is not said: after an error the line goes rather than telling an old wait.
  const look = async () => {
    try {
      const answer = await fetch(address(), { credentials: 'omit', mode: 'cors' });
      if (!answer.ok) throw new Error(`${answer.status}`);
      show(await answer.json());
    } catch {
      banner.hidden = true;
    }
  };

  look();
  setInterval(() => { if (!document.hidden) look(); }, EVERY_MS);
  document.addEventListener('visibilitychange', () => { if (!document.hidden) look(); });
})();
