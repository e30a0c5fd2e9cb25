"""The text of a convention as data: canonical JSON, whose SHA-256 tells whether two readers had the same text.

Format `ctg-convention`, version 3. UTF-8, keys sorted, no space, one line; no date of writing and no progress: the
same text gives the same bytes on whatever day. Keys:

- `format`, `version`: this format; `territoire`: {nom, slug, departement, region};
- `convention`: {cle, titre, debut, fin, terme, numerotation, precedente, porteur, visas, preambule, diagnostic,
  pilotage, evaluation} (rich texts as the sanitised HTML that is stored; dates ISO 8601);
- `parties`: in their order, {partenaire, nature, siret, representants: [[name, as what]]};
- `articles`: [{numero, titre, texte}]; `services`: [{nom, gestionnaire, commune, thematique}], since version 3 also
  {genre, places, places_psu, offre, cofinance_par};
- `annexes`, since version 2: [{numero, genre, titre}], what is annexed and in which order; for a file that others wrote
  also `sha256`, that of its bytes;
- `axes`: [{numero, titre, presentation, objectifs, fiches}], a fiche being {numero, titre, objectif, constats,
  objectifs, description, public_vise, thematiques, pilotes, partenaires, elu_referent, technicien_referent, debut,
  fin, moyens_humains, moyens_materiels, jalons, financements, indicateurs}; amounts and values are decimal strings,
  in euros or in the indicator's unit; since version 3 an amount says its nature, an indicator what its figures are;
- `saisie`, for a convention taken in from paper alone: {par, le}, who typed it in, and when.
"""

import json

from actions.models import Action
from ctg.scelles import empreinte

FORMAT, VERSION = "ctg-convention", 3
# Under what name the PDF of a version carries it.
NOM_DU_TEXTE = "convention.json"


def texte_canonique(convention, saisie=None):
    """Return the canonical JSON of a convention, as bytes; `saisie` is who took it in from paper, and when."""
    contenu = {
        "format": FORMAT,
        "version": VERSION,
        "territoire": _champs(convention.territoire, "nom", "slug", "departement", "region"),
        "convention": {
            **_champs(convention, "cle", "titre", "debut", "fin", "numerotation"),
            **_champs(convention, "visas", "preambule", "diagnostic", "pilotage", "evaluation"),
            "terme": convention.terme.isoformat(),
            "precedente": convention.precedente.cle if convention.precedente else None,
            "porteur": str(convention.porteur),
        },
        "parties": [
            {
                "partenaire": str(s.partenaire),
                "nature": s.partenaire.nature,
                "siret": s.partenaire.siret,
                "representants": [list(r) for r in s.representants],
            }
            for s in convention.signataires.select_related("partenaire")
        ],
        "articles": [{"numero": a.ordre, **_champs(a, "titre", "texte")} for a in convention.articles.all()],
        "services": [
            {
                **_champs(s, "nom", "commune", "genre", "places", "places_psu", "offre"),
                "gestionnaire": str(s.gestionnaire),
                "thematique": _nom(s.thematique),
                "cofinance_par": _nom(s.cofinance_par),
            }
            for s in convention.services.select_related("gestionnaire", "thematique", "cofinance_par")
        ],
        "annexes": [
            {"numero": a.ordre, "genre": a.genre, "titre": a.nom, **({"sha256": a.fichier_id} if a.fichier_id else {})}
            for a in convention.les_annexes
        ],
        "axes": _axes(convention),
    }
    if saisie:
        contenu["saisie"] = saisie
    return json.dumps(contenu, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def empreinte_du_texte(convention):
    """Return the SHA-256 of the text that a council has before it today: the version in signature, else the plan as it is."""
    version = convention.versions.qui_vaut()
    return version.json_id if version else empreinte(texte_canonique(convention))


def _champs(objet, *noms):
    return {nom: getattr(objet, nom) for nom in noms}


def _nom(objet):
    return str(objet) if objet else None


def _nombre(valeur):
    return None if valeur is None else f"{valeur:f}"


def _jour(date):
    return date.isoformat() if date else None


def _axes(convention):
    par_axe = {}
    for fiche in Action.objects.actives().de(convention).completes():
        fiche.convention = convention
        par_axe.setdefault(fiche.axe_id, []).append(_fiche(fiche))
    return [
        {
            "numero": axe.numero_affiche,
            **_champs(axe, "titre", "presentation"),
            "objectifs": [o.titre for o in axe.objectifs.all()],
            "fiches": par_axe.get(axe.pk, []),
        }
        for axe in convention.axes.prefetch_related("objectifs")
    ]


def _fiche(fiche):
    return {
        "numero": fiche.numero_affiche,
        **_champs(fiche, "titre", "constats", "objectifs", "description", "public_vise"),
        **_champs(fiche, "elu_referent", "technicien_referent", "moyens_humains", "moyens_materiels"),
        "objectif": _nom(fiche.objectif),
        "debut": _jour(fiche.debut),
        "fin": _jour(fiche.fin),
        "thematiques": sorted(t.nom for t in fiche.thematiques.all()),
        "pilotes": [str(p) for p in fiche.pilotes],
        "partenaires": [{"partenaire": str(p.partenaire), "role": p.role} for p in fiche.contributeurs],
        "jalons": [{"libelle": j.libelle, "echeance": _jour(j.echeance)} for j in fiche.jalons.all()],
        "financements": [
            {
                "financeur": str(f.partenaire),
                "dispositif": _nom(f.dispositif),
                "service": _nom(f.service),
                "annee": f.annee,
                "nature": f.nature,
                "prevu": _nombre(f.prevu),
            }
            for f in fiche.financements.all()
            if f.prevu is not None
        ],
        "indicateurs": [
            {
                **_champs(i, "libelle", "unite", "source", "annee_reference"),
                **_champs(i, "nature", "genre", "echelle", "sens", "cumulable", "periode"),
                "reference": _nombre(i.reference),
                "cibles": {str(c.annee): _nombre(c.valeur) for c in i.cibles.all()},
            }
            for i in fiche.indicateurs.all()
        ],
    }
