"""The pages that search engines may list: those of published conventions, and nothing of the work."""

from django.contrib.sitemaps import Sitemap

from actions.models import Action, Axe, Convention, Territoire
from ctg.adresses import adresse


class Territoires(Sitemap):
    """The home of each territory that publishes, its partners, its acts, its legal pages."""

    def items(self):
        noms = (
            "territoire",
            "partenaires",
            "deliberations",
            "mentions",
            "donnees_personnelles",
            "contact",
            "accessibilite",
        )
        return [(nom, territoire) for territoire in Territoire.objects.publics().order_by("pk") for nom in noms]

    def location(self, objet):
        nom, territoire = objet
        return adresse(nom, de=territoire)


class Conventions(Sitemap):
    def items(self):
        publiees = Convention.objects.publiees().select_related("territoire").order_by("pk")
        return [(nom, c) for c in publiees for nom in ("convention_publique", "services_publics", "telechargements")]

    def location(self, objet):
        nom, convention = objet
        return adresse(nom, de=convention)


class Axes(Sitemap):
    def items(self):
        return Axe.objects.filter(convention__publiee=True).completes().order_by("convention", "ordre")

    def location(self, axe):
        return adresse("axe_public", axe.ordre, de=axe)


class Fiches(Sitemap):
    def items(self):
        return Action.objects.publiees().select_related("convention__territoire").order_by("pk")

    def location(self, fiche):
        return adresse("fiche_publique", fiche.pk, de=fiche)


PLANS = {"territoires": Territoires, "conventions": Conventions, "axes": Axes, "fiches": Fiches}
