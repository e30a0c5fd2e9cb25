// What was typed and is not saved yet: asked about on every way out, and kept in this browser's session until it is
// saved or one signs out. Each form is followed by itself: saving a section says nothing of the one open beside it.
"use strict";

const tapes = new Set();
const encore = () => [...tapes].filter((formulaire) => formulaire.isConnected);
const compte = document.body.dataset.compte;
const PREFIXE = "ctg:saisie:";
const cleDe = (chemin) => `${PREFIXE}${compte}:${chemin}`;
// `form.action` is the field of that name where a form has one.
const chemin = (formulaire) => new URL(formulaire.getAttribute("action") || "", location.href).pathname;
// The grid of a year saves each cell, and asks by itself (saisie.js); passwords and searches are nobody's draft, nor is what
// an account asks for (an address, a code that has expired since).
const A_NOUS = "form[method=post]:not([data-saisie], [data-deconnexion])";
const suivi = (formulaire) => !location.pathname.startsWith("/comptes/") && formulaire?.matches(A_NOUS) && !formulaire.querySelector("[type=password]") && champs(formulaire).some((c) => c.type !== "hidden");
// What a page shows after a refusal, or after the session ended, was typed and is saved nowhere.
const refuse = (formulaire) => formulaire.matches("[data-refuse]") || formulaire.querySelector(".alerte-error, .champ-faux");

// --- What a form holds, and how it is put back ---
const champs = (formulaire) => [...formulaire.elements].filter((c) => c.name && c.name !== "csrfmiddlewaretoken" && !["file", "submit", "button", "fieldset"].includes(c.type));
function valeurs(formulaire) {
  const lues = {};
  for (const champ of champs(formulaire)) {
    const siennes = (lues[champ.name] ??= []);
    if (champ.type === "checkbox" || champ.type === "radio") { if (champ.checked) siennes.push(champ.value); }
    else if (champ.type === "select-multiple") siennes.push(...[...champ.selectedOptions].map((o) => o.value));
    else siennes.push(champ.value);
  }
  return lues;
}
function remettre(formulaire, lues) {
  // Rows that were added are added again before they are filled.
  for (const bouton of formulaire.querySelectorAll("[data-ajouter]")) {
    const nom = `${bouton.dataset.ajouter}-TOTAL_FORMS`;
    const total = formulaire.querySelector(`[name="${nom}"]`);
    while (total && lues[nom] && Number(total.value) < Number(lues[nom][0])) bouton.click();
  }
  const restent = structuredClone(lues);
  for (const champ of champs(formulaire)) {
    if (!(champ.name in restent)) continue;
    const siennes = restent[champ.name];
    if (champ.type === "checkbox" || champ.type === "radio") champ.checked = siennes.includes(champ.value);
    else if (champ.type === "select-multiple") for (const o of champ.options) o.selected = siennes.includes(o.value);
    else if (siennes.length) {
      const valeur = (champ.value = siennes.shift());
      // The editor of a row that was just added is on its way.
      if (champ.editeur) champ.editeur.commands.setContent(valeur);
      else champ.addEventListener("prose-editor:ready", ({ detail }) => detail.editor.commands.setContent(valeur), { once: true });
    }
    if (champ.tagName === "SELECT") champ.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

// --- Kept in the session of the browser ---
function garder(formulaire) {
  // What was left before is still on offer there: it is not written over by a first letter.
  if (formulaire.querySelector(".saisie-gardee")) return;
  try {
    sessionStorage.setItem(cleDe(chemin(formulaire)), JSON.stringify({ le: Date.now(), valeurs: valeurs(formulaire) }));
  } catch { /* full, or refused by the browser: the question on the way out is still asked */ }
}
function lire(ou) {
  try { return JSON.parse(sessionStorage.getItem(cleDe(ou))); } catch { return null; }
}
const oublier = (ou) => { try { sessionStorage.removeItem(cleDe(ou)); } catch { /* nothing was kept */ } };
const gardees = () => { try { return Object.keys(sessionStorage).filter((cle) => cle.startsWith(PREFIXE)); } catch { return []; } };

let attente;
document.addEventListener("input", ({ target }) => {
  const formulaire = target.closest("form");
  if (!suivi(formulaire)) return;
  tapes.add(formulaire);
  clearTimeout(attente);
  attente = setTimeout(() => encore().forEach(garder), 300);
});
// Signing out forgets it all, once the page has really gone: who was asked and stays goes on typing, or clicks elsewhere.
let sorti = false;
for (const geste of ["input", "click"]) {
  document.addEventListener(geste, ({ target }) => { if (!target.closest?.("[data-deconnexion]")) sorti = false; }, true);
}
const vider = () => gardees().forEach((cle) => sessionStorage.removeItem(cle));
window.addEventListener("pagehide", () => (sorti ? vider() : encore().forEach(garder)));

// A form that is shown again offers what was left in it.
function proposer(formulaire) {
  // What somebody is typing in is kept as it is: only a form that comes back is offered what was left in it.
  if (tapes.has(formulaire) || !suivi(formulaire) || formulaire.querySelector(".saisie-gardee")) return;
  // A refused answer shows what was typed: nothing is offered beside it, and leaving it asks.
  if (refuse(formulaire)) {
    tapes.add(formulaire);
    if (compte) garder(formulaire);
    return;
  }
  const ou = chemin(formulaire), gardee = lire(ou);
  if (!gardee) return;
  const { marques, ...siennes } = gardee.valeurs, { marques: _, ...presentes } = valeurs(formulaire);
  if (JSON.stringify(siennes) === JSON.stringify(presentes)) return oublier(ou);
  const quand = new Intl.DateTimeFormat("fr", { dateStyle: "long", timeStyle: "short" }).format(gardee.le);
  const avis = document.createElement("div");
  avis.className = "alerte saisie-gardee";
  avis.setAttribute("role", "status");
  avis.innerHTML = `<p>Une saisie du ${quand} n’a pas été enregistrée.</p><p class="gestes"><button type="button" class="bouton">La reprendre</button> <button type="button" class="lien">L’oublier</button></p>`;
  const [reprendre, jeter] = avis.querySelectorAll("button");
  reprendre.addEventListener("click", () => {
    avis.remove();
    remettre(formulaire, gardee.valeurs);
    tapes.add(formulaire);
    formulaire.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  });
  jeter.addEventListener("click", () => {
    avis.remove();
    oublier(ou);
    annoncer();
    formulaire.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  });
  formulaire.prepend(avis);
}

// A section that is closed says that something waits in it.
function annoncer() {
  for (const marque of document.querySelectorAll(".saisie-en-attente")) marque.remove();
  for (const lien of document.querySelectorAll("a[hx-get], a.bouton")) {
    if (!gardees().includes(cleDe(lien.pathname)) || lien.closest("form")) continue;
    lien.insertAdjacentHTML("beforebegin", '<span class="saisie-en-attente statut">saisie à reprendre</span> ');
  }
}

// --- Saved ---
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  // The section comes back closed: what it held is saved. By then its form has left the page.
  const formulaire = detail.requestConfig.verb === "post" && detail.requestConfig.elt.closest("form");
  if (!formulaire || !suivi(formulaire) || !detail.successful || detail.xhr.responseText.includes("section-ouverte")) return;
  tapes.delete(formulaire);
  oublier(chemin(formulaire));
  annoncer();
});
// A whole page was sent: it was saved if the page that follows is another one, or says so, and refuses nothing.
const ENVOI = `ctg:envoi:${compte}`;
function apresUnEnvoi() {
  let envoi;
  try { envoi = JSON.parse(sessionStorage.getItem(ENVOI)); sessionStorage.removeItem(ENVOI); } catch { return; }
  const { ou, page } = envoi ?? {};
  // One did come from there: an address that was typed after a failure says nothing.
  if (!ou || !document.referrer || new URL(document.referrer).pathname !== page) return;
  if ( document.querySelector("main .alerte-error, main .champ-faux, [data-refuse]")) return;
  if (ou !== location.pathname || document.querySelector("#messages .alerte-success")) oublier(ou);
}
document.addEventListener("submit", (evenement) => {
  const formulaire = evenement.target;
  if (formulaire.method !== "post") return;
  if (formulaire.matches("[data-saisie]")) return;
  if (formulaire.matches("[data-deconnexion]")) { sorti = true; return; }
  const autres = encore().filter((f) => f !== formulaire);
  // A whole page is about to go: what is typed elsewhere on it would go too.
  if (!formulaire.hasAttribute("hx-post") && autres.length) {
    const question = "Une autre partie de cette page n’est pas enregistrée. La quitter quand même ?";
    if (!window.confirm(question)) return evenement.preventDefault();
    tapes.clear();
  }
  if (formulaire.hasAttribute("hx-post") || !suivi(formulaire)) return;
  garder(formulaire);
  try { sessionStorage.setItem(ENVOI, JSON.stringify({ ou: chemin(formulaire), page: location.pathname })); } catch { /* it is offered again, that is all */ }
  tapes.delete(formulaire);
}, true);
// Two clicks send a page once.
document.addEventListener("submit", (evenement) => {
  const formulaire = evenement.target;
  if (evenement.defaultPrevented || formulaire.method !== "post" || formulaire.matches("[hx-post], [data-saisie]")) return;
  if (formulaire.dataset.envoye) return evenement.preventDefault();
  formulaire.dataset.envoye = "1";
  setTimeout(() => { delete formulaire.dataset.envoye; }, 5000);
});
window.addEventListener("pageshow", () => { for (const f of document.querySelectorAll("[data-envoye]")) delete f.dataset.envoye; });

// --- Left ---
window.addEventListener("beforeunload", (evenement) => { if (encore().length) evenement.preventDefault(); });
// « Annuler », or anything else that would take away a form in which somebody has typed.
document.addEventListener("htmx:confirm", (evenement) => {
  const { elt, target, verb } = evenement.detail;
  const perdus = encore().filter((f) => target?.contains(f) && !(verb === "post" && f.contains(elt)));
  if (!perdus.length) return;
  evenement.preventDefault();
  if (!window.confirm("Ce que vous avez tapé dans cette partie n’est pas enregistré. L’abandonner ?")) return;
  const abandonner = ({ detail }) => {
    if (detail.requestConfig.elt !== elt) return;
    document.removeEventListener("htmx:afterRequest", abandonner);
    // A request that failed leaves the form, and what was typed, on the screen.
    if (detail.successful) perdus.forEach((f) => { tapes.delete(f); oublier(chemin(f)); });
  };
  document.addEventListener("htmx:afterRequest", abandonner);
  evenement.detail.issueRequest(true);
});
// While a section is being saved nobody types in what is about to be replaced.
const section = ({ detail }) => (detail.requestConfig.verb === "post" ? detail.requestConfig.elt.closest("form.formulaire") : null);
document.addEventListener("htmx:beforeRequest", (evenement) => { const f = section(evenement); if (f) f.inert = true; });
document.addEventListener("htmx:afterRequest", (evenement) => { const f = section(evenement); if (f) f.inert = false; });

// An answer that shows the section still open (a mistake, a conflict) brings a new form: it is not saved either.
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  const ouvert = detail.elt.closest?.(".section-ouverte") ?? detail.elt.querySelector?.(".section-ouverte");
  const formulaire = ouvert?.querySelector("form[method=post]");
  if (formulaire && ouvert.querySelector(".alerte-error")) { tapes.add(formulaire); garder(formulaire); }
  document.querySelectorAll(".section-ouverte form").forEach(proposer);
  annoncer();
});

// Another account in this browser: what the first one left is not shown to it.
if (compte) for (const cle of gardees()) if (!cle.startsWith(cleDe(""))) sessionStorage.removeItem(cle);
apresUnEnvoi();
document.querySelectorAll("form").forEach(proposer);
annoncer();
