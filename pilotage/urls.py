"""The governance: what awaits an account, the bodies and acts of a territory, a convention as a contract."""

from django.urls import include, path, register_converter

from ctg.convertisseurs import Annee
from pilotage.exports import FluxDesActes
from pilotage.views import (
    attendus,
    bilan,
    convention,
    deliberation,
    instance,
    pilotage,
    registre,
    rendre,
    reunion,
    signatures,
    transmission,
    travail,
)

register_converter(Annee, "annee")
GESTES = ("partager", "reprendre", "arreter", "transmettre", "viser", "completer")

d_une_convention = [
    path("convention/", convention.convention, name="convention"),
    path("convention/modifier/<slug:partie>/", convention.modifier, name="convention_modifier"),
    path("convention/annexes/joindre/", convention.joindre, name="annexe_joindre"),
    path("convention/annexes/<int:pk>.pdf", convention.annexe, name="annexe_fichier"),
    path("convention/historique/", convention.historique, name="convention_historique"),
    path("convention/apercu/", convention.apercu, name="convention_apercu"),
    path("convention/convention.pdf", convention.pdf, name="convention_pdf"),
    path("convention/actes/", attendus.attendus, name="attendus"),
    path("convention/actes/<int:pk>/modele.<slug:suffixe>", attendus.modele, name="acte_modele"),
    path("convention/actes/<int:pk>/lien/", attendus.envoyer_le_lien, name="lien_envoyer"),
    path("convention/actes/<int:pk>/rendre/", attendus.recevoir, name="acte_recevoir"),
    path("convention/actes/liens/<int:pk>/retirer/", attendus.retirer_le_lien, name="lien_retirer"),
    path("bilans/", bilan.bilans, name="bilans"),
    path("bilans/nouveau/", bilan.ouvrir_un_bilan, name="bilan_ouvrir"),
    path("bilans/<slug:quand>/", bilan.bilan, name="bilan"),
    path("bilans/<slug:quand>/synthese/", bilan.synthese, name="bilan_synthese"),
    path("bilans/<slug:quand>/axes/<int:pk>/", bilan.page_d_axe, name="bilan_axe"),
    path("bilans/<slug:quand>/pages/<int:pk>/", bilan.page, name="bilan_page"),
    path("bilans/<slug:quand>/lien/<str:jeton>/<int:pk>/", bilan.page_par_lien, name="bilan_page_par_lien"),
    path("bilans/<slug:quand>/observer/", bilan.observer, name="bilan_observer"),
    path("bilans/<slug:quand>/ajouter/", bilan.ajouter_les_pages, name="bilan_ajouter"),
    *[path(f"bilans/<slug:quand>/{geste}/", bilan.faire, {"geste": geste}, name=f"bilan_{geste}") for geste in GESTES],
    path("bilans/<slug:quand>/bilan.pdf", bilan.pdf, name="bilan_pdf"),
    path("bilans/<slug:quand>/en-clair.pdf", bilan.en_clair, name="bilan_en_clair"),
    path("bilans/<slug:quand>/complement-<int:pk>.pdf", bilan.complement, name="bilan_complement"),
    path("signatures/", signatures.signatures, name="signatures"),
    path("signatures/ouvrir/", signatures.mettre_en_signature, name="mettre_en_signature"),
    path("signatures/abandonner/", signatures.abandonner, name="signatures_abandonner"),
    path("signatures/papier/", signatures.papier, name="signatures_papier"),
    path("signatures/parties/<int:pk>/", signatures.signer, name="signer"),
    path("signatures/parties/<int:pk>/retirer/", signatures.retirer, name="signature_retirer"),
    path("signatures/scans/<int:pk>.pdf", signatures.scan, name="signature_scan"),
    path("signatures/version-<int:rang>.pdf", signatures.version_fichier, {"suffixe": "pdf"}, name="version_pdf"),
    path("signatures/version-<int:rang>.json", signatures.version_fichier, {"suffixe": "json"}, name="version_json"),
]

d_un_territoire = [
    path("pilotage/", pilotage.pilotage, name="pilotage"),
    path("pilotage/calendrier/<annee:annee>/", pilotage.calendrier, name="calendrier"),
    path("pilotage/instances/nouvelle/", instance.creer, name="instance_creer"),
    path("pilotage/conseils/nouveau/", instance.creer, {"conseil": True}, name="conseil_creer"),
    path("pilotage/instances/<int:pk>/", instance.instance, name="instance"),
    path("pilotage/instances/<int:pk>/modifier/", instance.modifier, name="instance_modifier"),
    path("pilotage/instances/<int:pk>/historique/", instance.historique, name="instance_historique"),
    path("pilotage/instances/<int:pk>/renouvellement/", instance.renouvellement, name="renouvellement"),
    path("pilotage/instances/<int:pk>/agenda/<str:jeton>.ics", pilotage.agenda, name="agenda"),
    path("pilotage/instances/<int:pk>/reunions/nouvelle/", instance.creer_reunion, name="reunion_creer"),
    path("pilotage/instances/<int:pk>/registre-<annee:annee>.pdf", registre.registre, name="registre"),
    path("pilotage/reunions/<int:pk>/", reunion.reunion, name="reunion"),
    path("pilotage/reunions/<int:pk>/modifier/<slug:partie>/", reunion.modifier, name="reunion_modifier"),
    path("pilotage/reunions/<int:pk>/historique/", reunion.historique, name="reunion_historique"),
    path("pilotage/reunions/<int:pk>/ordre-du-jour/", reunion.ordre_du_jour, name="ordre_du_jour"),
    path("pilotage/reunions/<int:pk>/actes/nouveau/", reunion.creer_acte, name="deliberation_creer"),
    path("pilotage/reunions/<int:pk>/<slug:papier>.pdf", reunion.papier, name="papier"),
    path("pilotage/decisions/<int:pk>/faite/", pilotage.decision_faite, name="decision_faite"),
    path("pilotage/actes/<int:pk>/modifier/<slug:partie>/", deliberation.modifier, name="deliberation_modifier"),
    path("pilotage/actes/<int:pk>/historique/", deliberation.historique, name="deliberation_historique"),
    path("pilotage/actes/<int:pk>/proclamer/", deliberation.proclamer, name="deliberation_proclamer"),
    path("pilotage/actes/<int:pk>/supprimer/", deliberation.supprimer, name="deliberation_supprimer"),
    path("pilotage/actes/<int:pk>/dates/", deliberation.dater, name="deliberation_dater"),
    path("pilotage/actes/<int:pk>/retirer/", deliberation.retirer, name="deliberation_retirer"),
    path("pilotage/actes/<int:pk>/dossier.pdf", deliberation.dossier, name="dossier_pdf"),
    path("pilotage/actes/<int:pk>/projet.docx", deliberation.docx, name="deliberation_docx"),
    path("pilotage/actes/<int:pk>/actes.zip", transmission.dossier, name="dossier_actes"),
    path("pilotage/actes/<int:pk>/certificat.pdf", transmission.certificat, name="certificat"),
    path("pilotage/actes/<int:pk>/erratum/", transmission.corriger, name="erratum_creer"),
    path("actes/", deliberation.deliberations, name="deliberations"),
    path("actes/flux.atom", FluxDesActes(), name="actes_flux"),
    path("actes/<int:pk>/erratum-<int:erratum>.pdf", transmission.erratum, name="erratum_pdf"),
    path("actes/<int:pk>/", deliberation.deliberation, name="deliberation"),
    path("actes/<int:pk>/deliberation.pdf", deliberation.pdf, name="deliberation_pdf"),
    path("actes/<int:pk>/recue.pdf", deliberation.piece, name="deliberation_piece"),
    path("actes/rendre/<str:jeton>/", rendre.accueil, name="acte_rendre"),
    path("actes/rendre/<str:jeton>/acte/", rendre.acte, name="acte_rendre_acte"),
    path("actes/rendre/<str:jeton>/merci/", rendre.merci, name="acte_merci"),
    path("actes/rendre/<str:jeton>/<str:piece>", rendre.piece, name="acte_rendre_piece"),
    path("pilotage/actes/<int:pk>/confirmer/", deliberation.confirmer, name="deliberation_confirmer"),
    path("actes/scdl-<int:pk>.csv", registre.scdl, name="scdl"),
]

de_l_installation = [
    path("travail/", travail.travail, name="travail"),
    path("conventions/", travail.conventions, name="conventions"),
    path("verifier/", signatures.verifier, name="verifier"),
    path("verifier/<slug:identifiant>/", signatures.verifier, name="verifier"),
]

urlpatterns = [
    *de_l_installation,
    path("<slug:territoire>/", include(d_un_territoire)),
    path("<slug:territoire>/<slug:cle>/", include(d_une_convention)),
]
