"""The act and what it approves, in one file: what a secretary sends to the prefecture."""

from dataclasses import replace

from actions.models import Etat
from ctg.impression import sommaire
from ctg.pdf import Document
from pilotage.documents.convention import document_convention
from pilotage.documents.deliberation import auteur, filigrane, morceau_acte


def document_annexe(acte, proclamee=False, verification=""):
    """The convention that an act approves, as the file that is annexed to it; `proclamee`, as it was voted."""
    annexe = document_convention(acte.approuve, sans=acte, etat=_etat(proclamee), verification=verification)
    return replace(annexe, titre=f"Annexe à la {acte} : {acte.approuve}")


def document_dossier(acte, proclamee=False, verification=""):
    """The act, then the convention that it approves as its annex: one file to send, bookmarked and numbered."""
    annexe = document_convention(acte.approuve, sans=acte, etat=_etat(proclamee))
    pieces = [morceau_acte(acte), *annexe.morceaux]
    return Document(
        titre=f"{acte} et son annexe, {acte.approuve}",
        auteur=auteur(acte.conseil),
        morceaux=pieces,
        sommaire=lambda pages: sommaire(pieces, pages),
        mention=annexe.mention,
        jointes=annexe.jointes,
        filigrane="" if proclamee else filigrane(acte),
        verification=verification,
    )


def _etat(proclamee):
    """The state in which the convention is printed: what a council has voted is no project any more."""
    return Etat.EN_SIGNATURE if proclamee else None
