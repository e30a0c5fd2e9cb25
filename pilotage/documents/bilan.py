"""What an account says: one set of data, from which its page, its papers and its sheet are all made.

Format `ctg-bilan`, version 1: JSON, UTF-8, keys sorted; amounts are decimal strings in euros. While the account may move it
is made of the plan as it is; once it is closed, what was sealed is read back, and the plan is asked nothing any more.
"""

import json
from decimal import Decimal

from django.db.models import Q, prefetch_related_objects
from django.utils import timezone

from actions.annee import TableauDeBord
from actions.annee.bord import PROGRES, barres_de_l_argent, barres_des_progres
from actions.documents.plan import mention
from actions.models import Action, Somme
from actions.models.moyens import part_de_la_caf
from ctg.impression import morceau, sommaire
from ctg.pdf import Document, Entree, Jointe
from ctg.texte import texte_brut
from pilotage.models import Decision, Reunion

FORMAT, VERSION, NOM_DES_DONNEES = "ctg-bilan", 1, "bilan.json"
TEXTES = ("fait", "ecarts", "difficultes", "participation", "suite_dite")
# The four questions of the CNAF's frame of evaluation.
QUESTIONS = {
    "coherence": "Cohérence et pertinence des objectifs",
    "atteinte": "Degré d’atteinte des objectifs",
    "moyens": "Moyens et leur adéquation",
    "effets": "Pérennité des effets",
}
NOTES_MAX = 20


def donnees_du_bilan(bilan):
    """Return what an account says: as it was sealed, or as it stands. Raises `OSError` if the store has lost it."""
    return bilan.arretees or _donnees(bilan)


def octets_du_bilan(bilan):
    """Return the data as they are sealed."""
    return json.dumps(_donnees(bilan), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _montant(valeur):
    return None if valeur is None else f"{valeur:f}"


def _somme(somme):
    return {
        "prevu": _montant(somme.prevu),
        "realise": _montant(somme.realise),
        "ecart": _montant(somme.ecart),
        "provisoire": somme.provisoire,
        "marque_prevu": somme.marque_prevu and list(somme.marque_prevu),
        "marque_realise": somme.marque_realise and list(somme.marque_realise),
    }


def _par_financeur(lignes):
    par = {}
    for f in lignes:
        cle = f.partenaire.nom_court, f.partenaire_id, f.get_nature_display(), str(f.dispositif or "")
        par.setdefault(cle, []).append(f)
    return [
        {"financeur": nom, "partenaire": pk, "nature": nature, "dispositif": dispositif, **_somme(Somme.de(siennes))}
        for (nom, pk, nature, dispositif), siennes in sorted(par.items())
    ]


def _donnees(bilan):
    convention, annees = bilan.convention, bilan.annees
    pages = {p.action_id: p for p in bilan.pages.all()}
    # What is accounted for is what has a page: archived since or not; a fiche that came since is in the next account.
    fiches = Action.objects.filter(pk__in=pages).dans_l_ordre()
    bord = TableauDeBord(convention, bilan.annee or annees[-1], fiches=fiches)
    prefetch_related_objects(bord.fiches, "notes")
    pages_d_axe = bilan.pages_d_axe.select_related("axe__convention__territoire")
    textes = {p.axe_id: p.texte for p in pages_d_axe}
    comptes_par_axe = {axe: (fiches, moyenne, comptes) for axe, fiches, moyenne, comptes in bord.axes}
    for p in pages_d_axe:  # an axe of which no fiche is accounted for has its words all the same
        comptes_par_axe.setdefault(p.axe, ([], None, [0] * len(PROGRES)))
    decisions, decisions_d_axe = _decisions(convention, annees)
    observations = {}
    for o in bilan.observations.select_related("partenaire"):
        dite = {"de": o.partenaire.nom_court, "le": o.le.isoformat(), "texte": o.texte}
        observations.setdefault(o.page_id, []).append(dite)
    lignes = [f for f in bord.financements if f.annee in annees]
    avant = _annee_d_avant(convention, annees)
    return {
        "format": FORMAT,
        "version": VERSION,
        "titre": str(bilan),
        "territoire": convention.territoire.nom,
        "convention": convention.periode,
        "annees": annees,
        "source": bilan.source,
        "synthese": bilan.synthese,
        "questions": {q: getattr(bilan, q) for q in QUESTIONS} if bilan.annee is None else {},
        "total": _somme(Somme.de(lignes)),
        "avant": _somme(Somme.de(f for f in bord.financements if f.annee == avant)) if avant else None,
        "caf": part_de_la_caf(lignes)[1],
        "financeurs": _financeurs(lignes),
        "observations": observations.get(None, []),
        "par_annee": [] if bilan.annee else _par_annee(bord),
        "progres": [[mots, nombre] for mots, nombre in bord.compte_des_progres],
        "axes": [
            {
                "pk": axe.pk,
                "numero": axe.numero_affiche,
                "titre": axe.titre,
                "texte": textes.get(axe.pk, ""),
                "avancement": moyenne,
                "comptes": comptes,
                "total": _somme(Somme.de(f for f in lignes if f.action.axe_id == axe.pk)),
                "decisions": decisions_d_axe.get(axe.pk, []),
                "fiches": [
                    {
                        **_fiche(fiche, pages[fiche.pk], annees, decisions.get(fiche.pk, [])),
                        "observations": observations.get(pages[fiche.pk].pk, []),
                    }
                    for fiche in fiches
                ],
            }
            for axe, (fiches, moyenne, comptes) in sorted(comptes_par_axe.items(), key=lambda paire: paire[0].ordre)
        ],
    }


def _annee_d_avant(convention, annees):
    """Return the year that stands beside the one accounted for, if the convention had it; None beside several."""
    return annees[0] - 1 if len(annees) == 1 and annees[0] - 1 in convention.annees else None


def _decisions(convention, annees):
    """Return what meetings decided in these years: ({fiche: texts}, {axe: texts} of what bears on a whole axe)."""
    par_fiche, par_axe = {}, {}
    tenues = Decision.objects.filter(reunion__date__year__in=annees)
    for d in tenues.filter(Q(action__convention=convention) | Q(axe__convention=convention)):
        lot, cle = (par_fiche, d.action_id) if d.action_id else (par_axe, d.axe_id)
        lot.setdefault(cle, []).append(d.texte)
    return par_fiche, par_axe


def _par_annee(bord):
    annees, rangees = bord.argent
    return [
        {"annee": annee, **_somme(somme)}
        for annee, somme in zip(annees, rangees[-1][1] if rangees else [], strict=True)
    ]


def fiche_du_bilan(page):
    """Return what an account says of one fiche, as `donnees_du_bilan` does of all."""
    bilan = page.bilan
    fiches = Action.objects.filter(pk=page.action_id).dans_l_ordre()
    bord = TableauDeBord(bilan.convention, bilan.annee or bilan.annees[-1], fiches=fiches)
    prefetch_related_objects(bord.fiches, "notes")
    decisions, _ = _decisions(bilan.convention, bilan.annees)
    return _fiche(bord.fiches[0], page, bilan.annees, decisions.get(page.action_id, []))


def _financeurs(lignes):
    par = {}
    for f in lignes:
        par.setdefault((f.partenaire.nom_court, f.partenaire_id), []).append(f)
    return [{"nom": nom, **_somme(Somme.de(siennes))} for (nom, _), siennes in sorted(par.items())]


def _fiche(fiche, page, annees, decisions):
    financements = [f for f in fiche.financements.all() if f.annee in annees]
    avant = _annee_d_avant(fiche.convention, annees)
    realises_avant = [f for f in fiche.financements.all() if f.annee == avant and f.realise is not None]
    notes = [n for n in fiche.notes.all() if n.nature == n.Nature.SUIVI and n.date.year in annees]
    return {
        "pk": fiche.pk,
        "numero": fiche.numero_affiche or "archivée",
        "titre": fiche.titre,
        "pilotes": fiche.pilotes_en_bref,
        "statut": "Archivée" if fiche.archivee else fiche.get_statut_display(),
        "avancement": fiche.avancement,
        "en_clair": fiche.en_clair,
        **{nom: getattr(page, nom) for nom in TEXTES},
        "suite": page.get_suite_display(),
        "indicateurs": [_indicateur(i, annees, avant) for i in fiche.indicateurs.all()],
        "financements": _par_financeur(financements),
        "total": _somme(Somme.de(financements)),
        "annee_avant": avant,
        "avant": _somme(Somme.de(realises_avant)) if realises_avant else None,
        "jalons": [
            {"libelle": j.libelle, "echeance": j.echeance.isoformat(), "atteint": j.atteint}
            for j in fiche.jalons.all()
            if j.echeance.year in annees
        ],
        "decisions": decisions,
        "notes": [f"{n.date:%d/%m/%Y} : {n.texte}" for n in notes[:NOTES_MAX]],
    }


def _indicateur(indicateur, annees, avant=None):
    """An indicator at the last of these years that has a measure, else at the last of them."""
    mesurees = [a for a in annees if indicateur.mesure_de(a) is not None]
    annee = (mesurees or annees)[-1]
    [(_, cible, mesure)] = indicateur.valeurs([annee])
    progres = indicateur.progres(annee)
    commentaires = [m.commentaire for m in indicateur.mesures.all() if m.annee == annee and m.commentaire]
    return {
        "libelle": indicateur.libelle,
        "unite": indicateur.unite,
        "annee": annee,
        "depart": indicateur.montrer(indicateur.reference),
        "cible": indicateur.montrer(cible),
        "avant": indicateur.montrer(indicateur.mesure_de(avant)) if avant else "",
        "mesure": indicateur.montrer(mesure),
        "valeur": _montant(mesure),
        "progres": progres.mots,
        "signe": progres.signe,
        "commentaire": " ; ".join(commentaires),
    }


# --- In the room -----------------------------------------------------------------------------------


def _reunions(bilan):
    """The meetings of the committee, or of any body that is no council."""
    return Reunion.objects.filter(territoire=bilan.convention.territoire).exclude(organisatrice__nature="conseil")


def derniere_reunion(bilan):
    """Return the last meeting before today: what moved since is what is told."""
    return _reunions(bilan).filter(date__lt=timezone.localdate()).order_by("-date").first()


def reunion_du_jour(bilan):
    """Return the meeting that sits today, where decisions are typed, or None."""
    return _reunions(bilan).filter(date=timezone.localdate()).first()


def projeter(bilan, axe, depuis):
    """Return [(fiche, what moved since a meeting, one sentence)] of an axe."""
    apres = depuis.date if depuis else bilan.ouvert_le
    fiches = bilan.convention.fiches.in_bulk([f["pk"] for f in axe["fiches"]])
    return [(f, _mouvements(fiches.get(f["pk"]), apres), _phrase(f)) for f in axe["fiches"]]


def _mouvements(fiche, apres):
    """Return in words what changed on a fiche after a day: its state, its progress, its reached milestones, its notes."""
    if fiche is None:
        return []
    dits, ancien = [], fiche.history.filter(history_date__date__lte=apres).first()
    if ancien and ancien.statut != fiche.statut:
        dits.append(f"statut : {ancien.get_statut_display().lower()} → {fiche.get_statut_display().lower()}")
    if ancien and ancien.avancement != fiche.avancement:
        dits.append(f"avancement : {ancien.avancement} % → {fiche.avancement} %")
    for jalon in fiche.jalons.filter(atteint=True):
        avant = jalon.history.filter(history_date__date__lte=apres).first()
        if avant and not avant.atteint:
            dits.append(f"jalon atteint : {jalon.libelle}")
    notes = fiche.notes.filter(date__gt=apres, nature="suivi")
    return dits + [f"{note.date:%d/%m} : {note.texte[:160]}" for note in notes[:3]]


def _phrase(fiche):
    """Return one sentence that says where a fiche stands: its pilote's, in the words for inhabitants if there are."""
    if fiche["en_clair"]:
        return fiche["en_clair"]
    return texte_brut(fiche["fait"]).split("\n")[0][:240] or f"{fiche['statut']}, avancement {fiche['avancement']} %."


# --- Papers ----------------------------------------------------------------------------------------


def _nombre(texte):
    return None if texte is None else float(texte)


def illustrer(donnees):
    """Return what pages and papers show beside the data: charts, where indicators stand in words, the questions asked."""
    lignes = [
        (f["nom"], [_nombre(f["prevu"]), _nombre(f["realise"])], [f.get("marque_prevu"), f.get("marque_realise")])
        for f in donnees["financeurs"]
    ]
    argent = barres_de_l_argent("Qui a payé quoi", lignes)
    par_axe = [(f"Axe {axe['numero']}", axe["comptes"]) for axe in donnees["axes"]]
    progres = barres_des_progres("Où en sont les indicateurs", par_axe, [mots for mots, _ in donnees["progres"]])
    dits = " ; ".join(f"{mots.lower()} : {nombre}" for mots, nombre in donnees["progres"] if nombre)
    questions = [(QUESTIONS[nom], texte) for nom, texte in donnees["questions"].items()]
    return {"argent": argent, "progres": progres, "progres_dits": dits.capitalize(), "questions": questions}


def document_bilan(bilan, verification="", filigrane="", octets=None, arrete_par=None):
    """The account as it is bound: a summary of two pages, each axe, a page for each fiche.

    About to be sealed, it carries the data (`octets`) and names the meeting that closes it (`arrete_par`).
    """
    donnees = donnees_du_bilan(bilan)
    contexte = {"bilan": bilan, "b": donnees, "arrete_par": arrete_par or bilan.arrete_par, **illustrer(donnees)}
    pieces = [
        morceau("Couverture", "documents/bilan/_couverture.html", contexte, [Entree(1, str(bilan), "couverture")]),
        morceau(
            "Synthèse", "documents/bilan/_synthese.html", contexte, [Entree(1, "Synthèse", "synthese")], str(bilan)
        ),
    ]
    for axe in donnees["axes"]:
        titre = f"Axe {axe['numero']} : {axe['titre']}"
        entree = Entree(1, titre, f"axe-{axe['numero']}")
        pieces.append(
            morceau(titre, "documents/bilan/_axe.html", {**contexte, "axe": axe}, [entree], f"Axe {axe['numero']}")
        )
        for fiche in axe["fiches"]:
            nom = f"Fiche {fiche['numero']}"
            entree = Entree(2, f"{fiche['numero']} {fiche['titre']}", f"fiche-{fiche['numero']}")
            pieces.append(morceau(nom, "documents/bilan/_fiche.html", {**contexte, "fiche": fiche}, [entree], nom))
    jointes = [Jointe(NOM_DES_DONNEES, octets, "application/json", "Les données du bilan")] if octets else []
    return Document(
        titre=f"{bilan} – CTG {bilan.convention.periode}, {bilan.convention.territoire}",
        auteur=str(bilan.convention.porteur),
        morceaux=pieces,
        sommaire=lambda pages: sommaire(pieces, pages),
        mention=mention(bilan.convention),
        filigrane=filigrane,
        verification=verification,
        jointes=tuple(jointes),
    )


def document_en_clair(bilan):
    """Four pages for inhabitants: what was done, by axe, in plain words, and what it cost."""
    donnees = donnees_du_bilan(bilan)
    # It is for everybody: a fiche that is not published is in its sums, and in none of its lines.
    publiees = set(Action.objects.publiees().de(bilan.convention).values_list("pk", flat=True))
    axes = [axe | {"fiches": [f for f in axe["fiches"] if f["pk"] in publiees]} for axe in donnees["axes"]]
    contexte = {"bilan": bilan, "b": donnees | {"axes": axes}, **illustrer(donnees)}
    piece = morceau(
        "En clair", "documents/bilan/_en_clair.html", contexte, [Entree(1, f"{bilan} en clair", "debut")], str(bilan)
    )
    return Document(
        titre=f"{bilan} en clair – {bilan.convention.territoire}",
        auteur=str(bilan.convention.porteur),
        morceaux=[piece],
        mention=mention(bilan.convention),
    )


def differences(bilan):
    """Return which amounts changed since the account was closed, or since its last complement, in euros.

    [{cle, fiche, financeur, ..., avant, apres}]: `cle` is that of the line of money.
    """

    def montants(donnees):
        return {
            (fiche["pk"], f["partenaire"], f["nature"], f["dispositif"]): {**f, "fiche": fiche["numero"]}
            for axe in donnees["axes"]
            for fiche in axe["fiches"]
            for f in fiche["financements"]
        }

    if bilan.arretees is None:
        return []
    avant, apres = montants(bilan.arretees), montants(_donnees(bilan))
    for complement in bilan.complements.all():
        for d in complement.differences:
            cle = tuple(d["cle"]) if "cle" in d else _cle_de(avant, d)
            dits = {"realise": d["apres"], "provisoire": bool(d["apres"]) and not d["definitif"]}
            avant[cle] = {**avant.get(cle, d), **dits}
    trouvees = []
    for cle in sorted(avant.keys() | apres.keys()):
        ancien, nouveau = avant.get(cle, {}), apres.get(cle, {})
        if _realise(ancien) != _realise(nouveau):
            dite = ancien or nouveau  # by the number that the account gave to its fiche
            realises = {"avant": ancien.get("realise"), "apres": nouveau.get("realise")}
            trouvees.append(
                {"cle": list(cle)}
                | {nom: dite[nom] for nom in ("fiche", "financeur", "nature", "dispositif")}
                | realises
                | {"ecart": _ecart(**realises), "definitif": bool(realises["apres"]) and not nouveau.get("provisoire")}
            )
    return trouvees


def _realise(ligne):
    """Return the realised amount of a line and whether it may still move; (None, False) for none."""
    realise = ligne.get("realise")
    return realise, bool(realise and ligne.get("provisoire"))


def _cle_de(lignes, dite):
    """Return the key of the line that a complement names by its words: those sealed first kept no key."""
    noms = ("fiche", "financeur", "nature", "dispositif")
    return next(
        (cle for cle, ligne in lignes.items() if all(ligne.get(n) == dite[n] for n in noms)),
        tuple(dite[n] for n in noms),
    )


def _ecart(avant, apres):
    return f"{Decimal(apres or 0) - Decimal(avant or 0):f}"


def document_complement(bilan, objet, differences, verification=""):
    """The dated complement of a closed account: each amount that changed, before and after."""
    contexte = {"bilan": bilan, "objet": objet, "differences": differences}
    contexte["precedent"] = bilan.complements.last()
    piece = morceau("Complément", "documents/bilan/_complement.html", contexte, [Entree(1, objet, "debut")], str(bilan))
    return Document(
        titre=f"Complément {bilan.apres_a} – {bilan.convention.territoire}",
        auteur=str(bilan.convention.porteur),
        morceaux=[piece],
        mention=mention(bilan.convention),
        verification=verification,
    )
