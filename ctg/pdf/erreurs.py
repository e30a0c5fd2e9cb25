"""What can go wrong on paper, in words for the person who waits."""


class MiseEnPageImpossible(Exception):
    """A piece could not be laid out (too long, too heavy); `morceau` says which, in French."""

    def __init__(self, morceau):
        self.morceau = morceau
        super().__init__(
            f"« {morceau} » n’a pas pu être mis en page. "
            "Simplifiez ses tableaux ou ses listes, enregistrez, puis relancez l’impression."
        )
