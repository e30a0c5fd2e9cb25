"""Which parts of which object of the plan can be edited; a section of a fiche is declared here, once.

Reading, printing, what is missing, copying, history and sheets read this table: a new kind of row touches its model,
its line here, and its two templates (`actions/sections/`, `documents/plan/sections/`).
"""

from dataclasses import dataclass

from django import forms as widgets

from actions import forms
from actions.models import Action, Dispositif, Partenaire, Thematique
from ctg.formulaires import Limite
from ctg.saisie import Partie


@dataclass(frozen=True)
class Section(Partie):
    """A section of a fiche.

    `manques` are [(test of the fiche, what is missing in words)]; `copie` are the fields that a copy of the fiche
    takes over, `copie_lignes` those of its rows ({related name: fields}); the past of a fiche is never copied.
    What a `datee` section holds is of the years of its convention: the next one starts without it.
    `papier` is its place below the identity of the printed fiche: among the texts (which may stand in two columns),
    among the tables, or "" where the identity says it.
    """

    manques: tuple = ()
    copie: tuple = ()
    copie_lignes: tuple = ()
    datee: bool = False
    papier: str = "texte"


def _partenaires(objet):
    return Limite(Partenaire.objects.utilisables(objet.convention.territoire))


SECTIONS = {
    "identite": Section(
        "Fiche et avancement",
        forms.section("titre", "statut", "priorite", "avancement", "publiee", "en_clair", "objectif", "origine"),
        limites=lambda action: {
            "objectif": action.axe.objectifs.all(),
            "origine": Limite(
                Action.objects.filter(convention=action.convention.precedente_id)
                .select_related("axe", "convention")
                .dans_l_ordre()
            ),
        },
        copie=("priorite", "en_clair"),
        papier="",
    ),
    "enjeux": Section(
        "Constats et objectifs",
        forms.section("constats", "objectifs", "description", "public_vise"),
        manques=(
            (lambda a: a.constats, "les constats et enjeux"),
            (lambda a: a.objectifs, "les objectifs"),
            (lambda a: a.description, "la description"),
            (lambda a: a.public_vise, "le public visé"),
        ),
        copie=("constats", "objectifs", "description", "public_vise"),
    ),
    "thematiques": Section(
        "Thématiques CNAF",
        forms.section("thematiques", thematiques=widgets.CheckboxSelectMultiple),
        manques=((lambda a: a.thematiques.all(), "au moins une thématique"),),
        papier="",
    ),
    "pilotage": Section(
        "Pilotage et partenaires",
        forms.section("elu_referent", "technicien_referent"),
        forms.PARTICIPATIONS,
        ajout="Ajouter un partenaire",
        limites=lambda action: {"partenaire": _partenaires(action)},
        manques=(
            (lambda a: a.pilotes, "le pilote"),
            (lambda a: a.contributeurs, "au moins un partenaire"),
            (lambda a: a.elu_referent, "l’élu référent"),
            (lambda a: a.technicien_referent, "le technicien référent"),
        ),
        copie=("elu_referent", "technicien_referent"),
        copie_lignes=(("participations", ("partenaire", "nature", "ordre", "role")),),
    ),
    "calendrier": Section(
        "Calendrier",
        forms.section("debut", "fin"),
        forms.JALONS,
        ajout="Ajouter un jalon",
        manques=((lambda a: a.debut and a.fin, "les dates de début et de fin"),),
        copie=("debut", "fin"),
        copie_lignes=(("jalons", ("libelle", "echeance")),),
        datee=True,
    ),
    "moyens": Section(
        "Moyens",
        forms.section("moyens_humains", "moyens_materiels"),
        manques=((lambda a: a.moyens_humains or a.moyens_materiels, "les moyens"),),
        copie=("moyens_humains", "moyens_materiels"),
    ),
    "financements": Section(
        "Financements",
        lignes=forms.FINANCEMENTS,
        ajout="Ajouter un financement",
        limites=lambda action: {
            "partenaire": _partenaires(action),
            "dispositif": Limite(Dispositif.objects.all()),
            "service": Limite(action.convention.services.all()),
        },
        manques=((lambda a: a.financements.all(), "au moins un financement"),),
        papier="tableau",
        copie_lignes=(("financements", ("partenaire", "dispositif", "service", "annee", "nature", "prevu")),),
        datee=True,
    ),
    "indicateurs": Section(
        "Indicateurs de suivi",
        lignes=forms.INDICATEURS,
        ajout="Ajouter un indicateur",
        reglages=lambda action: {"annees": action.convention.annees},
        manques=((lambda a: a.indicateurs.all(), "au moins un indicateur"),),
        papier="tableau",
        limites=lambda action: {"saisi_par": _partenaires(action)},
        copie_lignes=(("indicateurs", (*forms.INDICATEUR, "saisi_par")),),
    ),
    "vigilance": Section("Points de vigilance", forms.section("vigilance")),
}


def manques(action):
    """Return what is still missing for a fiche to be complete, as French names in screen order."""
    return [mots for s in SECTIONS.values() for present, mots in s.manques if not present(action)]


def _partenaires_et_themes(convention):
    partenaires = _partenaires(convention)
    return {
        "partenaire": partenaires,
        "gestionnaire": partenaires,
        "cofinance_par": partenaires,
        "thematique": Limite(Thematique.objects.all()),
    }


# The convention, part by part, in the order in which it is printed.
CONVENTION = {
    "identite": Partie(
        "Période et publication",
        forms.partie_de_convention("titre", "debut", "fin", "numerotation", "publiee"),
    ),
    "parties": Partie(
        "Parties et représentants", lignes=forms.SIGNATAIRES, ajout="Ajouter une partie", limites=_partenaires_et_themes
    ),
    "textes": Partie("Visas et préambule", forms.partie_de_convention("visas", "preambule")),
    "articles": Partie("Articles", lignes=forms.ARTICLES, ajout="Ajouter un article"),
    "diagnostic": Partie("Diagnostic partagé", forms.partie_de_convention("diagnostic")),
    "services": Partie(
        "Services soutenus", lignes=forms.SERVICES, ajout="Ajouter un service", limites=_partenaires_et_themes
    ),
    "axes": Partie("Axes stratégiques", lignes=forms.AXES, ajout="Ajouter un axe"),
    "pilotage": Partie("Modalités de pilotage", forms.partie_de_convention("pilotage")),
    "evaluation": Partie("Modalités d’évaluation", forms.partie_de_convention("evaluation")),
    "annexes": Partie("Annexes", lignes=forms.ANNEXES, ajout="Ajouter une annexe"),
}

POSTE = {
    "poste": Partie(
        "Le poste, et ses années",
        forms.PosteForm,
        forms.ANNEES_DE_POSTE,
        ajout="Ajouter une année",
        limites=lambda poste: {"employeur": _partenaires(poste)},
        reglages=lambda poste: {"axes": list(poste.convention.axes.select_related("convention"))},
    )
}
PARTENAIRE = {"partenaire": Partie("Partenaire", forms.PartenaireForm)}
TERRITOIRE = {
    "territoire": Partie("Le territoire", forms.TerritoireForm),
    "mentions": Partie("Pages légales et contact", forms.MentionsForm),
}
