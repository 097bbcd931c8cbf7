"""The same floor driven by pgbench, a compiled client: the strictest thing to be compared with."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from benchmarks import floor
from benchmarks.clients import Round

SCRIPT = """
\\set buyer random(1, {buyers})
\\set first {first}
\\set second {second}
BEGIN;
SELECT p.id, p.price_fen FROM floor.product p
    JOIN floor.certificate c ON c.id = p.certificate_id
    WHERE p.id IN (:first, :second) AND c.status = 'in_force' AND c.valid_until > current_date;
INSERT INTO floor.purchase_order (buyer_id, quota_id, total_fen)
    VALUES (:buyer, :buyer, 4000) RETURNING id \\gset order_
INSERT INTO floor.order_line (order_id, product_id, quantity, price_fen, amount_fen)
    VALUES (:order_id, :first, 2, 1000, 2000);
INSERT INTO floor.order_line (order_id, product_id, quantity, price_fen, amount_fen)
    VALUES (:order_id, :second, 2, 1000, 2000);
UPDATE floor.quota SET held_fen = held_fen + 4000
    WHERE id = :buyer AND held_fen + 4000 <= ceiling_fen RETURNING held_fen;
UPDATE floor.stock SET held = held + 2
    WHERE product_id = :first AND held + 2 <= ceiling RETURNING held;
UPDATE floor.stock SET held = held + 2
    WHERE product_id = :second AND held + 2 <= ceiling RETURNING held;
INSERT INTO floor.ledger (order_id, account_id, amount_fen) VALUES (:order_id, :buyer, -2000);
INSERT INTO floor.ledger (order_id, account_id, amount_fen) VALUES (:order_id, :buyer, 2000);
INSERT INTO floor.ledger (order_id, account_id, amount_fen) VALUES (:order_id, :buyer, -2000);
INSERT INTO floor.ledger (order_id, account_id, amount_fen) VALUES (:order_id, :buyer, 2000);
COMMIT;
"""


def orders(dsn: str, *, binary: Path, hot: bool, clients: int, seconds: float) -> Round:
    """Place orders by pgbench with prepared statements, in key order so that none deadlock."""
    half = floor.PRODUCTS // 2
    script = SCRIPT.format(
        buyers=floor.BUYERS,
        first=1 if hot else f"random(1, {half})",
        second=1 if hot else f"random({half + 1}, {floor.PRODUCTS})",
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "order.sql").write_text(script, encoding="utf-8")
        command = [
            *(str(binary), "--no-vacuum", "--protocol=prepared", f"--file={folder / 'order.sql'}"),
            *(f"--client={clients}", f"--jobs={min(2, clients)}", f"--time={max(1, int(seconds))}"),
            *("--log", f"--log-prefix={folder / 'log'}", dsn),
        ]
        subprocess.run(command, check=True, capture_output=True, cwd=folder)  # noqa: S603
        rows = [
            line.split()
            for path in folder.glob("log*")
            for line in path.read_text(encoding="utf-8").splitlines()
        ]
    return Round(
        clients=clients,
        seconds=float(max(1, int(seconds))),
        latencies=tuple(int(row[2]) / 1e6 for row in rows),
        refused=0,
    )
