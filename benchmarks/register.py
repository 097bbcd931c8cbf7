"""A register of any number of households, written by the server itself: a million in minutes.

A hundred households to a village; every fifth village lies in one busy county, the others in forty
quiet ones: every county grows with the whole, and holds more of what is asked for than a page.
Keys do not follow places: neighbours in an index of keys live far apart, as they do in a register
that everybody writes to at once.
"""

from __future__ import annotations

from collections.abc import Iterator

import psycopg

from benchmarks.rows import without_indexes
from kernel.crypto import encrypt

BUSY, QUIET_COUNTIES = "360732", 40
PER_VILLAGE = 100
LAST_YEAR = 2025
LOW_FEN, ENOUGH_FEN = 200_000, 900_000
ID_NUMBER_OF = "decode(md5('head' || {n}), 'hex')"
KEY = "('01900000-0000-7000-{kind}-' || lpad(to_hex({n}), 12, '0'))::uuid"
HOUSEHOLD, LINK, RESULT, PAIRING, INCOME = "8001", "8002", "8003", "8004", "8005"
CASE, NOTICE, MEMBER, LEADER, CHANGE = "8006", "8007", "8008", "8009", "800a"
COOPERATIVE, HELPER = "800b", "800c"
PLACED = """
CREATE TABLE measured_village AS
SELECT v, county || town_and_village AS code, county FROM (
  SELECT v, CASE WHEN v % 5 = 0 THEN '{busy}' ELSE counties[1 + v % {counties}] END AS county,
    CASE WHEN v % 5 = 0 THEN (500 + v / 500)::text || lpad((v / 5 % 100)::text, 3, '0')
      ELSE '990' || lpad((v / {counties})::text, 3, '0') END AS town_and_village
  FROM generate_series(0, 20000) v, (SELECT array_agg(code) AS counties FROM (
    SELECT code FROM region WHERE level = 'county' AND code <> '{busy}' AND valid_until_on IS NULL
    ORDER BY md5(code) LIMIT {counties}) taken) chosen) placed
"""
NUMBERED = """
SELECT n, o, {household} AS id, v, village.code AS village_code, county,
  'BF-H-2026-' || county || '-' || lpad(n::text, 7, '0') AS code,
  (ARRAY['registered', 'registered', 'registered', 'unstable', 'registered', 'registered',
    'marginal', 'registered', 'registered', 'sudden_difficulty'])[1 + o % 10] AS class,
  CASE o % 50 WHEN 0 THEN 'observed' WHEN 1 THEN 'exited' WHEN 2 THEN 'candidate'
    WHEN 3 THEN 'dismissed' ELSE 'listed' END AS state,
  1 + o % 5 AS members, o % 3 % (1 + o % 5) AS able_labour, o % 11 <> 0 AS willing
FROM (SELECT n, v, ((n - {first}) / {villages} * 37 + v * 13) % 100 AS o
  FROM (SELECT n, {first_village} + (n - {first}) % {villages} AS v
    FROM generate_series({first}, {last}) n) numbers) ones
JOIN measured_village village USING (v)
"""
STEPS = {
    "region": """
        SELECT code, '测量村' || v, 'village', county FROM measured_village
        WHERE v BETWEEN {first_village} AND {last_village}""",
    "organisation": """
        SELECT {cooperative}, '9' || lpad(v::text, 17, '0'), '测量合作社' || v, 'cooperative', code,
          code, '/' || {cooperative} || '/', now(), 1 FROM measured_village
        WHERE v BETWEEN {first_village} AND {last_village}
        UNION ALL
        SELECT {helper}, '8' || lpad((10 * v + place)::text, 17, '0'), '测量帮扶单位' || v || place,
          'social_organisation', county, county, '/' || {helper} || '/', now(), 1
        FROM measured_village, generate_series(0, 4) place
        WHERE v BETWEEN {first_village} AND {last_village}""",
    "household": """
        SELECT id, code, village_code, {name}, {document}, {id_number}, NULL, NULL, members,
          able_labour, willing, class, state,
          CASE state WHEN 'observed' THEN current_date + 30 END, NULL, now(),
          1 FROM numbered""",
    "household_change": """
        SELECT {change}, id, class, state, members, able_labour, willing, DATE '2024-01-01',
          'registered', '00000000-0000-0000-0000-000000000000'::uuid, now() FROM numbered""",
    "household_member": """
        SELECT {member}, id, {name}, {document}, decode(md5('member' || n), 'hex'), 'head',
          'female',
          CASE WHEN o % 20 = 0 THEN 'disabled' ELSE 'healthy' END,
          CASE WHEN o % 20 = 0 THEN 2 END, 'able', true, DATE '2024-01-01', now(), 1
        FROM numbered WHERE o % 2 = 0""",
    "village_leader": """
        SELECT {leader}, code, {name}, {document}, decode(md5('leader' || 10 * v + place), 'hex'),
          '种植', DATE '2024-01-01', now(), 1
        FROM measured_village, generate_series(1, 3) place
        WHERE v BETWEEN {first_village} AND {last_village} AND (place = 1 OR v / 5 % 10 <> 0)""",
    "benefit_link": """
        SELECT {link}, id, {cooperative}, (ARRAY['technique', 'jobs', 'favourable_purchase',
            'unified_inputs', 'processing', 'land_or_shares', 'other'])[1 + o % 7],
          DATE '2024-01-01', CASE WHEN o % 10 = 9 THEN DATE '2025-01-01' END, '测量',
          60000, now(), 1
        FROM numbered WHERE o % 10 IN (0, 1, 2, 4, 6, 7, 9)
        UNION ALL
        SELECT {second_link}, id, {other_cooperative}, (ARRAY['technique', 'jobs',
            'favourable_purchase', 'unified_inputs', 'processing', 'land_or_shares', 'other'])
            [1 + o % 7], DATE '2024-01-01', NULL, '测量', 60000, now(), 1
        FROM numbered WHERE o % 100 = 7""",
    "double_link": """
        SELECT {link}, {second_link}, id, village_code, code, {cooperative}, {other_cooperative},
          DATE '2024-01-01', NULL::date FROM numbered WHERE o % 100 = 7""",
    "benefit_link_result": """
        SELECT {result}, {link}, {year}, 50000, '00000000-0000-0000-0000-000000000000'::uuid, now()
        FROM numbered WHERE o % 10 IN (0, 1, 2)""",
    "pairing": """
        SELECT {pairing}, 'designated_aid', {helper_of}, village_code, id, DATE '2024-01-01',
          '测量', now(), 1
        FROM numbered WHERE o % 5 = 0""",
    "pairing_turn": """
        SELECT left(village_code, digits), 'designated_aid', DATE '2024-01-01', count(*)
        FROM numbered, unnest(ARRAY[0, 2, 4, 6, 9, 12]) digits WHERE o % 5 = 0
        GROUP BY 1 ON CONFLICT (place, kind, turns_on)
        DO UPDATE SET change = pairing_turn.change + excluded.change""",
    "helper_load": """
        SELECT counted.helper_id, helper_user_id, place, since_on, until_on, households
        FROM (SELECT array_agg(DISTINCT {helper_of}) AS ids FROM numbered) helping,
          count_helper_loads(helping.ids) counted""",
    "household_income": """
        SELECT {income}, id, {year}, 'wage', members * CASE WHEN o % 50 = 7 THEN {low}
          ELSE {enough} END, '测量', '', '00000000-0000-0000-0000-000000000000'::uuid, now()
        FROM numbered""",
    "notice": """
        SELECT {notice}, 'BF-N-B-' || n, 'household_case', {case}, 1, village_code,
          current_date - 2, 5, current_date + 3, '测量', now() FROM numbered
        WHERE o = 50""",
    "household_case": """
        SELECT {case}, 'BF-K-B-' || n, 'identification', id, village_code, 'registered',
          'cadre_visit', '测量', stage, 1, '00000000-0000-0000-0000-000000000000'::uuid,
          DATE '2026-01-01', CASE WHEN stage <> 'rejected' THEN current_date - 30 + n % 60 END,
          CASE stage WHEN 'in_notice' THEN {notice} END, now(), now(), 1
        FROM (SELECT *, CASE WHEN o = 50 THEN 'in_notice' WHEN v / 5 % 5 = 1 THEN 'rejected'
          ELSE 'clue' END AS stage FROM numbered WHERE o % 50 = 0) one""",
}
COLUMNS = {
    "region": "code, name, level, parent_code",
    "organisation": "id, credit_code, name, kind, region_code, region_prefix, lineage,"
    " created_at, version",
    "household": "id, code, village_code, head_name, id_number, id_number_index, phone, bank_card,"
    " members, able_labour, willing, class, state, observed_until_on, cause, registered_at,"
    " version",
    "household_change": "id, household_id, class, state, members, able_labour, willing, from_on,"
    " reason, by_id, at",
    "household_member": "id, household_id, name, document_number, document_index, relation, sex,"
    " health, disability_grade, labour, willing, joined_on, created_at, version",
    "village_leader": "id, village_code, name, id_number, id_number_index, trade, since_on,"
    " created_at, version",
    "benefit_link": "id, household_id, organisation_id, way, since_on, until_on, terms,"
    " promised_fen, created_at, version",
    "double_link": "benefit_link_id, other_benefit_link_id, household_id, village_code,"
    " household_code, organisation_id, other_organisation_id, since_on, until_on",
    "benefit_link_result": "id, benefit_link_id, year, benefit_fen, recorded_by_id, recorded_at",
    "pairing": "id, kind, helper_id, village_code, household_id, since_on, source, created_at,"
    " version",
    "pairing_turn": "place, kind, turns_on, change",
    "helper_load": "helper_id, helper_user_id, place, since_on, until_on, households",
    "household_income": "id, household_id, year, kind, amount_fen, source, note, recorded_by,"
    " recorded_at",
    "notice": "id, number, subject_kind, subject_id, round, region_code, opens_on, working_days,"
    " closes_on, rule_source, created_at",
    "household_case": "id, number, kind, household_id, village_code, wanted_class, source, clue,"
    " status, round, author_id, opened_on, due_on, notice_id, created_at, updated_at, version",
}
PERSONS = {
    "household": ("household.head_name", "household.id_number"),
    "household_member": ("household_member.name", "household_member.document_number"),
    "village_leader": ("village_leader.name", "village_leader.id_number"),
}
TABLES = tuple(COLUMNS)


def key_of(kind: str, n: str) -> str:
    """Say, in SQL, the key of a row by its kind and number."""
    return KEY.format(kind=kind, n=n)


def asked_key(kind: str, n: str) -> str:
    """Give the statement that answers with the key of a row."""
    return f"SELECT {key_of(kind, n)}"


def code_of(v: int) -> str:
    """Give the statement that answers with the code of a village by its number."""
    return f"SELECT code FROM measured_village WHERE v = {v}"  # noqa: S608 - a number


def fill(connection: psycopg.Connection[tuple[object, ...]], *, first: int, last: int) -> None:
    """Write the households `first` to `last` with all that belongs to them; whole hundreds.

    Needs the keys of the program; foreign keys are not asked, every promise is kept.
    """
    with without_indexes(connection, TABLES):
        for statement in _statements(first=first, last=last):
            connection.execute(statement.encode())


def _statements(*, first: int, last: int) -> Iterator[str]:
    """Give the statements that write such households, in their order."""
    villages = (last - first + 1) // PER_VILLAGE
    begins = (first - 1) // PER_VILLAGE
    words = {
        "busy": BUSY,
        "counties": QUIET_COUNTIES,
        "first": first,
        "last": last,
        "villages": villages,
        "first_village": begins,
        "last_village": begins + villages - 1,
        "year": LAST_YEAR,
        "low": LOW_FEN,
        "enough": ENOUGH_FEN,
        "id_number": ID_NUMBER_OF.format(n="n"),
        "household": key_of(HOUSEHOLD, "n"),
        "cooperative": key_of(COOPERATIVE, "v"),
        "other_cooperative": key_of(COOPERATIVE, "(v + 5)"),
        "helper": key_of(HELPER, "(10 * v + place)"),
        "helper_of": key_of(
            HELPER, "(10 * v + CASE WHEN v / 5 % 20 = 0 THEN o / 5 % 2 ELSE o / 5 % 5 END)"
        ),
        "leader": key_of(LEADER, "(10 * v + place)"),
        "second_link": key_of(LINK, "(100000000 + n)"),
    }
    for name, kind in {
        "link": LINK,
        "result": RESULT,
        "pairing": PAIRING,
        "income": INCOME,
        "case": CASE,
        "notice": NOTICE,
        "member": MEMBER,
        "change": CHANGE,
    }.items():
        words[name] = key_of(kind, "n")
    if first == 1:
        yield PLACED.format(**words)
    yield f"CREATE TEMP TABLE numbered AS {NUMBERED.format(**words)}"
    for table, step in STEPS.items():
        persons = dict(zip(("name", "document"), PERSONS.get(table, ()), strict=False))
        sealed = {word: _sealed(place) for word, place in persons.items()}
        yield f"INSERT INTO {table} ({COLUMNS[table]}) {step.format(**words, **sealed)}"
    yield "DROP TABLE numbered"


def _sealed(place: str) -> str:
    """Say, in SQL, one ciphertext of a place: what is inside is nobody's name."""
    return f"'\\x{encrypt('测量户', place=place).hex()}'::bytea"
