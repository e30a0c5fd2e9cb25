"""What an inhabitant reads: the published plan and nothing else."""

from django.db.models import Prefetch
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, render

from actions.context_processors import convention_de
from actions.models import Action, Partenaire, PieceJointe


def _publiee(request):
    convention = convention_de(request)
    if not request.user.has_perm("publie.lire", convention):
        raise Http404("Aucune convention n’est publiée.")
    return convention


def _axes(convention):
    return convention.axes.prefetch_related(
        Prefetch("actions", Action.objects.publiees().pour_liste(), to_attr="publiees")
    )


def accueil(request):
    convention = convention_de(request)
    visible = request.user.has_perm("publie.lire", convention)
    axes = list(_axes(convention)) if visible else []
    return render(
        request,
        "actions/public/accueil.html",
        {"visible": visible, "axes": axes, "nombre": sum(len(a.publiees) for a in axes)},
    )


def axe(request, ordre):
    return render(request, "actions/public/axe.html", {"axe": get_object_or_404(_axes(_publiee(request)), ordre=ordre)})


def fiche(request, pk):
    _publiee(request)
    action = get_object_or_404(Action.objects.publiees().completes(), pk=pk)
    contexte = {
        "action": action,
        "pieces": action.pieces.filter(publique=True),
        "annees": action.axe.convention.annees,
    }
    return render(request, "actions/public/fiche.html", contexte)


def partenaires(request):
    convention = _publiee(request)
    actions = Action.objects.publiees().de(convention)
    liste = (
        Partenaire.objects.filter(territoire=convention.territoire_id)
        .prefetch_related(Prefetch("actions_pilotees", actions.select_related("axe"), to_attr="pilotees"))
        .order_by("nature", "nom")
    )
    signataires = {p.partenaire_id for p in convention.parties.all()}
    return render(request, "actions/public/partenaires.html", {"partenaires": liste, "signataires": signataires})


def telechargements(request):
    convention = _publiee(request)
    return render(request, "actions/public/telechargements.html", {"axes": _axes(convention)})


def piece(request, pk):
    """Serve an attachment to who may read it; the browser saves it and never runs it."""
    piece = get_object_or_404(PieceJointe.objects.select_related("action__axe__convention"), pk=pk)
    publique = piece.publique and request.user.has_perm("publie.lire", piece.action)
    if not publique and not request.user.has_perm("plan.lire", piece.action):
        raise Http404("Ce fichier n’est pas public.")
    return FileResponse(
        piece.fichier.open(),
        as_attachment=True,
        filename=f"{piece.titre}{piece.fichier.name[piece.fichier.name.rfind('.') :]}",
    )
