"""Which links count one household twice, and how many pairings hold: kept by what writes them.

A statement that writes links finds their households' doubles anew, by a trigger, so that no
command can forget it; whoever writes links of a household has its row to itself until the commit.
Pairings are counted by the days on which they begin and end, in every place they lie in.
"""

from alembic import op
from sqlalchemy import PrimaryKeyConstraint, text

from migrations.columns import (
    checks,
    day,
    drop_tables,
    index,
    indexes,
    key,
    number,
    refers,
    word,
    words,
)

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

FIND = """
CREATE FUNCTION find_double_links(households uuid[]) RETURNS SETOF double_link LANGUAGE sql STABLE
AS $$
  SELECT one.id, other.id, h.id, h.village_code, h.code, one.organisation_id,
    other.organisation_id, greatest(one.since_on, other.since_on),
    least(one.until_on, other.until_on)
  FROM household h JOIN benefit_link one ON one.household_id = h.id
    JOIN benefit_link other ON other.household_id = h.id AND other.way = one.way
      AND other.id > one.id AND other.organisation_id <> one.organisation_id
      AND daterange(other.since_on, other.until_on) && daterange(one.since_on, one.until_on)
  WHERE h.id = ANY (households)
$$;
"""
FOLLOW_LINKS = """
CREATE FUNCTION follow_links() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  households uuid[];
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT array_agg(DISTINCT household_id) INTO households FROM fresh;
  ELSIF TG_OP = 'DELETE' THEN
    SELECT array_agg(DISTINCT household_id) INTO households FROM gone;
  ELSE
    SELECT array_agg(DISTINCT household_id) INTO households
    FROM (SELECT household_id FROM fresh UNION SELECT household_id FROM gone) both_of_them;
  END IF;
  PERFORM FROM household WHERE id = ANY (households) ORDER BY id FOR NO KEY UPDATE;
  DELETE FROM double_link WHERE household_id = ANY (households);
  INSERT INTO double_link SELECT * FROM find_double_links(households);
  RETURN NULL;
END $$;
"""
FOLLOW_MOVE = """
CREATE FUNCTION follow_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE double_link SET village_code = NEW.village_code WHERE household_id = NEW.id;
  RETURN NULL;
END $$;
"""
TURNS = """
  INSERT INTO pairing_turn (place, kind, turns_on, change)
  SELECT left(p.village_code, digits), p.kind, turn.turns_on, sum({sign} * turn.change)::int
  FROM {seen} p, unnest(ARRAY[0, 2, 4, 6, 9, 12]) digits,
    LATERAL (VALUES (p.since_on, 1), (p.until_on, -1)) turn (turns_on, change)
  WHERE turn.turns_on IS NOT NULL
  GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
  ON CONFLICT (place, kind, turns_on)
  DO UPDATE SET change = pairing_turn.change + excluded.change;
"""
COUNT_PAIRINGS = f"""
CREATE FUNCTION count_pairings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN {TURNS.format(seen="gone", sign=-1)} END IF;
  IF TG_OP <> 'DELETE' THEN {TURNS.format(seen="fresh", sign=1)} END IF;
  RETURN NULL;
END $$;
"""
FOLLOWED = {
    "INSERT": "NEW TABLE AS fresh",
    "UPDATE": "OLD TABLE AS gone NEW TABLE AS fresh",
    "DELETE": "OLD TABLE AS gone",
}
FOLLOWING = (("benefit_link", "follow", "follow_links"), ("pairing", "count", "count_pairings"))


def upgrade() -> None:
    links = ("benefit_link_id", "other_benefit_link_id")
    parties = ("organisation_id", "other_organisation_id")
    op.create_table(
        "double_link",
        *map(key, (*links, "household_id")),
        *map(words, ("village_code", "household_code")),
        *map(key, parties),
        *map(day, ("since_on", "until_on?")),
        *checks("double_link", period="since_on < until_on"),
        *refers("double_link", household_id="household"),
        PrimaryKeyConstraint(*links, name="pk_double_link"),
    )
    index("ix_double_link_place", "village_code", "household_code", *links, on="double_link")
    index("ix_double_link_household_id", "household_id", on="double_link")
    op.create_table(
        "pairing_turn",
        words("place"),
        word("kind"),
        day("turns_on"),
        number("change"),
        PrimaryKeyConstraint("place", "kind", "turns_on", name="pk_pairing_turn"),
    )
    op.create_index(
        "ix_pairing_of_village",
        "pairing",
        ["village_code"],
        postgresql_where=text("household_id IS NULL"),
    )
    op.drop_index("ix_pairing_household_id", "pairing")
    op.create_index(
        "ix_pairing_household_id",
        "pairing",
        ["household_id"],
        postgresql_include=["since_on", "until_on"],
    )
    for function in (FIND, FOLLOW_LINKS, FOLLOW_MOVE, COUNT_PAIRINGS):
        op.execute(function)
    for table, name, function in FOLLOWING:
        for deed, seen in FOLLOWED.items():
            op.execute(
                f"CREATE TRIGGER {name}_{deed.lower()} AFTER {deed} ON {table} REFERENCING {seen}"
                f" FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
            )
    op.execute(
        "CREATE TRIGGER follow_move AFTER UPDATE OF village_code ON household FOR EACH ROW"
        " WHEN (OLD.village_code <> NEW.village_code) EXECUTE FUNCTION follow_move()"
    )
    op.execute(
        "INSERT INTO double_link SELECT found.* FROM (SELECT array_agg(id) AS ids FROM household)"
        " every_one, find_double_links(every_one.ids) found"
    )
    op.execute(TURNS.format(seen="pairing", sign=1))


def downgrade() -> None:
    op.execute("DROP TRIGGER follow_move ON household")
    for table, name, _ in FOLLOWING:
        for deed in FOLLOWED:
            op.execute(f"DROP TRIGGER {name}_{deed.lower()} ON {table}")
    for function in ("count_pairings", "follow_move", "follow_links", "find_double_links"):
        op.execute(f"DROP FUNCTION {function}")
    op.drop_index("ix_pairing_of_village", "pairing")
    op.drop_index("ix_pairing_household_id", "pairing")
    indexes("pairing", "household_id")
    drop_tables(("double_link", "pairing_turn"))
