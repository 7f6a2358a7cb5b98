"""What did customers pay at the sandbox provider, and what was paid back? (durable before anything is answered)"""

import json
import secrets
import sqlite3
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

_TABLES = """
CREATE TABLE IF NOT EXISTS payment (reference TEXT PRIMARY KEY, amount INTEGER NOT NULL, currency TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS refund (
    id TEXT PRIMARY KEY, payment TEXT NOT NULL REFERENCES payment, amount INTEGER NOT NULL, currency TEXT NOT NULL,
    status TEXT NOT NULL, metadata TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS answer (
    key TEXT PRIMARY KEY, asked TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS refund_of_payment ON refund (payment);
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes over the wire: an HTTP status and a JSON document."""

    status: int
    body: dict[str, Any]


def refusal(status: int, code: str, message: str) -> Answer:
    """A no, in the one shape that every refusal of this provider has."""
    return Answer(status, {"error": {"code": code, "message": message}})


class Ledger:
    """Payments, refunds and remembered answers in one SQLite file; committed to disk before a method returns."""

    def __init__(self, path: str) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.executescript(_TABLES)

    def register(self, reference: str, amount: int, currency: str) -> Answer:
        """Note that a customer paid. The same again changes nothing; other figures for a known one are refused."""
        payment = {"reference": reference, "amount": amount, "currency": currency}
        with self._lock, self._db:
            added = self._db.execute(
                "INSERT INTO payment VALUES (:reference, :amount, :currency) ON CONFLICT DO NOTHING", payment
            ).rowcount
            known = self._payment(reference)
        if known != payment:
            return refusal(409, "other_figures", f"Payment {reference} is known with other figures.")
        return Answer(201 if added else 200, payment)

    def register_all(self, payments: Iterable[tuple[str, int, str]]) -> None:
        """Note many payments (reference, amount, currency) in one go; those that are known stay as they are."""
        with self._lock, self._db:
            self._db.executemany("INSERT INTO payment VALUES (?, ?, ?) ON CONFLICT DO NOTHING", payments)

    def payment(self, reference: str) -> Answer:
        """The payment and how much of it was paid back."""
        with self._lock:
            known = self._payment(reference)
            if known is None:
                return refusal(404, "unknown_payment", f"There is no payment {reference}.")
            return Answer(200, {**known, "refunded": self._refunded(reference)})

    def refund(
        self, asked: dict[str, Any], key: str, *, declined: bool, overpay: bool, forget: bool, pending: bool = False
    ) -> Answer:
        """Pay back. A key seen before gets its first answer again, unless `forget` says to ignore keys."""
        fingerprint = json.dumps(asked, sort_keys=True)
        with self._lock, self._db:
            known = self._db.execute("SELECT * FROM answer WHERE key = ?", (key,)).fetchone() if not forget else None
            if known is None:
                answer = self._decide(asked, declined=declined, overpay=overpay, pending=pending)
                self._db.execute(
                    "INSERT OR REPLACE INTO answer VALUES (?, ?, ?, ?)",
                    (key, fingerprint, answer.status, json.dumps(answer.body)),
                )
                return answer
        if known["asked"] != fingerprint:
            return refusal(409, "key_reused", "This Idempotency-Key was used before, for another request.")
        return Answer(known["status"], json.loads(known["body"]))

    def refunds(self, hemi_key: str) -> list[dict[str, Any]]:
        """Every refund that carries the key in its metadata, oldest first."""
        return [refund for refund in self.everything()["refunds"] if refund["metadata"].get("hemi_key") == hemi_key]

    def refunds_of(self, payment: str | None) -> list[dict[str, Any]]:
        """Every refund of a payment, or of all of them, oldest first."""
        return [refund for refund in self.everything()["refunds"] if payment in (None, refund["payment"])]

    def fail(self, identifier: str) -> Answer:
        """A refund comes back days later, as they sometimes do: the money is with the merchant again."""
        with self._lock, self._db:
            found = self._db.execute("UPDATE refund SET status = 'failed' WHERE id = ?", (identifier,)).rowcount
        return Answer(200, {"failed": identifier}) if found else refusal(404, "unknown_refund", "No such refund.")

    def succeed(self, identifier: str) -> Answer:
        """A pending refund is paid at last."""
        with self._lock, self._db:
            statement = "UPDATE refund SET status = 'succeeded' WHERE id = ? AND status = 'pending'"
            found = self._db.execute(statement, (identifier,)).rowcount
        return Answer(200, {"succeeded": identifier}) if found else refusal(404, "unknown_refund", "No such refund.")

    def everything(self) -> dict[str, Any]:
        """All payments with what was paid back of each, and all refunds, oldest first."""
        with self._lock:
            payments = [dict(row) for row in self._db.execute("SELECT * FROM payment ORDER BY rowid")]
            refunds = [dict(row) for row in self._db.execute("SELECT * FROM refund ORDER BY rowid")]
            for payment in payments:
                payment["refunded"] = self._refunded(payment["reference"])
        for refund in refunds:
            refund["metadata"] = json.loads(refund["metadata"])
        return {"payments": payments, "refunds": refunds}

    def _decide(self, asked: dict[str, Any], *, declined: bool, overpay: bool, pending: bool) -> Answer:
        payment = self._payment(asked["payment"])
        if payment is None:
            return refusal(404, "unknown_payment", f"There is no payment {asked['payment']}.")
        if declined:
            return refusal(402, "declined", "The customer's bank declined the refund.")
        if asked["currency"] != payment["currency"]:
            return refusal(422, "other_currency", f"The payment was made in {payment['currency']}.")
        if self._refunded(asked["payment"]) + asked["amount"] > payment["amount"] and not overpay:
            return refusal(422, "exceeds_payment", "The amount is more than what is left of the payment.")
        refund = {"id": f"rf_{secrets.token_hex(8)}", "status": "pending" if pending else "succeeded", **asked}
        self._db.execute(
            "INSERT INTO refund VALUES (:id, :payment, :amount, :currency, :status, :metadata)",
            {**refund, "metadata": json.dumps(asked["metadata"])},
        )
        return Answer(201, refund)

    def _payment(self, reference: str) -> dict[str, Any] | None:
        row = self._db.execute("SELECT * FROM payment WHERE reference = ?", (reference,)).fetchone()
        return dict(row) if row else None

    def _refunded(self, reference: str) -> int:
        total = "SELECT coalesce(sum(amount), 0) FROM refund WHERE payment = ? AND status <> 'failed'"
        return int(self._db.execute(total, (reference,)).fetchone()[0])
