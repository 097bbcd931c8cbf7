"""Every act that the audit trail may tell of has its words, and no words are of an act gone."""

from __future__ import annotations

from collections.abc import Mapping

from bootstrap import PACKAGES
from console.widgets.words import terms
from tests.acts import ROOT, Trail, Unread

LOADED: Mapping[str, tuple[set[str], set[str]]] = {
    "kernel/terms.py": (
        {
            "load_approval_terms", "load_delivery_terms", "load_flag_terms",
            "set_approval_term", "set_delivery_term", "set_flag_term",
        },
        {"approval_term", "delivery_term", "flag_term"},
    ),
    "kernel/visits.py": (set(), set()),
    "marketplace/deliveries/commands/places.py": (
        set(), {"cold_chain_facility", "delivery_route", "pick_up_point"},
    ),
    "procurement/policies/commands.py": (
        {"load_policies", "load_union_rules"}, {"share_policy", "union_rule"},
    ),
    "procurement/supervision/commands/terms.py": (
        {"load_payment_term", "load_supervision_rule"}, {"payment_term", "supervision_rule"},
    ),
    "registry/households/commands/settings.py": (
        {"load_income_line", "load_register_setting"}, {"income_line", "register_setting"},
    ),
}  # fmt: skip
"""Where a text stands for the name of a table, or of a door: a refused request bears its door's."""


def test_every_act_and_thing_of_the_trail_has_words_and_no_other_has() -> None:
    assert PACKAGES, "what is read is imported"
    trail = Trail.of("kernel", "registry", "certification", "procurement", "marketplace")
    acts, things, unread = set[str](), set[str](), set[str]()
    for source, call, function in trail.rows():
        (subject,) = (one.value for one in call.keywords if one.arg == "subject")
        for found, node in ((acts, call.args[0]), (things, subject)):
            try:
                found.update(trail.texts(node, source, function))
            except Unread:
                unread.add(str(source.path.relative_to(ROOT)))
    assert unread == LOADED.keys()
    for more_acts, more_things in LOADED.values():
        acts |= more_acts
        things |= more_things
    assert terms()["audit_act"].keys() == acts
    assert terms()["audit_subject"].keys() == things
