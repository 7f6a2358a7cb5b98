"""What may the holder of the control token make the sandbox do?"""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hemi_intake.demo.prosku_server.answers import LIST_STYLES, MODES, AtRandom, Fault
from hemi_intake.demo.prosku_server.state import NAMED_BY

if TYPE_CHECKING:
    from hemi_intake.demo.prosku_server.server import Sandbox

Content = Mapping[str, object]


class Control:
    """The commands, one method each; what they return goes back as JSON."""

    def __init__(self, sandbox: "Sandbox") -> None:
        self.sandbox = sandbox
        self._commands: Mapping[tuple[str, str], Callable[[Content], Content]] = {
            ("GET", "state"): self.state,
            ("POST", "orders"): self.orders,
            ("POST", "put"): self.put,
            ("POST", "advance"): self.advance,
            ("POST", "pace"): self.pace,
            ("POST", "misbehave"): self.misbehave,
            ("POST", "at_random"): self.at_random,
            ("POST", "behave"): self.behave,
            ("POST", "revoke"): self.revoke,
            ("POST", "restore"): self.restore,
            ("POST", "style"): self.style,
        }

    def obey(self, method: str, command: str, content: Content) -> Content:
        """Do what is commanded. Raises LookupError for what nobody knows, ValueError for what makes no sense."""
        return self._commands[method, command](content)

    def state(self, _content: Content) -> Content:
        """Counts of orders by status, of records and of requests served, and the last requests."""
        state = self.sandbox.state
        with state.lock:
            orders = Counter(order.status for account in state.accounts.values() for order in account.orders.values())
            return {
                "orders": dict(orders),
                "records": {
                    name: sum(len(account.records[name]) for account in state.accounts.values()) for name in NAMED_BY
                },
                "pace": state.pace,
                "counts": dict(self.sandbox.counts),
                "requests": list(self.sandbox.requests)[-200:],
            }

    def orders(self, content: Content) -> Content:
        """`orders`: [{key, order_reference, order_number?, order_date?, plan?, deliver_to?, lines: [{product_code,
        quantity}]}]; those already there stay as they are."""
        return {"new": self.sandbox.state.load(_list(content, "orders"))}

    def put(self, content: Content) -> Content:
        """`key`, `resource`, `records`, `modified` (ISO time, now when left out): kept and served as given."""
        resource = str(content["resource"])
        if resource not in NAMED_BY:
            raise LookupError(resource)
        modified = content.get("modified")
        moment = datetime.fromisoformat(str(modified)).astimezone(UTC) if modified else None
        return {"kept": self.sandbox.state.put(str(content["key"]), resource, _list(content, "records"), moment)}

    def advance(self, content: Content) -> Content:
        """`steps` (1), `references` (all): move orders on now."""
        references = content.get("references")
        wanted = [str(reference) for reference in references] if isinstance(references, list) else None
        return {"taken": self.sandbox.state.advance(_int(content.get("steps", 1)), wanted)}

    def pace(self, content: Content) -> Content:
        """`seconds` between two steps of an order; 0 stops the clock."""
        self.sandbox.state.set_pace(float(str(content["seconds"])))
        return {"pace": self.sandbox.state.pace}

    def misbehave(self, content: Content) -> Content:
        """`mode` and, as wanted, times (1; -1 for ever), resource, page, key, status, retry_after, seconds, size."""
        fault = Fault(**content)  # type: ignore[arg-type]  # unknown names raise TypeError, which is answered
        if fault.mode not in MODES:
            raise ValueError(f"mode is one of {', '.join(sorted(MODES))}")
        with self.sandbox.state.lock:
            self.sandbox.faults.append(fault)
        return {"faults": len(self.sandbox.faults)}

    def at_random(self, content: Content) -> Content:
        """`probability` from 0 to 1, and as wanted key and seed: misbehave in any way at so many requests."""
        with self.sandbox.state.lock:
            self.sandbox.at_random = AtRandom(**content)  # type: ignore[arg-type]  # as for misbehave
        return {"probability": self.sandbox.at_random.probability}

    def behave(self, _content: Content) -> Content:
        """Forget every fault."""
        with self.sandbox.state.lock:
            self.sandbox.faults.clear()
            self.sandbox.at_random = AtRandom()
        return {"faults": 0}

    def revoke(self, content: Content) -> Content:
        """`key`: refused from now on."""
        self.sandbox.state.set_revoked(str(content["key"]), revoked=True)
        return {"revoked": True}

    def restore(self, content: Content) -> Content:
        """`key`: accepted (and opened, when new) from now on."""
        self.sandbox.state.set_revoked(str(content["key"]), revoked=False)
        return {"revoked": False}

    def style(self, content: Content) -> Content:
        """`lists`: how JSON writes lists: array, named (under the element's name), bare (a single entry alone)."""
        style = str(content["lists"])
        if style not in LIST_STYLES:
            raise ValueError(f"lists is one of {', '.join(sorted(LIST_STYLES))}")
        self.sandbox.list_style = style
        return {"lists": style}


def _list(content: Content, key: str) -> list[dict[str, object]]:
    value = content[key]
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise ValueError(f"{key} is a list of objects")
    return value


def _int(value: object) -> int:
    if not isinstance(value, int):
        raise ValueError(f"{value!r} is no whole number")
    return value
