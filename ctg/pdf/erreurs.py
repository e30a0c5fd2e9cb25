"""What can go wrong on paper, in words for the person who waits."""

from .etranger import PDFIllisible


class MiseEnPageImpossible(Exception):
    """A piece, or the joining of all, could not be made; `morceau` says which, in French, `cause` why."""

    def __init__(self, morceau, cause=None):
        self.morceau = morceau
        super().__init__(f"« {morceau} » n’a pas pu être mis en page. {_que_faire(cause)}")


def _que_faire(cause):
    """Return what the person can do about it, in French."""
    if isinstance(cause, FileNotFoundError):
        return "Son fichier n’est plus dans le magasin : prévenez l’administrateur."
    if isinstance(cause, PDFIllisible):
        return str(cause)
    # A delay is no fault of the disk, though Python 3.11 makes it an OSError.
    if isinstance(cause, OSError) and not isinstance(cause, TimeoutError):
        return (
            "Le serveur n’a pas pu écrire le document : relancez l’impression plus tard, ou prévenez l’administrateur."
        )
    return "Simplifiez ses tableaux ou ses listes, enregistrez, puis relancez l’impression."
