// A partner that is missing from a list is written without leaving the page: its last line opens a form, and takes in
// what was written. Without JavaScript partners are written under « Gestion ».
"use strict";
{
  const { adresse } = document.currentScript.dataset;
  const LISTES = "select[data-modele=partenaire]:not([multiple], [data-fermee])";
  const NOUVEAU = "+";
  const dialogue = document.createElement("dialog");
  dialogue.className = "dialogue";
  dialogue.setAttribute("aria-labelledby", "titre-partenaire");
  document.body.append(dialogue);
  let liste = null;

  function offrir(racine) {
    for (const liste of racine.querySelectorAll(LISTES)) {
      if (liste.querySelector(`option[value="${NOUVEAU}"]`)) continue;
      liste.append(new Option("+ Nouveau partenaire…", NOUVEAU));
      liste.dataset.choisi = liste.value;
    }
  }
  function choisir(pk, nom) {
    for (const autre of document.querySelectorAll(LISTES)) {
      if (![...autre.options].some((o) => o.value === pk)) autre.insertBefore(new Option(nom, pk), autre.lastElementChild);
    }
    liste.value = liste.dataset.choisi = pk;
    for (const nom of ["input", "change"]) liste.dispatchEvent(new Event(nom, { bubbles: true }));
    dialogue.close();
  }
  async function demander(options = {}) {
    const reponse = await fetch(adresse, { ...options, headers: { "HX-Request": "true" }, redirect: "error" });
    if (reponse.headers.get("Content-Type").startsWith("application/json")) {
      const { pk, nom } = await reponse.json();
      return choisir(String(pk), nom);
    }
    dialogue.innerHTML = reponse.ok ? await reponse.text() : `<p class="alerte alerte-error" role="alert">${reponse.status === 401 ? "Votre session a expiré : connectez-vous dans un autre onglet, puis recommencez." : "Le serveur n’a pas pu répondre : recommencez dans un instant."}</p><p><button type="button" class="lien" data-fermer>Fermer</button></p>`;
    if (!dialogue.open) dialogue.showModal();
    dialogue.querySelector("[role=alert], input:not([type=hidden])")?.focus();
  }
  const panne = () => { dialogue.innerHTML = '<p class="alerte alerte-error" role="alert">La connexion est interrompue : recommencez une fois la connexion rétablie.</p><p><button type="button" class="lien" data-fermer>Fermer</button></p>'; if (!dialogue.open) dialogue.showModal(); };

  document.addEventListener("change", ({ target }) => {
    if (!target.matches?.(LISTES)) return;
    if (target.value !== NOUVEAU) { target.dataset.choisi = target.value; return; }
    liste = target;
    liste.value = liste.dataset.choisi ?? "";
    demander().catch(panne);
  });
  dialogue.addEventListener("submit", (evenement) => {
    evenement.preventDefault();
    demander({ method: "POST", body: new FormData(evenement.target) }).catch(panne);
  });
  dialogue.addEventListener("click", ({ target }) => {
    if (target.matches("[data-fermer]")) dialogue.close();
    const { prendre } = target.dataset;
    if (prendre) choisir(prendre, target.textContent.replace(/^Prendre « | »$/g, ""));
  });
  dialogue.addEventListener("close", () => liste?.focus());
  document.addEventListener("htmx:afterSettle", () => offrir(document));
  document.addEventListener("ctg:ligne", ({ target }) => offrir(target));
  offrir(document);
}
