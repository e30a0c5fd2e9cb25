"""The plan: the installation's home, the pages of a territory, the pages of one convention."""

from django.contrib.sitemaps.views import sitemap
from django.urls import include, path

from actions.sitemaps import PLANS
from actions.views import (
    bord,
    classeur,
    cooperation,
    documents,
    equipe,
    feuilles,
    fiche,
    gestion,
    identite,
    plan,
    public,
    reprise,
    saisie,
)

GESTES = ("monter", "descendre", "dupliquer", "archiver", "desarchiver", "changer-axe")

d_une_convention = [
    path("", public.convention, name="convention_publique"),
    path("axes/<int:ordre>/", public.axe, name="axe_public"),
    path("fiches/<int:pk>/", public.fiche, name="fiche_publique"),
    path("partage.png", public.partage, name="partage"),
    path("fiches/<int:pk>/partage.png", public.partage, name="partage_fiche"),
    path("services/", public.services, name="services_publics"),
    path("telechargements/", public.telechargements, name="telechargements"),
    path("telechargements/plan.json", public.plan_json, name="plan_json"),
    path("telechargements/plan.csv", public.plan_csv, name="plan_csv"),
    path("telechargements/plan.pdf", documents.plan_public_pdf, name="plan_public_pdf"),
    path("telechargements/axe-<int:ordre>.pdf", documents.axe_public_pdf, name="axe_public_pdf"),
    path("telechargements/fiche-<int:pk>.pdf", documents.fiche_publique_pdf, name="fiche_publique_pdf"),
    path("pieces/<int:pk>/", public.piece, name="piece"),
    path("cooperation/", cooperation.cooperation, name="cooperation"),
    path("cooperation/nouveau/", cooperation.creer, name="poste_creer"),
    path("cooperation/<int:pk>/modifier/", cooperation.modifier, name="poste_modifier"),
    path("cooperation/<int:pk>/annee-<int:annee>.pdf", cooperation.fiche_pdf, name="poste_pdf"),
    path("tableau-de-bord/", bord.tableau_de_bord, name="tableau_de_bord"),
    path("saisie/", saisie.annee_courante, name="saisie_courante"),
    path("saisie/<int:annee>/", saisie.saisie, name="saisie"),
    path("saisie/<int:annee>/montants/", saisie.ajouter_un_montant, name="saisie_montant"),
    path("saisie/<int:annee>/clore/", saisie.clore, {"geste": "clore"}, name="saisie_clore"),
    path("saisie/<int:annee>/rouvrir/", saisie.clore, {"geste": "rouvrir"}, name="saisie_rouvrir"),
    path("saisie/<int:annee>/liens/", saisie.envoyer_un_lien, name="saisie_lien_envoyer"),
    path("saisie/<int:annee>/liens/<int:pk>/retirer/", saisie.retirer_un_lien, name="saisie_lien_retirer"),
    path("saisie/lien/<str:jeton>/", saisie.par_lien, name="saisie_par_lien"),
    path("plan/", plan.plan, name="plan"),
    path("plan/plan.pdf", documents.plan_pdf, name="plan_pdf"),
    path("plan/axe-<int:ordre>.pdf", documents.axe_pdf, name="axe_pdf"),
    path("plan/reprendre/", reprise.reprendre, name="plan_reprendre"),
    path("plan/comparaison/", reprise.comparaison, name="plan_comparaison"),
    path("plan/comparaison.pdf", reprise.comparaison_pdf, name="plan_comparaison_pdf"),
    path("plan/classeur.xlsx", classeur.sortir, name="classeur_sortir"),
    path("plan/classeur/", classeur.entrer, name="classeur_entrer"),
    path("plan/feuilles/", feuilles.feuilles, name="feuilles"),
    path("plan/feuilles/<slug:table>.xlsx", feuilles.sortir, name="feuille_sortir"),
    path("plan/feuilles/<slug:table>/", feuilles.entrer, name="feuille_entrer"),
    path("plan/fiches/nouvelle/", plan.creer, name="fiche_creer"),
    path("plan/fiches/<int:pk>/", fiche.fiche, name="fiche"),
    path("plan/fiches/<int:pk>/fiche.pdf", documents.fiche_pdf, name="fiche_pdf"),
    path("plan/fiches/<int:pk>/modifier/<slug:cle_section>/", fiche.section, name="fiche_section"),
    path("plan/fiches/<int:pk>/notes/", fiche.noter, name="fiche_noter"),
    path("plan/fiches/<int:pk>/notes/<int:note>/", fiche.corriger_note, name="note_corriger"),
    path("plan/fiches/<int:pk>/notes/<int:note>/retirer/", fiche.retirer_note, name="note_retirer"),
    path("plan/fiches/<int:pk>/pieces/", fiche.joindre, name="fiche_joindre"),
    path("plan/fiches/<int:pk>/pieces/<int:piece>/retirer/", fiche.retirer_piece, name="fiche_retirer_piece"),
    path("plan/fiches/<int:pk>/historique/", fiche.historique, name="fiche_historique"),
    *[path(f"plan/fiches/<int:pk>/{nom}/", fiche.geste, {"nom": nom}, name=f"fiche_{nom}") for nom in GESTES],
]

d_un_territoire = [
    path("", public.territoire, name="territoire"),
    path("partenaires/", public.partenaires, name="partenaires"),
    *[path(f"{page}/", public.mentions, {"page": page}, name=page.replace("-", "_")) for page in public.MENTIONS],
    path("gestion/", gestion.gestion, name="gestion"),
    path("gestion/territoire/", gestion.territoire, name="gestion_territoire"),
    path("gestion/mentions/", gestion.territoire, {"partie": "mentions"}, name="gestion_mentions"),
    path("gestion/partenaires/nouveau/", gestion.partenaire_nouveau, name="partenaire_creer"),
    path("gestion/partenaires/coller/", gestion.partenaires_coller, name="partenaires_coller"),
    path("gestion/partenaires/<int:pk>/", gestion.partenaire, name="partenaire_modifier"),
    path("gestion/partenaires/<int:pk>/logo/", gestion.logo, name="partenaire_logo"),
    path("gestion/partenaires/<int:pk>/historique/", gestion.partenaire_historique, name="partenaire_historique"),
    path("gestion/partenaires/<int:pk>/equipe/", equipe.equipe, name="equipe"),
    path("gestion/partenaires/<int:pk>/equipe/inviter/", equipe.inviter, name="equipe_inviter"),
    path(
        "gestion/partenaires/<int:pk>/equipe/invitations/<int:invitation>/retirer/",
        equipe.retirer,
        name="invitation_retirer",
    ),
    path("gestion/partenaires/<int:pk>/equipe/fonctions/<int:fonction>/finir/", equipe.finir, name="fonction_finir"),
    path("invitations/<str:jeton>/", equipe.accepter, name="invitation"),
    path("gestion/conventions/nouvelle/", reprise.convention_nouvelle, name="convention_creer"),
]

de_l_installation = [
    path("mentions/", public.installation, name="mentions_de_l_installation"),
    path("sitemap.xml", sitemap, {"sitemaps": PLANS}, name="sitemap"),
    path("", public.accueil, name="accueil"),
    path("territoires/nouveau/", gestion.territoire_nouveau, name="territoire_creer"),
    # The names are those by which the library calls them.
    path("comptes/oidc/", identite.aller, {"provider_id": "oidc"}, name="openid_connect_login"),
    path("comptes/oidc/retour/", identite.revenir, {"provider_id": "oidc"}, name="openid_connect_callback"),
]

urlpatterns = [
    *de_l_installation,
    path("<slug:territoire>/", include(d_un_territoire)),
    path("<slug:territoire>/<slug:cle>/", include(d_une_convention)),
]
