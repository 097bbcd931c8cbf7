"""What the client knows: every intent written down before it is sent, every answer after."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FINAL = range(200, 500)
UNSETTLED = frozenset({409, 425, 429})
"""Answers after which a client does not know, or knows that it should ask again."""


@dataclass(frozen=True)
class Answer:
    """What the server said at last: a status and, of an order, its id."""

    status: int
    order_id: str


@dataclass
class Oracle:
    """The client's own file of intents and answers, one JSON line each."""

    path: Path
    intents: dict[str, str] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def intend(self, key: str, body: bytes) -> None:
        """Write down what is about to be sent."""
        self._write({"key": key, "intent": hashlib.sha256(body).hexdigest()})
        self.intents[key] = body.decode()

    def answered(self, key: str, answer: Answer) -> None:
        """Write down what came back; an answer that does not settle the matter is no answer."""
        self._write({"key": key, "status": answer.status, "order_id": answer.order_id})
        if answer.status in FINAL and answer.status not in UNSETTLED:
            self.answers[key] = answer

    @property
    def acknowledged(self) -> dict[str, str]:
        """The order ids by the key of every intent that was answered 2xx."""
        return {key: one.order_id for key, one in self.answers.items() if one.status < 300}

    @property
    def unknown(self) -> list[str]:
        """The keys of every intent whose outcome the client does not know."""
        return [key for key in self.intents if key not in self.answers]

    def _write(self, line: Mapping[str, Any]) -> None:
        with self._lock, self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


@dataclass(frozen=True)
class Verdict:
    """What the oracle found, as keys; everything but the last two must be empty."""

    lost: tuple[str, ...]
    doubled: tuple[str, ...]
    foreign: tuple[str, ...]
    changed: tuple[str, ...]
    """A retry gave another order than the one that exists."""
    acknowledged: int
    unknown: int
    unknown_committed: int

    @property
    def harmless(self) -> bool:
        """Whether nothing was lost, doubled, unasked for, or answered twice differently."""
        return not (self.lost or self.doubled or self.foreign or self.changed)


def judge(
    oracle: Oracle,
    *,
    rows: Callable[[], Mapping[str, list[str]]],
    retry: Callable[[str, str], Answer],
) -> Verdict:
    """Compare the client's file with the orders that exist, then retry each unknown once.

    `rows` lists the order ids by the key their body carried; `retry` sends key and body again.
    """
    before = rows()
    unknown = oracle.unknown
    changed = []
    for key in unknown:
        answer = retry(key, oracle.intents[key])
        there = before.get(key, [])
        if answer.status >= 300 or (there and answer.order_id != there[0]):
            changed.append(key)
        else:
            oracle.answered(key, answer)
    after = rows()
    return Verdict(
        lost=tuple(k for k, order in oracle.acknowledged.items() if order not in after.get(k, [])),
        doubled=tuple(key for key, orders in after.items() if len(orders) > 1),
        foreign=tuple(key for key in after if key not in oracle.intents),
        changed=tuple(changed),
        acknowledged=len(oracle.acknowledged),
        unknown=len(unknown),
        unknown_committed=sum(key in before for key in unknown),
    )
