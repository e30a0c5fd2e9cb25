"""One line of the plan: all that it shows of a fiche, and nothing else."""

from typing import NamedTuple

from django.db.models import Prefetch, prefetch_related_objects

from actions.models import Action, Participation


class Ligne(NamedTuple):
    """What a line of the plan shows. It is also the mark under which the line is kept: what is not here cannot be shown."""

    pk: int
    adresse: str
    numero: str
    titre: str
    pilotes: str  # Acronyms, « CCVA, CSCVA »; "" while nobody leads the fiche.
    thematiques: tuple[str, ...]
    statut: str
    statut_en_mots: str
    en_retard: bool
    prioritaire: bool
    publiee: bool
    avancement: int  # In %, from 0 to 100.

    @classmethod
    def de(cls, fiche):
        return cls(
            pk=fiche.pk,
            adresse=fiche.get_absolute_url(),
            numero=fiche.numero_affiche,
            titre=fiche.titre,
            pilotes=", ".join(p.partenaire.nom_court for p in fiche.pilotages),
            thematiques=tuple(map(str, fiche.ses_thematiques)),
            statut=fiche.statut,
            statut_en_mots=fiche.get_statut_display(),
            en_retard=fiche.est_en_retard(),
            prioritaire=fiche.priorite == Action.Priorite.HAUTE,
            publiee=fiche.publiee,
            avancement=fiche.avancement,
        )


def lignes_des_axes(convention, axes, fiches, vides):
    """Return [(axe, its lines)] in the order of the plan; axes without a fiche too if `vides`.

    In two queries beside the fiches, however many they are.
    """
    groupes = {axe.pk: (axe, []) for axe in axes}
    for axe, _ in groupes.values():
        axe.convention = convention
    # As lists: a question asked of each fiche, even of what is read already, would be half of the time of a large plan.
    pilotages = Participation.objects.filter(nature=Participation.Nature.PILOTE).select_related("partenaire")
    prefetch_related_objects(
        fiches,
        Prefetch("thematiques", to_attr="ses_thematiques"),
        Prefetch("participations", pilotages.order_by("ordre", "partenaire__nom"), to_attr="pilotages"),
    )
    for fiche in fiches:
        fiche.convention, fiche.axe = convention, groupes[fiche.axe_id][0]
        groupes[fiche.axe_id][1].append(Ligne.de(fiche))
    return [(axe, siennes) for axe, siennes in groupes.values() if siennes or vides]
