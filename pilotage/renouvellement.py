"""The renewal of a council (CGCT, L. 2121-7 and following): what ends, what begins, and who is still named."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from actions.models import Action, Convention, Etat, Fonction, Signataire
from ctg.texte import sans_accents
from pilotage.models import Instance, Mandat


def renouveler(conseil, le, serie, membres):
    """End the mandates of a council on the eve of `le`, let `membres` sit from then on; return (ended, begun).

    `membres` are {civilite, prenom, nom, qualite} in the order of the tableau; acts are numbered in a new series. What
    was voted or signed keeps the names of its day: mandates are ended, never deleted. Raises `ValidationError`.
    """
    with transaction.atomic():
        conseil.ouvrir_l_ecriture()
        conseil = Instance.objects.select_for_update(of=("self",)).get(pk=conseil.pk)
        if not conseil.est_conseil:
            raise ValidationError("Seul un conseil se renouvelle ainsi : modifiez la composition de cette instance.")
        if conseil.mandats.filter(debut__gte=le).exists():
            raise ValidationError(
                f"Des mandats commencent déjà le {le:%d/%m/%Y} ou après : ce renouvellement est fait."
            )
        if conseil.serie_du_mandat == serie or conseil.actes.figees().filter(serie=serie).exists():
            raise ValidationError(f"Le mandat {serie} est déjà ouvert, ou l’a été : indiquez le suivant.")
        if le > timezone.localdate():
            raise ValidationError(f"L’installation du {le:%d/%m/%Y} est à venir : notez-la le jour venu.")
        finissants = list(conseil.mandats.en_cours(le))
        for mandat in finissants:
            mandat.fin = le - timedelta(days=1)
            mandat.full_clean()
            mandat.save(update_fields=["fin"])
        for rang, membre in enumerate(membres, start=1):
            nouveau = Mandat(siege=conseil, rang=rang, debut=le, partenaire=conseil.collectivite, **membre)
            try:
                nouveau.full_clean()
            except ValidationError as erreur:
                raise ValidationError(f"Membre {rang}, {nouveau.personne} : {' '.join(erreur.messages)}") from erreur
            nouveau.save()
        conseil.serie_du_mandat = serie
        conseil.save(update_fields=["serie_du_mandat"])
        projets = list(conseil.actes.projets().filter(date__gte=le))
        if doubles := {p.numero for p in projets if [q.numero for q in projets].count(p.numero) > 1}:
            raise ValidationError(
                f"Deux projets d’actes portent le n° {', '.join(sorted(doubles))} : renumérotez-en un d’abord."
            )
        for projet in projets:
            projet.serie = conseil.serie_le(projet.date)
            projet.save(update_fields=["serie"])
    return len(finissants), len(membres)


def prevoir(conseil, le, serie, membres):
    """Return (mandates that would end, mandates that would begin), without keeping anything; raise as `renouveler`."""
    with transaction.atomic():
        finissants = list(conseil.mandats.en_cours(le).dans_l_ordre())
        renouveler(conseil, le, serie, membres)
        entrants = list(conseil.mandats.filter(debut=le).dans_l_ordre())
        transaction.set_rollback(True)
    return finissants, entrants


def encore_nommes(conseil):
    """Return [(what, who, address)] of all that still names somebody whose mandate in this council is over.

    Signataires that have not signed, élus référents of fiches, seats in other bodies, accounts of élus.
    """
    anciens = [m for m in conseil.mandats.exclude(pk__in=conseil.mandats.en_cours().values("pk")) if m.fin]
    revenus = {_nu(m) for m in conseil.mandats.en_cours()}
    partis = {_nu(m): m for m in anciens if _nu(m) not in revenus}
    if not partis:
        return []
    return [
        *_signataires(conseil, partis),
        *_referents(conseil, partis),
        *_sieges(conseil, partis),
        *_comptes(conseil, anciens),
    ]


def _nu(mandat):
    """First name and name, as they are compared."""
    return sans_accents(f"{mandat.prenom} {mandat.nom}").strip()


def _nomme(texte, partis):
    """Return the first of these persons that a text names, or None."""
    nu = sans_accents(texte or "")
    return next((m for nom, m in partis.items() if nom and nom in nu), None)


def _signataires(conseil, partis):
    ouvertes = Convention.objects.filter(territoire=conseil.territoire)
    vivantes = [c for c in ouvertes if c.etat() in {Etat.EN_PREPARATION, Etat.EN_SIGNATURE}]
    signataires = Signataire.objects.filter(convention__in=vivantes, signatures_notees__isnull=True)
    for s in signataires.select_related("partenaire", "convention__territoire"):
        for nom in (s.representant, s.second_representant):
            if _nomme(nom, partis):
                yield f"Signe la {s.convention} pour {s.partenaire}", nom, s.convention.get_absolute_url()


def _referents(conseil, partis):
    fiches = Action.objects.actives().filter(convention__territoire=conseil.territoire).exclude(elu_referent="")
    for fiche in fiches.select_related("axe", "convention__territoire"):
        if fiche.convention.etat() != Etat.ECHUE and _nomme(fiche.elu_referent, partis):
            yield f"Élu référent de la fiche {fiche}", fiche.elu_referent, fiche.get_absolute_url()


def _sieges(conseil, partis):
    mandats = Mandat.objects.en_cours().filter(siege__territoire=conseil.territoire).exclude(siege=conseil)
    for mandat in mandats.select_related("siege__territoire"):
        if _nu(mandat) in partis:
            yield f"Siège : {mandat.siege}", mandat.personne, mandat.siege.get_absolute_url()


def _comptes(conseil, anciens):
    """Accounts of élus of the collectivité that were opened before the new council sat."""
    elus = Fonction.objects.en_cours().filter(partenaire=conseil.collectivite_id, nature=Fonction.Nature.ELU)
    depuis = max((m.fin for m in anciens), default=None)
    for fonction in elus.select_related("compte"):
        if depuis and (fonction.debut is None or fonction.debut <= depuis):
            yield "Compte d’élu toujours ouvert", str(fonction.compte), ""
