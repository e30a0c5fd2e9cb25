// Half a megabyte of editor comes when one edits: with a page that has a rich field, or as a first section opens in place.
// Until it is there, and wherever it cannot come, the field stays what it is without script: a textarea.
"use strict";
{
  const { moteur, editeur, mots } = document.currentScript.dataset;
  const CHAMPS = "textarea[data-django-prose-editor-configurable]";
  const poser = (nom, attributs) => new Promise((suite) =>
    document.head.append(Object.assign(document.createElement(nom), { ...attributs, onload: suite, onerror: suite })));
  const PATIENCE = 3000; // milliseconds
  let venue, prete = false;

  const charger = () => (venue ??= chercher().catch((echec) => { venue = undefined; console.error(echec); }));
  async function chercher() {
    // The large file travels beside the catalogue (Django's), which must be there first: dialogs find their words once.
    poser("link", { rel: "modulepreload", href: moteur });
    await poser("script", { src: mots });
    await import(editeur);
    prete = true;
  }
  const regarder = () => { if (document.querySelector(CHAMPS)) charger(); };

  regarder();
  document.addEventListener("htmx:afterSettle", regarder);
  document.addEventListener("ctg:ligne", regarder);

  // The first section waits for the editor, a moment at most, and opens with it: nobody types in a field that is about to
  // be replaced, and nothing jumps. editeur.js sees to the following ones.
  document.addEventListener("htmx:confirm", (evenement) => {
    const { verb, target, issueRequest } = evenement.detail;
    if (verb !== "get" || prete || !target.matches(".section:not(.section-ouverte)")) return;
    evenement.preventDefault();
    if (target.classList.contains("htmx-request")) return;
    target.classList.add("htmx-request");
    Promise.race([charger(), new Promise((suite) => setTimeout(suite, PATIENCE))]).then(() => {
      target.classList.remove("htmx-request");
      issueRequest(true);
    });
  });
}
