"""Who may do what: the one place, asked by views, templates and the administration through `user.has_perm`.

Rights follow from what a person does and for whom (`user.partenaires(...)`), and from whose the object is: every
model answers `.convention` or `.territoire`, and these answer in turn who reads and who holds them. Whether a thing
may still be changed is no right: the model says it (`peut_etre_modifie`). This file imports no model.
"""

import rules

AGENT, SECRETAIRE, CAF = "agent", "secretaire", "caf"


@rules.predicate
def est_connecte(user):
    return user.is_authenticated


@rules.predicate
def lit_le_plan(user, objet):
    convention = objet and objet.convention
    return bool(convention and user.is_authenticated and convention.est_lue_par(user.partenaires()))


@rules.predicate
def tient_le_plan(user, objet):
    """An agent of the porteur."""
    convention = objet and objet.convention
    return bool(convention and user.is_authenticated and convention.porteur_id in user.partenaires(AGENT))


@rules.predicate
def est_agent_qui_lit(user, objet):
    convention = objet and objet.convention
    return bool(convention and user.is_authenticated and convention.est_lue_par(user.partenaires(AGENT)))


@rules.predicate
def pilote_la_fiche(user, fiche):
    return bool(fiche and user.is_authenticated and fiche.pilotes_ids & user.partenaires(AGENT))


@rules.predicate
def est_agent_d_une_partie(user, objet):
    convention = objet and objet.convention
    return bool(convention and user.is_authenticated and any(map(convention.est_partie, user.partenaires(AGENT))))


@rules.predicate
def est_agent_de_la_caf(user, objet):
    """An agent of the CAF that is a party of the convention."""
    convention = objet and objet.convention
    if not convention or not user.is_authenticated:
        return False
    siens = [f.partenaire for f in user.fonctions_en_cours if f.nature == AGENT]
    return any(p.nature == CAF and convention.est_partie(p.pk) for p in siens)


@rules.predicate
def est_l_auteur(user, note):
    return bool(note and user.is_authenticated and user.pk == note.auteur_id)


@rules.predicate
def est_publie(_user, objet):
    """What an inhabitant reads: a published convention, a published fiche of one, a published act."""
    return bool(objet and objet.est_public)


@rules.predicate
def lit_le_territoire(user, objet):
    territoire = objet and objet.territoire
    return bool(territoire and user.is_authenticated and territoire.est_lu_par(user))


@rules.predicate
def tient_le_territoire(user, objet):
    """An agent of the porteur that holds what the territory owns."""
    territoire = objet and objet.territoire
    return bool(territoire and user.is_authenticated and territoire.tenant_id in user.partenaires(AGENT))


@rules.predicate
def est_un_conseil(_user, objet):
    return bool(objet and objet.conseil)


@rules.predicate
def est_secretaire_du_conseil(user, objet):
    conseil = objet and objet.conseil
    return bool(conseil and user.is_authenticated and conseil.collectivite_id in user.partenaires(SECRETAIRE))


@rules.predicate
def est_commun(_user, partenaire):
    return bool(partenaire and partenaire.territoire_id is None)


@rules.predicate
def est_agent_de_ce_partenaire(user, partenaire):
    return bool(partenaire and user.is_authenticated and partenaire.pk in user.partenaires(AGENT))


rules.add_perm("commun.lire", est_connecte)
rules.add_perm("plan.lire", lit_le_plan)
rules.add_perm("plan.modifier", tient_le_plan)
rules.add_perm("fiche.modifier", tient_le_plan | pilote_la_fiche)
rules.add_perm("fiche.commenter", est_agent_qui_lit)
rules.add_perm("note.modifier", est_l_auteur & est_agent_qui_lit)
# An account is led by the porteur's agents, its pages written by the pilotes (fiche.modifier), observed by the parties.
rules.add_perm("bilan.conduire", tient_le_plan)
rules.add_perm("bilan.lire", lit_le_plan | est_publie)  # in plain words, once it is closed
rules.add_perm("bilan.observer", est_agent_d_une_partie)
rules.add_perm("bilan.viser", tient_le_plan | est_agent_de_la_caf)
rules.add_perm("publie.lire", est_publie)
rules.add_perm("territoire.lire", lit_le_territoire)
rules.add_perm("territoire.gerer", tient_le_territoire)
rules.add_perm("partenaire.lire", (est_commun & est_connecte) | lit_le_territoire)
# A common body is corrected by its own agents, a territory's by who holds the territory.
rules.add_perm("partenaire.modifier", (est_commun & est_agent_de_ce_partenaire) | tient_le_territoire)
# A body's own people are invited and let go by its agents; by who holds the territory too, if it is the territory's.
rules.add_perm("equipe.gerer", est_agent_de_ce_partenaire | tient_le_territoire)
# A council belongs to its secretary; who holds the territory keeps the other bodies and their meetings.
rules.add_perm("instance.gerer", est_secretaire_du_conseil | (tient_le_territoire & ~est_un_conseil))
rules.add_perm("deliberation.lire", lit_le_territoire | est_publie)
rules.add_perm("deliberation.gerer", est_secretaire_du_conseil)
