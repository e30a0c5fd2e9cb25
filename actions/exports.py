"""What is public of a convention as open data: one JSON, one CSV, of the published fiches and nothing else."""

import csv
import io

from ctg.texte import texte_brut

COLONNES = (
    *("territoire", "convention", "axe", "fiche", "titre", "statut", "avancement", "pilotes", "thematiques"),
    *("debut", "fin", "public_vise", "en_clair"),
)


def donnees_publiques(convention):
    """Return {territoire, convention, axes: [{numero, titre, fiches}]} of what an inhabitant may read."""
    axes = []
    fiches = list(convention.fiches.publiees().completes().dans_l_ordre())
    for axe in convention.axes.all():
        axe.convention = convention
        siennes = [f for f in fiches if f.axe_id == axe.pk]
        for fiche in siennes:
            fiche.convention, fiche.axe = convention, axe
        axes.append({"numero": axe.numero_affiche, "titre": axe.titre, "fiches": [_fiche(f) for f in siennes]})
    return {
        "territoire": convention.territoire.nom,
        "convention": convention.periode,
        "etat": convention.etat().value,
        "axes": axes,
    }


def _fiche(fiche):
    return {
        "numero": fiche.numero_affiche,
        "titre": fiche.titre,
        "statut": fiche.get_statut_display(),
        "avancement": fiche.avancement,
        "pilotes": [str(p) for p in fiche.pilotes],
        "thematiques": [t.nom for t in fiche.thematiques.all()],
        "debut": fiche.debut and fiche.debut.isoformat(),
        "fin": fiche.fin and fiche.fin.isoformat(),
        "public_vise": fiche.public_vise,
        "en_clair": fiche.en_clair,
        "objectifs": texte_brut(fiche.objectifs),
        "description": texte_brut(fiche.description),
        "indicateurs": [
            {
                "libelle": i.libelle,
                "unite": i.unite,
                "depart": i.montrer(i.reference),
                "valeurs": [
                    {"annee": annee, "cible": i.montrer(cible), "mesure": i.montrer(mesure)}
                    for annee, cible, mesure in i.valeurs(fiche.convention.annees)
                    if cible is not None or mesure is not None
                ],
            }
            for i in fiche.indicateurs.all()
        ],
        "financements": [
            {
                "financeur": str(f.partenaire),
                "annee": f.annee,
                "nature": f.nature,
                "prevu": None if f.prevu is None else f"{f.prevu:f}",
                "realise": None if f.realise is None else f"{f.realise:f}",
                "etat": f.etat_realise if f.realise is not None else f.etat_prevu,
            }
            for f in fiche.financements.all()
        ],
    }


def csv_public(convention):
    """Return one line a published fiche (UTF-8 with its mark, as spreadsheets ask; no formula)."""
    donnees, sortie = donnees_publiques(convention), io.StringIO()
    lignes = csv.writer(sortie, delimiter=";")
    lignes.writerow(COLONNES)
    for axe in donnees["axes"]:
        for fiche in axe["fiches"]:
            tete = [donnees["territoire"], donnees["convention"], axe["numero"], fiche["numero"]]
            mots = [fiche["titre"], fiche["statut"], fiche["avancement"], " ; ".join(fiche["pilotes"])]
            suite = [" ; ".join(fiche["thematiques"]), fiche["debut"], fiche["fin"], fiche["public_vise"]]
            lignes.writerow([_inerte(v) for v in [*tete, *mots, *suite, fiche["en_clair"]]])
    return ("\ufeff" + sortie.getvalue()).encode()


def _inerte(valeur):
    """Return a text that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return f"'{valeur}" if isinstance(valeur, str) and valeur[:1] in {"=", "+", "-", "@", "\t", "\r"} else valeur
