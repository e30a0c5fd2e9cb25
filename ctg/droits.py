"""Who may do what: the one place, asked by views, templates and admin through `user.has_perm`.

An account belongs to a partner; its rights follow from that partner's place in the convention (design, issue 1):
the porteur's agents edit, the pilote of a fiche edits that fiche, the CAF reads everything and comments,
a council's secretary handles its deliberations, the public reads what is published and nothing else.

The predicates look at attributes only, so that this file imports no model.
"""

import rules


def _convention(objet):
    """Return the convention that an object of the plan or of its governance belongs to."""
    if not objet:  # None, or the lazy one of an empty database
        return None
    if hasattr(objet, "porteur_id"):
        return objet
    if hasattr(objet, "axe"):
        return objet.axe.convention
    if hasattr(objet, "action"):
        return objet.action.axe.convention
    if hasattr(objet, "siege"):
        return objet.siege.convention
    return objet.convention


def _fiche(objet):
    return getattr(objet, "action", objet)


@rules.predicate
def est_agent(user):
    return user.is_authenticated and user.fonction == "agent"


@rules.predicate
def est_secretaire(user):
    return user.is_authenticated and user.fonction == "secretaire"


@rules.predicate
def est_du_porteur(user, objet):
    return bool(user.is_authenticated and objet and user.partenaire_id == _convention(objet).porteur_id)


@rules.predicate
def est_de_la_caf(user, objet):
    return bool(
        user.is_authenticated and objet and user.partenaire_id and user.partenaire_id == _convention(objet).caf_id
    )


@rules.predicate
def est_d_une_partie(user, objet):
    return bool(
        user.is_authenticated and objet and user.partenaire_id and _convention(objet).est_partie(user.partenaire_id)
    )


@rules.predicate
def pilote_la_fiche(user, objet):
    return bool(
        user.is_authenticated and user.partenaire_id and user.partenaire_id == getattr(_fiche(objet), "pilote_id", None)
    )


@rules.predicate
def est_archivee(_user, objet):
    return getattr(_fiche(objet), "archivee", False)


@rules.predicate
def est_l_auteur(user, objet):
    return bool(user.is_authenticated and user.pk == getattr(objet, "auteur_id", None))


@rules.predicate
def pilote_une_fiche(user, objet):
    if not (user.is_authenticated and user.partenaire_id and objet):
        return False
    return user.partenaire.actions_pilotees.filter(axe__convention=_convention(objet)).exists()


@rules.predicate
def est_publie(_user, objet):
    convention = _convention(objet)
    return bool(
        convention and convention.publiee and getattr(objet, "publiee", True) and not getattr(objet, "archivee", False)
    )


def _instance(objet):
    """Return the body that an object of the governance belongs to: itself, a meeting's, an act's; None for partners."""
    for nom in ("seance", "reunion", "siege"):
        objet = getattr(objet, nom, objet)
    return getattr(objet, "organisatrice", objet)


@rules.predicate
def est_un_conseil(_user, objet):
    instance = _instance(objet)
    return bool(instance and getattr(instance, "est_conseil", False))


@rules.predicate
def est_du_conseil(user, objet):
    """The council is the one of the account's own commune or EPCI."""
    instance = _instance(objet)
    return bool(
        user.is_authenticated
        and instance
        and user.partenaire_id
        and user.partenaire_id == getattr(instance, "partenaire_id", None)
    )


@rules.predicate
def est_fige(_user, objet):
    """An act that was proclaimed: it is edited by nobody afterwards."""
    return bool(getattr(objet, "est_fige", False))


@rules.predicate
def est_acte_public(_user, objet):
    """A proclaimed act whose publication is dated, of a published convention."""
    return bool(objet and objet.est_fige and objet.publiee_le and objet.convention.publiee)


tient_le_plan = est_agent & est_du_porteur
tient_le_conseil = est_secretaire & est_du_conseil & est_un_conseil
lit_le_plan = est_du_porteur | est_de_la_caf | est_d_une_partie | pilote_une_fiche

rules.add_perm("plan.lire", lit_le_plan)
rules.add_perm("plan.modifier", tient_le_plan)
rules.add_perm("fiche.modifier", (tient_le_plan | (est_agent & pilote_la_fiche)) & ~est_archivee)
rules.add_perm("fiche.commenter", est_agent & lit_le_plan)
rules.add_perm("note.modifier", est_l_auteur & est_agent & lit_le_plan)
rules.add_perm("publie.lire", est_publie)
# A council belongs to its secretary, the porteur's agents keep the other bodies and their meetings.
rules.add_perm("instance.gerer", tient_le_conseil | (tient_le_plan & ~est_un_conseil))
rules.add_perm("deliberation.lire", lit_le_plan | est_acte_public)
rules.add_perm("deliberation.gerer", tient_le_conseil)
rules.add_perm("deliberation.modifier", tient_le_conseil & ~est_fige)
