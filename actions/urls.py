"""The public plan, then the work on it."""

from django.urls import path

from actions.views import documents, fiche, plan, public

urlpatterns = [
    path("", public.accueil, name="accueil"),
    path("axes/<int:ordre>/", public.axe, name="axe_public"),
    path("fiches/<int:pk>/", public.fiche, name="fiche_publique"),
    path("partenaires/", public.partenaires, name="partenaires"),
    path("telechargements/", public.telechargements, name="telechargements"),
    path("pieces/<int:pk>/", public.piece, name="piece"),
    path("telechargements/plan.pdf", documents.plan_public_pdf, name="plan_public_pdf"),
    path("telechargements/axe-<int:ordre>.pdf", documents.axe_public_pdf, name="axe_public_pdf"),
    path("telechargements/fiche-<int:pk>.pdf", documents.fiche_publique_pdf, name="fiche_publique_pdf"),
    path("plan/", plan.plan, name="plan"),
    path("plan/plan.pdf", documents.plan_pdf, name="plan_pdf"),
    path("plan/axe-<int:ordre>.pdf", documents.axe_pdf, name="axe_pdf"),
    path("plan/fiches/nouvelle/", plan.creer, name="fiche_creer"),
    path("plan/fiches/<int:pk>/", fiche.fiche, name="fiche"),
    path("plan/fiches/<int:pk>/fiche.pdf", documents.fiche_pdf, name="fiche_pdf"),
    path("plan/fiches/<int:pk>/modifier/<slug:cle>/", fiche.section, name="fiche_section"),
    path("plan/fiches/<int:pk>/notes/", fiche.noter, name="fiche_noter"),
    path("plan/fiches/<int:pk>/notes/<int:note>/", fiche.corriger_note, name="note_corriger"),
    path("plan/fiches/<int:pk>/notes/<int:note>/retirer/", fiche.retirer_note, name="note_retirer"),
    path("plan/fiches/<int:pk>/pieces/", fiche.joindre, name="fiche_joindre"),
    path("plan/fiches/<int:pk>/pieces/<int:piece>/retirer/", fiche.retirer_piece, name="fiche_retirer_piece"),
    path("plan/fiches/<int:pk>/historique/", fiche.historique, name="fiche_historique"),
    *[
        path(f"plan/fiches/<int:pk>/{nom}/", fiche.geste, {"nom": nom}, name=f"fiche_{nom}")
        for nom in ("monter", "descendre", "dupliquer", "archiver", "desarchiver", "changer-axe")
    ],
]
