"""Whatever is typed in whatever field, a page answers in words: never a traceback, never half a save."""

import pytest
from django.db import connection

from actions.saisies import CONVENTION as PARTIES_CONVENTION
from actions.saisies import SECTIONS
from ctg.compteurs import fermer_l_ecriture
from ctg.models import Compteur
from pilotage.models import Deliberation, Instance
from tests.pages import champs

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
    "/val-d-argent/2026-2030/plan/fiches/nouvelle/",
    *[f"/val-d-argent/2026-2030/plan/fiches/{{f}}/modifier/{cle}/" for cle in SECTIONS],
    *[f"/val-d-argent/2026-2030/convention/modifier/{partie}/" for partie in PARTIES_CONVENTION],
    "/val-d-argent/gestion/partenaires/nouveau/",
    "/val-d-argent/gestion/territoire/",
    "/val-d-argent/gestion/conventions/nouvelle/",
    "/val-d-argent/pilotage/conseils/nouveau/",
    "/val-d-argent/2026-2030/convention/actes/{c}/lien/",
    "/val-d-argent/2026-2030/convention/actes/{c}/rendre/",
    "/val-d-argent/pilotage/instances/nouvelle/",
    "/val-d-argent/pilotage/instances/{i}/modifier/",
    "/val-d-argent/pilotage/instances/{i}/reunions/nouvelle/",
    "/val-d-argent/pilotage/reunions/{r}/ordre-du-jour/",
    *[
        f"/val-d-argent/pilotage/reunions/{{r}}/modifier/{p}/"
        for p in ("convocation", "points", "presences", "compte-rendu")
    ],
]
SECRETAIRE = [
    "/val-d-argent/pilotage/instances/{c}/modifier/",
    "/val-d-argent/pilotage/instances/{c}/renouvellement/",
    "/val-d-argent/pilotage/reunions/{s}/actes/nouveau/",
    "/val-d-argent/pilotage/actes/{a}/erratum/",
    *[f"/val-d-argent/pilotage/actes/{{p}}/modifier/{p}/" for p in ("texte", "vote", "noms")],
]
CAS = [("agent", url) for url in AGENT] + [("secretaire", url) for url in SECRETAIRE]
# What a page may answer to a form: done, seen again with its mistakes, refused, gone.
REPONSES = {200, 302, 403, 404, 422}


def etat():
    """Return what every write counts up, so that a half save shows; the marks of the test's transaction are dropped."""
    fermer_l_ecriture()
    return dict(Compteur.objects.values_list("cle", "valeur"))


def envoyer(client, url, donnees, quoi):
    """Post, and check that an answer that is no success has kept nothing."""
    avant = etat()
    reponse = client.post(url, donnees)
    assert reponse.status_code in REPONSES, quoi
    if reponse.status_code != 302:
        assert etat() == avant, quoi
    return reponse


@pytest.mark.parametrize(("role", "url"), CAS)
def test_nothing_typed_breaks_a_page_and_no_half_is_kept(navigateur, fiche, role, url):
    acte, copil = (
        Deliberation.objects.get(numero="583"),
        Instance.objects.get(nature="copil", territoire=fiche.territoire),
    )
    projet = Deliberation.modele(acte.approuve, acte.seance, "essai")
    cles = {
        "f": fiche.pk,
        "i": copil.pk,
        "r": copil.reunions.first().pk,
        "c": acte.conseil.pk,
        "s": acte.seance_id,
        "a": acte.pk,
    }
    url = url.format(**cles, p=projet.pk)
    client = navigateur(role)
    montres = champs(client.get(url))
    if "/modifier/" in url:  # the page reaches its save
        assert envoyer(client, url, montres, "tel quel").status_code == 302
    montres = champs(client.get(url))
    libres = [n for n in montres if not n.endswith(("_FORMS", "marques", "-id", "-action", "-convention"))]
    # Each post types another kind into each field; half of them on each database: between them every field had each.
    for tour in range(connection.vendor == "postgresql", len(SAISIES), 2):
        saisies = {nom: SAISIES[(rang + tour) % len(SAISIES)] for rang, nom in enumerate(libres)}
        envoyer(client, url, montres | saisies, tour)
    # One field alone may save the rest.
    for saisie in SAISIES[:2]:
        envoyer(client, url, montres | dict.fromkeys(libres[-1:], saisie), saisie)
    for nom in [n for n in montres if n.endswith(("TOTAL_FORMS", "INITIAL_FORMS", "-0-id", "marques"))]:
        for saisie in ("", "100000"):
            envoyer(client, url, montres | {nom: saisie}, (nom, saisie))
