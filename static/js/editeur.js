// The editor starts itself on whole pages; this starts it on sections that htmx brings, and names it aloud.
import { createEditor } from "django-prose-editor/configurable";

const CHAMPS = "textarea[data-django-prose-editor-configurable]";

document.addEventListener("prose-editor:ready", ({ detail: { textarea } }) => {
  const zone = textarea.parentElement.querySelector(".ProseMirror[contenteditable]");
  const titre = document.querySelector(`label[for="${textarea.id}"]`);
  if (!zone || !titre) return;
  titre.id = `${textarea.id}_titre`;
  zone.setAttribute("role", "textbox");
  zone.setAttribute("aria-multiline", "true");
  zone.setAttribute("aria-labelledby", titre.id);
  titre.addEventListener("click", () => zone.focus());
});

document.addEventListener("htmx:afterSettle", (evenement) => {
  for (const champ of evenement.detail.elt.querySelectorAll(CHAMPS)) createEditor(champ);
});
