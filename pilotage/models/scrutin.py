"""A vote in figures: whether it can be, how it ends, and how French words it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scrutin:
    """Voices for, against, abstaining, and of those who take no part in the vote (numbers of voices).

    `voix_du_president` is "pour" or "contre", "" where it is not known or where the ballot is secret.
    """

    pour: int
    contre: int = 0
    abstentions: int = 0
    sans_part: int = 0
    voix_du_president: str = ""
    secret: bool = False
    # CASF, R. 123-18 and CGCT, L. 3121-15 make no exception for a secret ballot, where L. 2121-20 does.
    voix_au_secret: bool = False

    @property
    def somme(self):
        return self.pour + self.contre + self.abstentions + self.sans_part

    @property
    def exprimes(self):
        """Abstentions are no cast votes: a majority is one of the votes cast (CGCT, L. 2121-20)."""
        return self.pour + self.contre

    @property
    def partage(self):
        return self.exprimes > 0 and self.pour == self.contre

    @property
    def sans_preponderance(self):
        """Tell whether nobody's voice prevails on a tie: in a secret ballot (CGCT, L. 2121-20)."""
        return self.secret and not self.voix_au_secret

    def erreurs(self, votants):
        """Return what cannot be, in French, with the sums; `votants` are the voices of the meeting."""
        fautes = []
        if self.somme != votants:
            fautes.append(
                f"Le compte n’y est pas : {self.pour} pour + {self.contre} contre + {self.abstentions} abstentions + "
                f"{self.sans_part} ne prenant pas part = {self.somme}, pour {votants} voix (présents et procurations)."
            )
        if self.partage and not self.sans_preponderance and not self.voix_du_president:
            fautes.append(
                f"Partage des voix, {self.pour} contre {self.contre} : indiquez la voix du président, "
                "qui est prépondérante."
            )
        if self.sans_preponderance and self.voix_du_president:
            fautes.append("Au scrutin secret, la voix du président n’est pas connue : laissez-la vide.")
        return fautes

    @property
    def adopte(self):
        """Absolute majority of the votes cast; on a tie the president's voice, but in a secret ballot (L. 2121-20)."""
        if self.partage:
            return not self.sans_preponderance and self.voix_du_president == "pour"
        return self.pour > self.contre

    def resultat(self):
        """Return how it ended, as it is written after « Délibération »: « adoptée à l’unanimité »."""
        mot = "adoptée" if self.adopte else "rejetée"
        if not self.exprimes:
            return f"{mot}, aucun suffrage n’étant exprimé"
        if self.partage and not self.sans_preponderance:
            return f"{mot} par {self.pour} voix contre {self.contre}, la voix du président étant prépondérante"
        if 0 in (self.pour, self.contre):
            return f"{mot} à l’unanimité" + (" des suffrages exprimés" if self.abstentions or self.sans_part else "")
        if self.partage:
            return f"{mot}, les voix étant partagées ({self.pour} contre {self.contre})"
        haut, bas = max(self.pour, self.contre), min(self.pour, self.contre)
        return f"{mot} à la majorité, par {haut} voix contre {bas}"

    def detail(self):
        """Return the figures in words: « pour : 25, contre : 0, abstentions : 2, ne prend pas part : 0 »."""
        return (
            f"pour : {self.pour}, contre : {self.contre}, abstentions : {self.abstentions}, "
            f"ne prend pas part au vote : {self.sans_part}"
        )
