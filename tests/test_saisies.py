"""Whatever is typed in whatever field, a page answers in words: never a traceback, never half a save."""

from html.parser import HTMLParser

import pytest

from actions.forms import PARTIES_CONVENTION, SECTIONS
from pilotage.models import Deliberation, Instance

pytestmark = pytest.mark.django_db
SAISIES = [
    "",
    "\x00",
    "é" * 30_000,
    "-1",
    "99999999999999999999",
    "NaN",
    "1e400",
    "2026-13-45",
    "<script>x</script>",
    "🙂",
]
AGENT = [
    "/plan/fiches/nouvelle/",
    *[f"/plan/fiches/{{f}}/modifier/{cle}/" for cle in SECTIONS],
    *[f"/convention/modifier/{partie}/" for partie in PARTIES_CONVENTION],
    "/pilotage/instances/nouvelle/",
    "/pilotage/instances/{i}/modifier/",
    "/pilotage/instances/{i}/reunions/nouvelle/",
    "/pilotage/reunions/{r}/ordre-du-jour/",
    *[f"/pilotage/reunions/{{r}}/modifier/{p}/" for p in ("convocation", "points", "presences", "compte-rendu")],
]
SECRETAIRE = [
    "/pilotage/instances/{c}/modifier/",
    "/pilotage/reunions/{s}/deliberations/nouvelle/",
    *[f"/deliberations/{{p}}/modifier/{p}/" for p in ("texte", "vote", "noms")],
]
CAS = [("agent", url) for url in AGENT] + [("secretaire", url) for url in SECRETAIRE]
# What a page may answer to a form: done, seen again with its mistakes, refused, gone.
REPONSES = {200, 302, 403, 404, 422}


class Champs(HTMLParser):
    """Collect the names and values of the fields of the forms of the page that post."""

    def __init__(self, html):
        super().__init__()
        self.valeurs, self._dans = {}, False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form":
            self._dans = attrs.get("method") == "post" and "logout" not in attrs.get("action", "")
        elif tag in {"input", "select", "textarea"} and self._dans and attrs.get("name"):
            self.valeurs[attrs["name"]] = attrs.get("value", "")

    def handle_endtag(self, tag):
        if tag == "form":
            self._dans = False


@pytest.mark.parametrize(("role", "url"), CAS)
def test_nothing_typed_breaks_a_page(navigateur, fiche, role, url):
    acte, copil = Deliberation.objects.get(numero="583"), Instance.objects.get(nature="copil")
    projet = Deliberation.modele(acte.convention, acte.seance, "essai")
    cles = {"f": fiche.pk, "i": copil.pk, "r": copil.reunions.first().pk, "c": acte.conseil.pk, "s": acte.seance_id}
    url = url.format(**cles, p=projet.pk)
    client = navigateur(role)
    champs = Champs(client.get(url).content.decode()).valeurs
    libres = [n for n in champs if not n.endswith(("_FORMS", "csrfmiddlewaretoken", "-id", "-action", "-convention"))]
    for saisie in SAISIES:
        for remplis in (libres, libres[-1:]):
            reponse = client.post(url, champs | dict.fromkeys(remplis, saisie))
            assert reponse.status_code in REPONSES, (saisie[:20], remplis)
    for nom in [n for n in champs if n.endswith(("TOTAL_FORMS", "INITIAL_FORMS", "-0-id"))]:
        for saisie in ("", "x", "100000"):
            assert client.post(url, champs | {nom: saisie}).status_code in REPONSES, (nom, saisie)
