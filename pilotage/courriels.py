"""The e-mails of the governance: the next person is told at once, through the queue, once each."""

from actions.models import Fonction
from ctg.courriels import ecrire
from ctg.droits import AGENT


def _adresses(partenaires):
    """Return the addresses of the agents of some partners today, each once."""
    fonctions = Fonction.objects.en_cours().filter(partenaire__in=partenaires, nature=AGENT, compte__is_active=True)
    return sorted(set(fonctions.values_list("compte__email", flat=True)))


def acte_rendu(request, acte):
    """Tell the porteur that an act came by a signed link: it counts once they have looked at it."""
    contexte = {"acte": acte, "adresse": request.build_absolute_uri(acte.get_absolute_url())}
    for une in _adresses([acte.approuve.porteur_id]):
        ecrire("acte_rendu", contexte, a=une, sujet=f"{acte.conseil} : un acte à confirmer")


def _ecrire(request, bilan, adresses, sujet, phrases):
    contexte = {
        "bilan": bilan,
        "phrases": phrases,
        "adresse": request.build_absolute_uri(bilan.get_absolute_url()),
        "auteur": request.user,
    }
    for une in adresses:
        if une != request.user.email:
            ecrire("bilan", contexte, a=une, sujet=f"CTG {bilan.convention.territoire} : {sujet}")


def _pilotes(pages):
    return {pk for page in pages for pk in page.action.pilotes_ids}


def _parties(bilan):
    return bilan.convention.signataires.values_list("partenaire", flat=True)


def bilan_ouvert(request, bilan):
    pages = bilan.pages.completes().prefetch_related("action__participations")
    quand = f" Les pages sont attendues pour le {bilan.attendu_le:%d/%m/%Y}." if bilan.attendu_le else ""
    phrases = [f"{bilan} est ouvert : chaque pilote y écrit la page de ses fiches.{quand}"]
    _ecrire(request, bilan, _adresses(_pilotes(pages)), f"{bilan}, vos pages à écrire", phrases)


def bilan_partage(request, bilan):
    phrases = [f"{bilan} est partagé. Vos observations sont attendues jusqu’au {bilan.observations_jusqu_au:%d/%m/%Y}."]
    _ecrire(request, bilan, _adresses(_parties(bilan)), f"{bilan}, à relire", phrases)


def bilan_a_reprendre(request, bilan, demandes):
    par_adresse = {}
    for page, demande in demandes.items():
        for une in _adresses(page.action.pilotes_ids):
            par_adresse.setdefault(une, []).append(f"Fiche {page.action} : {demande}")
    for une, phrases in par_adresse.items():
        _ecrire(request, bilan, [une], f"{bilan}, une page à reprendre", phrases)


def bilan_arrete(request, bilan):
    phrases = [f"{bilan} est arrêté depuis le {bilan.arrete_le:%d/%m/%Y}. Le document scellé est sur sa page."]
    _ecrire(request, bilan, _adresses(_parties(bilan)), f"{bilan}, arrêté", phrases)


def bilan_transmis(request, bilan):
    caf = bilan.convention.signataires.filter(partenaire__nature="caf").values_list("partenaire", flat=True)
    phrases = [f"{bilan} vous est transmis. Le document scellé est sur sa page."]
    _ecrire(request, bilan, _adresses(caf), f"{bilan}, transmis", phrases)
