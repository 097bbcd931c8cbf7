"""For every named constraint of the register the values that break it, and it alone.

Values are SQL. A row takes `PLAIN` of its table, then what is named here; every other column that
must not be empty is filled with something of its type that no other row has.
"""

from __future__ import annotations

from collections.abc import Mapping

Values = Mapping[str, str]

DAY, LATER = "'2026-01-01'", "'2026-06-01'"
ONE = "'00000000-0000-7000-8000-000000000001'"
SOME = "gen_random_uuid()"
PAST, NOW, FUTURE = "now() - interval '1 day'", "now()", "now() + interval '1 day'"
HASH = "repeat('a', 64)"
RUNNING = {"issued_at": NOW, "expires_at": FUTURE}
SAME_DAY = {"since_on": DAY, "until_on": DAY}
DECIDED = {"decided_at": NOW, "decided_by_id": SOME, "reason": "'x'"}

PLAIN: Mapping[str, Values] = {
    "access_token": RUNNING,
    "benefit_link_result": {"year": "2025"},
    "calendar_day": {"day_on": "'2099-01-01'"},
    "document": {"sha256": HASH},
    "household_case": {"due_on": DAY},
    "household_income": {"year": "2025"},
    "invitation": RUNNING,
    "notice": {"opens_on": DAY, "closes_on": LATER},
    "notice_extension": {"closed_on": DAY, "closes_on": LATER},
    "organisation_place": {"organisation_id": ONE, "lineage": f"'/' || {ONE} || '/'"},
    "organisation": {
        "credit_code": "upper(left(md5(random()::text), 18))",
        "region_code": "'440203'",
        "region_prefix": "'440203'",
        "lineage": "'/' || {id} || '/'",
    },
    "password_reset": RUNNING,
    "reconciliation_difference": {"kind": "'only_survey'", "survey_row": "'\\x01'"},
    "region": {"code": "'999901'"},
}

CHECKS: Mapping[str, Values] = {
    "ck_access_token_period": {"expires_at": PAST},
    "ck_access_token_idle": {"kind": "'session'"},
    "ck_app_user_totp": {"totp_confirmed_at": NOW},
    "ck_app_user_failed_attempts": {"failed_attempts": "-1"},
    "ck_app_user_username": {"username": "'Upper'"},
    "ck_benefit_link_yearly_quantity": {
        "yearly_quantity": "0", "unit": "'kg'", "product": "'x'",
    },
    "ck_benefit_link_unit": {"unit": "'kg'"},
    "ck_benefit_link_promised_fen": {"promised_fen": "-1"},
    "ck_benefit_link_product": {"yearly_quantity": "1", "unit": "'kg'"},
    "ck_benefit_link_price_fen": {"price_fen": "0"},
    "ck_benefit_link_period": SAME_DAY,
    "ck_benefit_link_result_benefit_fen": {"benefit_fen": "-1"},
    "ck_benefit_link_result_year": {"year": "1999"},
    "ck_credit_entry_period": SAME_DAY,
    "ck_credit_entry_withdrawn": {"withdrawn_at": NOW},
    "ck_designation_period": {"valid_from_on": DAY, "valid_until_on": DAY},
    "ck_document_subject": {"subject_kind": "'x'"},
    "ck_document_size_bytes": {"size_bytes": "0"},
    "ck_document_received_sha256": {"received_sha256": "'x'"},
    "ck_document_sha256": {"sha256": "'x'"},
    "ck_household_members": {"members": "0", "able_labour": "0"},
    "ck_household_observed_until_on": {"state": "'observed'"},
    "ck_household_able_labour": {"members": "1", "able_labour": "2"},
    "ck_household_case_wanted_class": {"kind": "'identification'"},
    "ck_household_case_round": {"round": "0"},
    "ck_household_case_due_on": {"due_on": "NULL"},
    "ck_household_case_notice": {"status": "'in_notice'"},
    "ck_household_case_step_village": {"step": "'notice'", "decision": "'reject'"},
    "ck_household_case_step_guarantees_safe": {"step": "'visit'", "decision": "'pass'"},
    "ck_household_case_step_author": {"by_id": ONE, "author_id": ONE},
    "ck_household_consent_period": {"since_on": LATER, "until_on": DAY},
    "ck_household_income_amount_fen": {"amount_fen": "0"},
    "ck_household_income_year": {"year": "1999"},
    "ck_household_member_left_reason": {"left_reason": "'died'"},
    "ck_household_member_period": {"joined_on": DAY, "left_on": DAY, "left_reason": "'died'"},
    "ck_household_member_disability_grade": {"health": "'disabled'", "disability_grade": "5"},
    "ck_household_member_disability": {"health": "'disabled'"},
    "ck_income_line_per_head_fen": {"per_head_fen": "0"},
    "ck_assistance_base_period": SAME_DAY,
    "ck_double_link_period": SAME_DAY,
    "ck_helper_load_households": {"households": "0"},
    "ck_helper_load_period": SAME_DAY,
    "ck_industry_pairing_period": SAME_DAY,
    "ck_invitation_accepted": {"accepted_at": NOW},
    "ck_invitation_period": {"expires_at": PAST},
    "ck_invitation_ended_once": {"accepted_at": NOW, "accepted_by": SOME, "revoked_at": NOW},
    "ck_notice_period": {"opens_on": DAY, "closes_on": DAY},
    "ck_notice_working_days": {"working_days": "0"},
    "ck_notice_extension_later": {"closed_on": DAY, "closes_on": DAY},
    "ck_notice_rule_extension_working_days": {"extension_working_days": "0"},
    "ck_notice_rule_reply_working_days": {"reply_working_days": "0"},
    "ck_notice_rule_period": {"in_force_from_on": DAY, "in_force_until_on": DAY},
    "ck_objection_own_organisation": {"replied_for_id": ONE, "party_id": ONE},
    "ck_objection_published": {"published_text": "'x'"},
    "ck_objection_upheld": {"upheld": "true"},
    "ck_objection_reply": {"reply": "'x'"},
    "ck_objection_replied_by": {"replied_by": SOME},
    "ck_objection_author": {
        "replied_by": ONE, "lodged_by_id": ONE, "replied_at": NOW, "reply": "'x'",
        "upheld": "true",
    },
    "ck_organisation_ending": {"ending": "'abolished'"},
    "ck_organisation_members": {"kind": "'cooperative'", "member_count": "0"},
    "ck_organisation_credit_code": {"credit_code": "'x'"},
    "ck_organisation_cooperative": {"kind": "'budget_unit'", "member_count": "1"},
    "ck_organisation_successor": {"successor_id": SOME},
    "ck_organisation_lineage": {"lineage": "'/x/'"},
    "ck_organisation_place_lineage": {"lineage": "'/x/'"},
    "ck_organisation_merged": {"ended_on": DAY, "ending": "'merged'"},
    "ck_organisation_region_prefix": {"region_prefix": "'44020399'"},
    "ck_organisation_name_period": SAME_DAY,
    "ck_pairing_period": SAME_DAY,
    "ck_password_reset_period": {"expires_at": PAST},
    "ck_reconciliation_after_households": {"after_households": "1"},
    "ck_reconciliation_closed_by_id": {"closed_by_id": SOME},
    "ck_reconciliation_difference_added": {**DECIDED, "decision": "'add'"},
    "ck_reconciliation_difference_decided_by_id": {"decided_by_id": SOME},
    "ck_reconciliation_difference_reason": {"reason": "'x'"},
    "ck_reconciliation_difference_survey_row": {"survey_row": "NULL"},
    "ck_reconciliation_difference_author": {
        **DECIDED, "decision": "'ignore'", "decided_by_id": ONE, "author_id": ONE,
    },
    "ck_reconciliation_difference_decided_at": {"decided_at": NOW},
    "ck_reconciliation_difference_decision": {**DECIDED, "decision": "'keep'"},
    "ck_reconciliation_difference_household": {"kind": "'fields_differ'"},
    "ck_region_period": {"valid_from_on": DAY, "valid_until_on": DAY},
    "ck_region_code": {"code": "'x'"},
    "ck_region_successor_other": {"code": "'x'", "successor_code": "'x'"},
    "ck_register_setting_value": {"value": "0"},
    "ck_register_setting_period": {"in_force_from_on": DAY, "in_force_until_on": DAY},
    "ck_share_asset_floor_bp": {"floor_bp": "10001"},
    "ck_share_asset_issued": {"issued": "2"},
    "ck_share_asset_shares": {"shares": "0", "issued": "0"},
    "ck_share_asset_value_fen": {"value_fen": "0"},
    "ck_share_holding_shares": {"shares": "-1"},
    "ck_share_move_giver": {"kind": "'issue'", "giver_id": SOME},
    "ck_share_move_parties": {"kind": "'transfer'"},
    "ck_share_move_shares": {"shares": "0"},
    "ck_share_move_taker": {"kind": "'withdrawal'", "taker_id": SOME},
    "ck_village_leader_period": SAME_DAY,
}  # fmt: skip
"""One row that the database refuses."""

TWICE: Mapping[str, Values] = {
    "uq_access_token_digest": {"digest": "'\\x02'"},
    "uq_app_user_username": {"username": "'same'"},
    "uq_benefit_link_in_force": {"household_id": ONE, "organisation_id": ONE, "way": "'jobs'"},
    "uq_designation_member": {
        "kind": "'x'", "region_code": "'999901'", "name_at_listing": "'x'",
    },
    "uq_household_id_number_index": {"id_number_index": "'\\x02'"},
    "uq_household_code": {"code": "'x'"},
    "uq_household_case_author": {"id": ONE, "author_id": ONE},
    "uq_household_case_number": {"number": "'x'"},
    "uq_household_case_open": {"household_id": ONE},
    "uq_household_case_step_once": {
        "case_id": ONE, "round": "1", "step": "'visit'", "decision": "'pass'",
        "guarantees_safe": "true",
    },
    "uq_household_case_step_person": {"case_id": ONE, "round": "1", "by_id": ONE},
    "uq_household_consent_in_force": {"household_id": ONE, "organisation_id": ONE},
    "uq_household_income_reverses_id": {"reverses_id": ONE, "amount_fen": "-1"},
    "uq_household_income_source": {"source": "'x'", "source_id": ONE, "kind": "'wage'"},
    "uq_household_member_head": {"household_id": ONE, "relation": "'head'"},
    "uq_household_member_present": {"document_index": "'\\x02'"},
    "uq_income_line_year": {"region_code": "'999901'", "year": "2025"},
    "ex_industry_pairing_period": {
        "region_code": "'999901'", "industry": "'x'", "party_kind": "'x'",
        "organisation_id": ONE, "since_on": DAY,
    },
    "uq_invitation_digest": {"digest": "'\\x02'"},
    "uq_membership_role": {"user_id": ONE, "organisation_id": ONE, "role": "'x'"},
    "uq_notice_number": {"number": "'x'"},
    "uq_notice_subject": {"subject_kind": "'x'", "subject_id": ONE, "round": "1"},
    "uq_notice_extension_objection": {"objection_id": ONE},
    "uq_notice_outcome_notice": {"notice_id": ONE},
    "uq_notice_rule_begin": {"subject_kind": "'x'", "in_force_from_on": DAY},
    "uq_organisation_lineage": {"id": ONE},
    "uq_organisation_place_until_at": {
        "organisation_id": ONE, "lineage": f"'/' || {ONE} || '/'", "until_at": NOW,
    },
    "uq_organisation_credit_code": {"credit_code": "'914402030000000001'"},
    "ex_organisation_name_period": {
        "organisation_id": ONE, "since_on": DAY, "until_on": LATER,
    },
    "ex_pairing_period": {"helper_id": ONE, "village_code": "'999901'", "since_on": DAY},
    "uq_password_reset_digest": {"digest": "'\\x02'"},
    "uq_reconciliation_author": {"id": ONE, "author_id": ONE},
    "uq_reconciliation_number": {"number": "'x'"},
    "uq_reconciliation_open": {"region_code": "'999901'"},
    "uq_reconciliation_difference_household": {
        "reconciliation_id": ONE, "id_number_index": "'\\x02'",
    },
    "uq_recovery_code_digest": {"digest": "'\\x02'"},
    "uq_register_setting_day": {
        "name": "'x'", "region_code": "'999901'", "in_force_from_on": DAY,
    },
    "uq_share_asset_number": {"number": "'x'"},
    "uq_share_holding_holder": {"asset_id": ONE},
    "uq_village_leader_in_office": {
        "village_code": "'999901'", "id_number_index": "'\\x02'",
    },
}  # fmt: skip
"""A row that is taken once and refused the second time."""
