// On a phone the menus stand behind one button. Read where the button is, before what follows is drawn: a button that came
// later would fold the menus away under the eyes of who reads.
"use strict";
{
  const bouton = document.querySelector(".menu-bouton");
  bouton.hidden = false;
  bouton.addEventListener("click", () => bouton.setAttribute("aria-expanded", bouton.getAttribute("aria-expanded") === "false"));
  // The lists of the head: one open at a time, closed by Escape or a click elsewhere.
  const ouvertes = () => document.querySelectorAll("details.bascule[open]");
  document.addEventListener("click", ({ target }) => { for (const liste of ouvertes()) if (!liste.contains(target)) liste.open = false; });
  document.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") for (const liste of ouvertes()) { liste.open = false; liste.querySelector("summary").focus(); }
  });
}
