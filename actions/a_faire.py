"""What a territory still lacks before its plan is read: computed from what is there, kept nowhere."""

from dataclasses import dataclass

from django.conf import settings

from actions.models import Fonction, Partenaire
from ctg.adresses import adresse


@dataclass(frozen=True)
class Tache:
    """One thing to do: what, whether it is done, and the ordinary page where it is."""

    quoi: str
    faite: bool
    ou: str


def a_faire(territoire):
    """Return the `Tache`s of a territory in the order in which one does them; those of a convention once there is one."""
    partenaires = territoire.partenaires.exclude(nature=Partenaire.Nature.ASSOCIATION)
    taches = [
        Tache("Dire son département", bool(territoire.departement), adresse("gestion_territoire", de=territoire)),
        Tache(
            "Enregistrer l’intercommunalité et ses communes",
            partenaires.count() > 1,
            adresse("partenaires_coller", de=territoire),
        ),
    ]
    convention = territoire.suivie
    if convention is None:
        taches.append(Tache("Ouvrir la première convention", False, adresse("convention_creer", de=territoire)))
        return taches
    porteur = convention.porteur
    signataires = list(convention.signataires.select_related("partenaire"))
    caf = any(s.partenaire.nature == Partenaire.Nature.CAF for s in signataires)
    agents = Fonction.objects.en_cours().filter(partenaire=porteur, nature=Fonction.Nature.AGENT)
    legales = territoire.directeur and territoire.contact_courriel and (territoire.hebergeur or settings.HEBERGEUR)
    return [
        *taches,
        Tache("Ouvrir la première convention", True, adresse("convention", de=convention)),
        Tache(
            f"Nommer les parties à la convention {convention.periode}, dont la CAF",
            caf and len(signataires) > 1,
            adresse("convention_modifier", "parties", de=convention),
        ),
        Tache("Écrire ses axes", convention.axes.exists(), adresse("convention_modifier", "axes", de=convention)),
        Tache(
            f"Inviter des collègues pour {porteur.nom_court}",
            agents.exists(),
            adresse("equipe_inviter", porteur.pk, de=territoire),
        ),
        Tache("Créer la première fiche action", convention.fiches.exists(), adresse("fiche_creer", de=convention)),
        Tache("Remplir les pages légales et le contact", bool(legales), adresse("gestion_mentions", de=territoire)),
        Tache("Publier la convention", convention.publiee, adresse("convention_modifier", "identite", de=convention)),
    ]
