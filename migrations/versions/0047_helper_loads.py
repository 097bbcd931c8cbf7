"""How many households each helper stands by, kept beside the pairings by what writes them.

A statement that writes pairings counts their helpers anew, by a trigger, so that no command can
forget it. Whoever writes pairings of a helper has its organisation's row to itself until the
commit: of two at once the second counts with the first one's pairing.
"""

from alembic import op
from sqlalchemy import PrimaryKeyConstraint

from migrations.columns import checks, day, key, number, refers, words

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

COUNT = """
CREATE FUNCTION count_helper_loads(helpers uuid[]) RETURNS TABLE (place text, helper_id uuid,
  helper_user_id uuid, since_on date, until_on date, households int) LANGUAGE sql STABLE AS $$
  WITH held AS MATERIALIZED (
    SELECT p.helper_id, coalesce(p.helper_user_id,
      '00000000-0000-0000-0000-000000000000') AS person, p.household_id, p.village_code,
      p.since_on, coalesce(p.until_on, 'infinity') AS until_on
    FROM pairing p WHERE p.helper_id = ANY (helpers) AND p.household_id IS NOT NULL
  ), turns AS (
    SELECT t.helper_id, t.person, t.turn AS since_on,
      lead(t.turn) OVER (PARTITION BY t.helper_id, t.person ORDER BY t.turn) AS until_on
    FROM (SELECT h.helper_id, h.person, h.since_on AS turn FROM held h
      UNION SELECT h.helper_id, h.person, h.until_on FROM held h) t
  ), steps AS (
    SELECT t.helper_id, t.person, t.since_on, t.until_on,
      count(DISTINCT h.household_id)::int AS households,
      array_agg(DISTINCT h.village_code) AS villages
    FROM turns t JOIN held h ON h.helper_id = t.helper_id AND h.person = t.person
      AND h.since_on <= t.since_on AND h.until_on > t.since_on
    GROUP BY 1, 2, 3, 4
  )
  SELECT DISTINCT left(village, digits), s.helper_id, s.person, s.since_on,
    nullif(s.until_on, 'infinity'), s.households
  FROM steps s, unnest(s.villages) village, unnest(ARRAY[0, 2, 4, 6, 9, 12]) digits
$$;
"""
FOLLOW = """
CREATE FUNCTION follow_pairings() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  helpers uuid[];
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT array_agg(DISTINCT helper_id) INTO helpers FROM fresh;
  ELSIF TG_OP = 'DELETE' THEN
    SELECT array_agg(DISTINCT helper_id) INTO helpers FROM gone;
  ELSE
    SELECT array_agg(DISTINCT helper_id) INTO helpers
    FROM (SELECT helper_id FROM fresh UNION SELECT helper_id FROM gone) both_of_them;
  END IF;
  PERFORM FROM organisation WHERE id = ANY (helpers) ORDER BY id FOR NO KEY UPDATE;
  DELETE FROM helper_load WHERE helper_id = ANY (helpers);
  INSERT INTO helper_load SELECT * FROM count_helper_loads(helpers);
  RETURN NULL;
END $$;
"""
FOLLOWED = {
    "INSERT": "NEW TABLE AS fresh",
    "UPDATE": "OLD TABLE AS gone NEW TABLE AS fresh",
    "DELETE": "OLD TABLE AS gone",
}


def upgrade() -> None:
    op.create_table(
        "helper_load",
        words("place"),
        *map(key, ("helper_id", "helper_user_id")),
        *map(day, ("since_on", "until_on?")),
        number("households"),
        *checks("helper_load", period="since_on < until_on", households="households > 0"),
        *refers("helper_load", helper_id="organisation"),
        PrimaryKeyConstraint(
            "helper_id", "helper_user_id", "place", "since_on", name="pk_helper_load"
        ),
    )
    op.create_index(
        "ix_helper_load_place",
        "helper_load",
        ["place", "households", "helper_id", "helper_user_id"],
        postgresql_include=["since_on", "until_on"],
    )
    op.execute(COUNT)
    op.execute(FOLLOW)
    for deed, seen in FOLLOWED.items():
        op.execute(
            f"CREATE TRIGGER follow_{deed.lower()} AFTER {deed} ON pairing REFERENCING {seen}"
            " FOR EACH STATEMENT EXECUTE FUNCTION follow_pairings()"
        )
    op.execute(
        "INSERT INTO helper_load SELECT loads.* FROM (SELECT array_agg(DISTINCT helper_id) AS ids"
        " FROM pairing) helping, count_helper_loads(helping.ids) loads"
    )


def downgrade() -> None:
    for deed in FOLLOWED:
        op.execute(f"DROP TRIGGER follow_{deed.lower()} ON pairing")
    op.execute("DROP FUNCTION follow_pairings")
    op.execute("DROP FUNCTION count_helper_loads")
    op.drop_table("helper_load")
