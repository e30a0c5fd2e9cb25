"""Which parts of which object of the governance can be edited, and when."""

from actions.models import Partenaire
from ctg.formulaires import Limite
from ctg.saisie import Partie
from pilotage import forms
from pilotage.forms import bilan
from pilotage.models.reunion import FIGEE


def _fiches(reunion):
    return {"action": Limite(forms.fiches_de(reunion))}


def _composition(instance):
    return {
        "partenaire": Limite(Partenaire.objects.utilisables(instance.territoire)),
        "suppleant_de": Limite(instance.mandats.en_cours()),
    }


def _non_figee(reunion):
    return FIGEE if reunion.est_fige else ""


def _d_un_conseil(reunion):
    return _non_figee(reunion) if reunion.est_seance else "Seul un conseil se compte en membres élus."


def _d_une_instance(reunion):
    return _non_figee(reunion) if reunion.organisatrice_id else "Cette réunion n’est pas celle d’une instance."


def _comptee(reunion):
    if raison := _d_un_conseil(reunion):
        return raison
    return "Les présences sont notées par nom : le décompte en vient." if reunion.presences.exists() else ""


def _vote_public(acte):
    secret = acte.mode == acte.Mode.SECRET
    return (
        "Le scrutin est secret : aucun vote n’est noté par nom (changez d’abord le mode de scrutin)." if secret else ""
    )


INSTANCE = {
    "composition": Partie(
        "Composition", forms.InstanceForm, forms.MANDATS, ajout="Ajouter un membre", limites=_composition
    )
}
CONSEIL = {
    "composition": Partie(
        "Composition", forms.ConseilForm, forms.MANDATS, ajout="Ajouter un membre", limites=_composition
    )
}
REUNION = {
    "convocation": Partie("Convocation", forms.ReunionForm, si=_non_figee),
    "points": Partie("Ordre du jour", lignes=forms.POINTS, ajout="Ajouter un point", limites=_fiches),
    "presences": Partie("Présences par nom", grille=forms.PresencesForm, si=_d_une_instance),
    "comptes": Partie("Présences, par leur nombre", forms.ComptesForm, si=_comptee),
    "compte-rendu": Partie(
        "Compte rendu et décisions",
        forms.CompteRenduForm,
        forms.DECISIONS,
        ajout="Ajouter une décision",
        limites=_fiches,
    ),
}
BILAN = {"synthese": Partie("Synthèse", bilan.BilanForm)}
PAGE_D_AXE = {"axe": Partie("Axe", bilan.PageDAxeForm)}
PAGE_DE_BILAN = {"page": Partie("Page de la fiche", bilan.PageDeBilanForm)}
ACTE = {
    "texte": Partie("Texte de la délibération", forms.ActeForm, forms.DISPOSITIONS, ajout="Ajouter un article"),
    "vote": Partie("Vote", forms.VoteForm),
    "noms": Partie("Vote, par noms", grille=forms.VotesNominauxForm, si=_vote_public),
}
