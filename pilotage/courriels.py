"""The e-mails of the governance: the next person is told at once, through the queue, once each."""

from actions.models import Fonction, Partenaire
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


def _ecrire(request, bilan, adresses, sujet, phrases, ou=""):
    contexte = {
        "bilan": bilan,
        "phrases": phrases,
        "adresse": ou or request.build_absolute_uri(bilan.get_absolute_url()),
        "auteur": request.user,
    }
    for une in adresses:
        if une != request.user.email:
            ecrire("bilan", contexte, a=une, sujet=f"CTG {bilan.convention.territoire} : {sujet}")


def _parties(bilan):
    return bilan.convention.signataires.values_list("partenaire", flat=True)


def _prevenir_les_pilotes(request, bilan, sujet, phrases):
    """Tell who writes the pages of each partner: its agents, and the holders of its links. `phrases` are {partner: texts}.

    Return the partners of whom nobody could be told.
    """
    par_adresse, muets = {}, []
    ouverts = list(bilan.convention.liens_de_saisie.ouverts())
    for partenaire, siennes in phrases.items():
        liens = [lien for lien in ouverts if _ouvre(lien, bilan, partenaire)]
        qui = dict.fromkeys(_adresses([partenaire]), "")
        qui |= {lien.destinataire: request.build_absolute_uri(lien.get_absolute_url()) for lien in liens}
        if not qui:
            muets.append(partenaire)
        for une, ou in qui.items():
            par_adresse.setdefault((une, ou), []).extend(siennes)
    for (une, ou), siennes in par_adresse.items():
        _ecrire(request, bilan, [une], sujet, list(dict.fromkeys(siennes)), ou)
    return list(Partenaire.objects.filter(pk__in=muets))


def _ouvre(lien, bilan, partenaire):
    """Tell whether a link lets its holder write the pages of a partner in an account."""
    return lien.partenaire_id == partenaire and lien.annee == bilan.annees[-1]


def bilan_ouvert(request, bilan):
    """Tell the pilotes; return the partners of whom nobody could be told."""
    pages = bilan.pages.completes().prefetch_related("action__participations")
    quand = f" Les pages sont attendues pour le {bilan.attendu_le:%d/%m/%Y}." if bilan.attendu_le else ""
    phrase = f"{bilan} est ouvert : chaque pilote y écrit la page de ses fiches.{quand}"
    pilotes = {pk: [phrase] for page in pages for pk in page.action.pilotes_ids}
    return _prevenir_les_pilotes(request, bilan, f"{bilan}, vos pages à écrire", pilotes)


def bilan_partage(request, bilan):
    phrases = [f"{bilan} est partagé. Vos observations sont attendues jusqu’au {bilan.observations_jusqu_au:%d/%m/%Y}."]
    _ecrire(request, bilan, _adresses(_parties(bilan)), f"{bilan}, à relire", phrases)


def bilan_observe(request, bilan, observation):
    sur = f"la fiche {observation.page.action}" if observation.page else "l’ensemble"
    phrases = [f"{observation.partenaire} a fait une observation sur {sur} :", observation.texte]
    _ecrire(request, bilan, _adresses([bilan.convention.porteur_id]), f"{bilan}, une observation", phrases)


def bilan_a_reprendre(request, bilan, demandes):
    """Tell the pilotes of the pages that are given back; return the partners of whom nobody could be told."""
    pilotes = {}
    for page, demande in demandes.items():
        for pk in page.action.pilotes_ids:
            pilotes.setdefault(pk, []).append(f"Fiche {page.action} : {demande}")
    return _prevenir_les_pilotes(request, bilan, f"{bilan}, une page à reprendre", pilotes)


def bilan_arrete(request, bilan):
    phrases = [f"{bilan} est arrêté depuis le {bilan.arrete_le:%d/%m/%Y}. Le document scellé est sur sa page."]
    _ecrire(request, bilan, _adresses(_parties(bilan)), f"{bilan}, arrêté", phrases)


def bilan_transmis(request, bilan):
    caf = bilan.convention.signataires.filter(partenaire__nature="caf").values_list("partenaire", flat=True)
    phrases = [f"{bilan} vous est transmis. Le document scellé est sur sa page."]
    _ecrire(request, bilan, _adresses(caf), f"{bilan}, transmis", phrases)


def bilan_vise(request, bilan):
    phrases = [f"{bilan} est visé par {bilan.vise_par} depuis le {bilan.vise_le:%d/%m/%Y}."]
    _ecrire(request, bilan, _adresses([bilan.convention.porteur_id]), f"{bilan}, visé", phrases)


def bilan_complete(request, bilan, objet):
    phrases = [f"{bilan} a un complément : {objet}. Le bilan arrêté ne change pas ; la différence est scellée à côté."]
    _ecrire(request, bilan, _adresses(_parties(bilan)), f"{bilan}, un complément", phrases)
