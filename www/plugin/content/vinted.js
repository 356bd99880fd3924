/* SPDX-License-Identifier: MIT */

/* What the background may ask of a Vinted page. It comes into a page once,
 * even where the browser declares it and the background injects it. */

globalThis.stoflowVinted ??= (() => {
  const api = globalThis.browser ?? globalThis.chrome;
  // Tells one load of the page from the next.
  const load = crypto.randomUUID();

  function readPage({ config }) {
    const inline = [...document.scripts].filter((script) => !script.src);
    const meta = {};
    for (const element of document.querySelectorAll("meta[name]"))
      meta[element.name] = element.content;
    const scripts = inline.map((script) => script.textContent);
    const { cookie } = document;
    const page = globalThis.stoflowPage.read({ scripts, meta, cookie, config });
    return { load, url: location.href, page };
  }

  const answers = {
    page: async (message) => readPage(message),
    request: ({ request }) => globalThis.stoflowProxy.send(request),
  };

  api.runtime.onMessage.addListener((message, sender, answer) => {
    const handle = answers[message?.stoflow];
    if (!handle || sender.id !== api.runtime.id) return false;
    handle(message).then(answer, (error) => answer({ error: error.message }));
    return true; // the answer comes later
  });
  return { load };
})();
