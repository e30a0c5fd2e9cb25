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

document.addEventListener("prose-editor:ready", ({ detail: { textarea } }) => {
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
});

const ouvrir = (racine) => { for (const champ of racine.querySelectorAll(CHAMPS)) createEditor(champ); };
document.addEventListener("htmx:afterSettle", ({ detail }) => ouvrir(detail.elt));
document.addEventListener("ctg:ligne", ({ target }) => ouvrir(target));
