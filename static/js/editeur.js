// The editor starts itself on whole pages; this starts it on what htmx or a new row brings, and names it in French.
import { createEditor } from "django-prose-editor/configurable";

const CHAMPS = "textarea[data-django-prose-editor-configurable]";

// The dialogs come translated (Django's catalogue), the buttons do not (django-prose-editor, November 2026).
const NOMS = {
  paragraph: "Paragraphe",
  "heading 4": "Intertitre",
  "heading 5": "Petit intertitre",
  "unordered list": "Liste à puces",
  "ordered list": "Liste numérotée",
  "List properties": "Réglages de la liste",
  bold: "Gras",
  italic: "Italique",
  "insert link": "Insérer un lien",
  "remove link": "Retirer le lien",
  "Insert table": "Insérer un tableau",
  "Add column": "Ajouter une colonne",
  "Delete column": "Supprimer la colonne",
  "Add row": "Ajouter une ligne",
  "Delete row": "Supprimer la ligne",
  "Merge cells": "Fusionner les cellules",
  "Split cell": "Scinder la cellule",
  "Toggle header cell": "Cellule d’en-tête, ou ordinaire",
  "Delete table": "Supprimer le tableau",
  undo: "Annuler la frappe",
  redo: "Rétablir la frappe",
};
const OPTIONS = { paragraph: "Paragraphe", heading4: "Intertitre", heading5: "Petit intertitre" };

function traduire(editeur) {
  for (const bouton of editeur.querySelectorAll(".prose-menubar [title]")) {
    const nom = NOMS[bouton.title];
    if (!nom) continue;
    bouton.title = nom;
    bouton.setAttribute("aria-label", nom);
  }
  for (const option of editeur.querySelectorAll(".prose-menubar__option")) {
    const nom = OPTIONS[option.dataset.name];
    if (nom && option.textContent !== nom) option.textContent = nom;
  }
}

document.addEventListener("prose-editor:ready", ({ detail: { textarea, editor: lui } }) => {
  textarea.editeur = lui; // brouillons.js puts back what was typed
  const editeur = textarea.parentElement;
  traduire(editeur);
  // The bar comes after the editor is ready, and its first button is named anew as the cursor moves.
  new MutationObserver(() => traduire(editeur)).observe(editeur, { subtree: true, childList: true, attributeFilter: ["title"] });
  const zone = editeur.querySelector(".ProseMirror[contenteditable]");
  const titre = document.querySelector(`label[for="${textarea.id}"]`);
  if (!zone || !titre) return;
  titre.id = `${textarea.id}_titre`;
  zone.setAttribute("role", "textbox");
  zone.setAttribute("aria-multiline", "true");
  zone.setAttribute("aria-labelledby", titre.id);
  titre.addEventListener("click", () => zone.focus());
  // The keyboard was in the field that the editor has just replaced.
  if (document.activeElement === document.body && textarea.closest(".section-ouverte")?.querySelector(CHAMPS) === textarea) zone.focus();
});

const ouvrir = (racine) => { for (const champ of racine.querySelectorAll(CHAMPS)) createEditor(champ); };
document.addEventListener("htmx:afterSettle", ({ detail }) => ouvrir(detail.elt));
document.addEventListener("ctg:ligne", ({ target }) => ouvrir(target));

// Word writes a list as paragraphs that carry a sign (`mso-list: l0 level2`): they are lists again before they are pasted.
const marqueDe = (p) => /mso-list:\s*(l\d+)\s+level(\d+)/i.exec(p?.getAttribute?.("style") ?? "");
const niveauDe = (p) => Number(marqueDe(p)?.[2] ?? 0);

function listesDeWord(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const lignes = [...page.querySelectorAll("p")].filter(niveauDe);
  const marques = new Map();
  let pile = [], derniere = null;
  for (const p of lignes) {
    const niveau = niveauDe(p);
    const signe = [...p.querySelectorAll("span")].find((s) => /mso-list:\s*ignore/i.test(s.getAttribute("style") ?? ""));
    const balise = /^[\s\u00a0]*(\d+|[a-z]|[ivxl]+)[.)]/i.test(signe?.textContent ?? "") ? "ol" : "ul";
    signe?.remove();
    // A paragraph that stands between two lists ends the first one.
    if (p.previousElementSibling !== derniere) pile = [];
    pile = pile.slice(0, niveau);
    // Bullets after numbers, or another list of Word, are another list.
    const marque = `${balise} ${marqueDe(p)[1]}`, meme = pile[niveau - 1];
    if (meme && marques.get(meme) !== marque) pile = pile.slice(0, niveau - 1);
    while (pile.length < niveau) {
      const liste = page.createElement(balise), hote = pile.at(-1)?.lastElementChild;
      if (hote) hote.append(liste);
      else if (!pile.length) p.before(liste);
      else { const li = page.createElement("li"); pile.at(-1).append(li); li.append(liste); }
      marques.set(liste, marque);
      pile.push(liste);
    }
    const li = page.createElement("li"), dedans = page.createElement("p");
    dedans.append(...p.childNodes);
    li.append(dedans);
    pile.at(-1).append(li);
    p.remove();
    derniere = pile[0];
  }
  return page.body.innerHTML;
}

document.addEventListener("paste", (evenement) => {
  const html = evenement.clipboardData?.getData("text/html") ?? "";
  const editeur = evenement.target.closest?.(".prose-editor")?.querySelector(CHAMPS)?.editeur;
  if (!editeur || !/mso-list:\s*l\d/i.test(html)) return;
  evenement.preventDefault();
  evenement.stopImmediatePropagation();
  editeur.view.pasteHTML(listesDeWord(html), evenement);
}, true);
