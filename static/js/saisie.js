// The grid of a year: keys, pasted blocks, undo, each cell saved as one leaves it. Without this file it is one form.
"use strict";

(() => {
  const formulaire = document.querySelector("form[data-saisie]");
  if (!formulaire) return;
  const annuler = document.querySelector("[data-annuler]");
  const pile = []; // what each save replaced: [{nom, texte}]
  const rates = new Set(); // cells whose answer never came: sent again with the next
  let envoi = Promise.resolve();

  const avant = (case_) => formulaire.elements[`avant-${case_.name}`];
  const change = (case_) => case_.value.trim() !== avant(case_).value.trim();
  const aEnvoyer = () => [...formulaire.querySelectorAll("[data-case]")].filter(change);

  formulaire.querySelector("[data-sans-script]").hidden = true;
  if (annuler) annuler.hidden = false;

  function dire(case_, etat, message) {
    case_.classList.remove("case-enregistre", "case-refuse", "case-conflit", "case-envoi");
    if (etat) case_.classList.add(`case-${etat}`);
    case_.toggleAttribute("aria-invalid", etat === "refuse" || etat === "conflit");
    if (case_.hasAttribute("aria-invalid")) case_.setAttribute("aria-invalid", "true");
    document.getElementById(`etat-${case_.name}`).textContent = (etat === "enregistre" ? "✓ " : "") + message;
  }

  // One exchange after the other: a save reads what the one before it has written.
  function enregistrer(cases, retour = false) {
    envoi = envoi.then(() => poster([...new Set([...cases, ...rates])].filter(change), retour));
    return envoi;
  }

  async function poster(cases, retour) {
    if (!cases.length) return;
    const corps = new URLSearchParams();
    const replaces = cases.map((c) => ({ nom: c.name, texte: avant(c).value }));
    const envoyes = new Map(cases.map((c) => [c, c.value]));
    for (const c of cases) {
      corps.append(c.name, c.value);
      corps.append(`avant-${c.name}`, avant(c).value);
      dire(c, "envoi", "enregistrement…");
    }
    const jeton = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? formulaire.elements.csrfmiddlewaretoken.value;
    let reponse;
    try {
      reponse = await fetch(formulaire.action, {
        method: "POST", body: corps, headers: { Accept: "application/json", "X-CSRFToken": jeton, "HX-Request": "true" },
      });
      if (!reponse.ok) throw reponse;
      for (const c of cases) rates.delete(c);
      appliquer(await reponse.json(), envoyes);
      if (!retour) pile.push(replaces.filter(({ nom }) => !formulaire.elements[nom].hasAttribute("aria-invalid")));
    } catch (echec) {
      const mots = echec.status === 401 ? "non enregistré : votre session a expiré, connectez-vous dans un autre onglet"
        : echec.status === 403 ? `non enregistré : ${await echec.text()}`
        : echec.status === 410 ? "non enregistré : ce lien n’ouvre plus rien"
        : echec.status ? "non enregistré : le serveur n’a pas pu répondre"
        : "non enregistré : la connexion est interrompue";
      for (const c of cases) { rates.add(c); dire(c, "refuse", mots); }
    }
    while (pile.length && !pile.at(-1).length) pile.pop();
    if (annuler) annuler.disabled = !pile.length;
  }

  function appliquer({ cases, compte }, envoyes) {
    for (const [case_, envoye] of envoyes) {
      const fait = cases[case_.name] ?? { etat: "refuse", avant: avant(case_).value, message: "non enregistré : rechargez la page" };
      avant(case_).value = fait.avant;
      if (fait.etat === "enregistre" && case_.value === envoye) case_.value = fait.texte;
      dire(case_, fait.etat, fait.message);
    }
    for (const nom of ["mesures", "montants", "miens"]) {
      const zone = document.querySelector(`[data-compte=${nom}]`);
      if (zone) zone.textContent = Array.isArray(compte[nom]) ? compte[nom].join(" / ") : compte[nom];
    }
  }

  formulaire.addEventListener("change", ({ target }) => { if (target.matches("[data-case]")) enregistrer([target]); });
  formulaire.addEventListener("submit", (evenement) => { evenement.preventDefault(); enregistrer(aEnvoyer()); });

  annuler?.addEventListener("click", () => {
    const rendues = pile.pop()?.map(({ nom, texte }) => Object.assign(formulaire.elements[nom], { value: texte })) ?? [];
    annuler.disabled = !pile.length;
    if (rendues.length) { enregistrer(rendues, true); rendues[0].focus(); }
  });

  // --- Keys: a grid is a grid -----------------------------------------------------------------------
  const rangees = (case_) => [...case_.closest("[data-tableau]").querySelectorAll("tbody tr")];
  const colonne = (case_) => case_.closest("td").cellIndex;
  const en = (rangee, index) => rangee?.cells[index]?.querySelector("[data-case]");

  function aller(case_, pas) {
    const toutes = rangees(case_), index = colonne(case_);
    for (let n = toutes.indexOf(case_.closest("tr")) + pas; n >= 0 && n < toutes.length; n += pas) {
      const suivante = en(toutes[n], index);
      if (suivante) { suivante.focus(); suivante.select?.(); return true; }
    }
    return false;
  }
  function cote(case_, pas) {
    const rangee = case_.closest("tr");
    for (let n = colonne(case_) + pas; n >= 0 && n < rangee.cells.length; n += pas) {
      const suivante = en(rangee, n);
      if (suivante) { suivante.focus(); suivante.select?.(); return true; }
    }
    return false;
  }

  formulaire.addEventListener("keydown", (evenement) => {
    const case_ = evenement.target;
    if (!case_.matches?.("[data-case]") || evenement.ctrlKey || evenement.metaKey || evenement.altKey) return;
    const texte = case_.tagName === "INPUT" && case_.type === "text";
    // A list or a date would change under the arrows, and be saved so: they lead to the next cell there too.
    const choix = case_.tagName === "SELECT";
    if (choix && ["ArrowLeft", "ArrowRight"].includes(evenement.key)) {
      cote(case_, evenement.key === "ArrowRight" ? 1 : -1);
      evenement.preventDefault();
      return;
    }
    if ((choix || case_.type === "date") && ["ArrowUp", "ArrowDown"].includes(evenement.key)) {
      aller(case_, evenement.key === "ArrowDown" ? 1 : -1);
      evenement.preventDefault();
      return;
    }
    const debut = texte && case_.selectionStart === 0 && (case_.selectionEnd === 0 || case_.selectionEnd === case_.value.length);
    const fin = texte && case_.selectionEnd === case_.value.length;
    let bouge = false;
    if (evenement.key === "Enter") {
      // Leaving the cell saves it; where there is nowhere to go, Enter does.
      if (!aller(case_, evenement.shiftKey ? -1 : 1) || rates.size) enregistrer(rates.size ? [] : [case_]);
      bouge = true;
    }
    else if (texte && evenement.key === "ArrowDown") bouge = aller(case_, 1);
    else if (texte && evenement.key === "ArrowUp") bouge = aller(case_, -1);
    else if (fin && evenement.key === "ArrowRight") bouge = cote(case_, 1);
    else if (debut && evenement.key === "ArrowLeft") bouge = cote(case_, -1);
    else if (evenement.key === "Escape" && change(case_)) { case_.value = avant(case_).value; dire(case_, "", ""); bouge = true; }
    if (bouge) evenement.preventDefault();
  });

  // --- A block copied from a spreadsheet ------------------------------------------------------------
  const mot = (texte) => texte.trim().normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  function remplir(case_, texte) {
    if (case_.tagName === "SELECT") {
      const choix = [...case_.options].find((o) => mot(o.text) === mot(texte) || o.value === texte.trim());
      if (!choix && texte.trim()) { dire(case_, "refuse", `« ${texte.trim()} » n’est pas dans la liste`); return; }
      case_.value = choix?.value ?? "";
    } else if (case_.type === "date") {
      const [, j, m, a] = texte.trim().match(/^(\d{1,2})\/(\d{1,2})\/(\d{4})$/) ?? [];
      const iso = a ? `${a}-${m.padStart(2, "0")}-${j.padStart(2, "0")}` : texte.trim();
      const garde = case_.value;
      case_.value = iso;
      // A date field makes anything else empty: what stood there is put back, and the person told.
      if (iso && case_.value !== iso) { case_.value = garde; dire(case_, "refuse", `« ${texte.trim()} » n’est pas une date : écrivez 31/03/2027`); }
    } else case_.value = texte.trim();
  }
  formulaire.addEventListener("paste", (evenement) => {
    const case_ = evenement.target;
    const colle = evenement.clipboardData.getData("text/plain").replace(/\r/g, "").replace(/\n+$/, "");
    if (!case_.matches?.("[data-case]") || !/[\t\n]/.test(colle)) return;
    evenement.preventDefault();
    const toutes = rangees(case_), depart = toutes.indexOf(case_.closest("tr")), index = colonne(case_);
    const touchees = [], perdues = [];
    colle.split("\n").forEach((ligne, n) => ligne.split("\t").forEach((texte, m) => {
      const cible = en(toutes[depart + n], index + m);
      if (cible) { remplir(cible, texte); touchees.push(cible); } else if (texte.trim()) perdues.push(texte.trim());
    }));
    enregistrer(touchees);
    if (perdues.length) {
      const mots = `${perdues.length} valeur${perdues.length > 1 ? "s" : ""} du bloc collé ${perdues.length > 1 ? "tombent" : "tombe"} hors des cases à saisir : ${perdues.slice(0, 5).join(", ")}`;
      dire(case_, change(case_) ? "envoi" : "conflit", mots);
    }
  });

  // Leaving asks first only while something is not saved.
  window.addEventListener("beforeunload", (evenement) => { if (aEnvoyer().length) evenement.preventDefault(); });
})();
