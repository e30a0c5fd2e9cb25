// Small conveniences on top of pages that work without them.
"use strict";

function preparer(racine) {
  for (const bouton of racine.querySelectorAll("[data-ajouter]")) bouton.hidden = false;
}

document.addEventListener("click", (evenement) => {
  const bouton = evenement.target.closest("[data-ajouter]");
  if (!bouton) return;
  const prefixe = bouton.dataset.ajouter;
  const formulaire = bouton.closest("form");
  const total = formulaire.querySelector(`[name="${prefixe}-TOTAL_FORMS"]`);
  const modele = formulaire.querySelector(`[data-modele="${prefixe}"]`);
  const lignes = formulaire.querySelector(`[data-lignes="${prefixe}"]`);
  lignes.insertAdjacentHTML("beforeend", modele.innerHTML.replaceAll("__prefix__", total.value));
  total.value = Number(total.value) + 1;
  lignes.lastElementChild.querySelector("input, select").focus();
});

// After an exchange the keyboard goes on from the section that changed.
document.addEventListener("htmx:afterSettle", (evenement) => {
  preparer(document);
  const cible = evenement.detail.elt;
  if (cible.classList?.contains("section")) (cible.querySelector("[role=alert], input:not([type=hidden]), select, textarea") || cible).focus();
});

// Never lose a line: leaving a page with an open, changed section asks first.
let modifie = false;
document.addEventListener("input", (e) => { if (e.target.closest(".section-ouverte")) modifie = true; });
document.addEventListener("submit", () => { modifie = false; });
document.addEventListener("htmx:afterRequest", (e) => { if (e.detail.requestConfig?.verb === "post") modifie = false; });
window.addEventListener("beforeunload", (e) => { if (modifie && document.querySelector(".section-ouverte")) e.preventDefault(); });
preparer(document);
