// On a phone the menus stand behind one button. Read where the button is, before what follows is drawn: a button that came
// later would fold the menus away under the eyes of who reads.
"use strict";
{
  const bouton = document.querySelector(".menu-bouton");
  bouton.hidden = false;
  bouton.addEventListener("click", () => bouton.setAttribute("aria-expanded", bouton.getAttribute("aria-expanded") === "false"));
}
