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
  lignes.lastElementChild.querySelector("input:not([type=hidden]), select").focus();
  lignes.lastElementChild.dispatchEvent(new CustomEvent("ctg:ligne", { bubbles: true }));
});

// After an exchange the keyboard goes on from the section that changed, unless somebody types there already.
document.addEventListener("htmx:afterSettle", (evenement) => {
  preparer(document);
  const cible = evenement.detail.elt;
  if (!cible.classList?.contains("section") || cible.contains(document.activeElement)) return;
  // What is wrong comes first: the alert is said by itself, the field may be out of sight.
  const faux = [...cible.querySelectorAll(".champ-faux :is(input, select, textarea)")].find((champ) => champ.offsetParent);
  (faux || cible.querySelector("[role=alert], input:not([type=hidden]), select, textarea") || cible).focus();
});

// A fiche that moves keeps the keyboard on its own arrow, or on the other one at the edge of its axe.
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  const [, geste, fiche] = detail.requestConfig?.elt?.id?.match(/^(monter|descendre)-(\d+)$/) ?? [];
  if (!geste) return;
  const fleche = document.getElementById(`${geste}-${fiche}`);
  (fleche?.disabled ? document.getElementById(`${geste === "monter" ? "descendre" : "monter"}-${fiche}`) : fleche)?.focus();
});

// What a phone folds away opens under its button (site.css).
document.addEventListener("click", ({ target }) => {
  const bouton = target.closest(".deplier");
  bouton?.setAttribute("aria-expanded", bouton.getAttribute("aria-expanded") === "false");
});

// An address that one goes back to is asked of the server again: its filters, its counters and its list are of one moment.
// Nothing of ours is animated: what comes is ready at once, and a key pressed in between is not lost.
Object.assign(htmx.config, { historyCacheSize: 0, refreshOnHistoryMiss: true, defaultSettleDelay: 0 });
document.addEventListener("htmx:beforeHistoryUpdate", ({ detail: { history } }) => {
  if (history.path === location.pathname + location.search) history.type = "replace";
});

// Signing in from another tab changes the guard of forms: the one in use is read when a form is sent.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  // What is not asked stays out of the address.
  if (detail.verb === "get") for (const [nom, valeur] of Object.entries(detail.parameters)) if (valeur === "") delete detail.parameters[nom];
  const jeton = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
  if (!jeton || detail.verb === "get") return;
  detail.headers["X-CSRFToken"] = jeton;
  delete detail.parameters.csrfmiddlewaretoken;
});

// Never lose a line: when an answer does not come, the form stays as it is and says what to do.
function avertir(element, texte, lien) {
  const zone = element.closest("form") || document.getElementById("messages");
  zone.querySelector(".alerte-envoi")?.remove();
  const alerte = document.createElement("p");
  alerte.className = "alerte alerte-error alerte-envoi";
  alerte.setAttribute("role", "alert");
  alerte.textContent = texte;
  if (lien) {
    const ancre = document.createElement("a");
    Object.assign(ancre, { href: lien, target: "_blank", rel: "noopener", textContent: "Se connecter dans un nouvel onglet" });
    alerte.append(" ", ancre);
  }
  zone.prepend(alerte);
  alerte.scrollIntoView({ block: "nearest" });
}
document.addEventListener("htmx:responseError", ({ detail: { elt, xhr } }) => {
  const garde = "Votre saisie est toujours à l’écran, rien n’est encore enregistré.";
  if (xhr.status === 401) avertir(elt, `Votre session a expiré. ${garde} Connectez-vous, puis recommencez.`, "/comptes/login/");
  else if (xhr.status === 403) {
    const phrase = xhr.getResponseHeader("Content-Type")?.startsWith("text/plain") ? xhr.responseText : "Votre compte ne permet plus cette modification.";
    avertir(elt, `${phrase} ${garde}`);
  }
  else avertir(elt, `Le serveur n’a pas pu répondre (erreur ${xhr.status}). ${garde} Réessayez dans un instant.`);
});
document.addEventListener("htmx:sendError", ({ detail: { elt } }) =>
  avertir(elt, "La connexion est interrompue. Votre saisie est toujours à l’écran : réessayez une fois la connexion rétablie."));
document.addEventListener("htmx:beforeSend", ({ detail: { elt } }) => elt.querySelector?.(".alerte-envoi")?.remove());

preparer(document);
