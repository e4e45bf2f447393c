"""What is not known of fal, or differs between its own pages (reference: [?] and [T] facts)."""

from __future__ import annotations

from sandbox.vendors.switches import Switch, Switches


def fal_switches() -> Switches:
    """As the sandbox begins."""
    return Switches(
        {
            "pending_status": Switch("HTTP code of a pending status", (202, 200)),
            "early_result": Switch("HTTP code of a result asked too early", (400, 202)),
            "follow_ups": Switch(
                "docs show a /response suffix, live answers none", ("app", "docs")
            ),
            "durations": Switch("whether 4 passes for '4' and the reverse", ("strict", "lax")),
            "unknown_fields": Switch(
                "whether a field outside the schema is refused", ("refuse", "ignore")
            ),
            "validation": Switch(
                "an invalid input fails in the queue, or at once", ("late", "submit")
            ),
            "retryable_header": Switch(
                "one page renames it", ("X-Fal-Retryable", "X-Fal-Needs-Retry")
            ),
            "locked_status": Switch("no balance: 403 with text, or 402", (403, 402)),
            "refusals": Switch("a 422 is billed where a runner had worked", ("free", "billed")),
            "admin_lock": Switch("an account with money may be locked (its issues)", (False, True)),
            "balance_usd": Switch("the prepaid balance at the start, US dollars", (1000.0,)),
            "billing": Switch("balances need an admin key", ("admin", "forbidden")),
            "history": Switch(
                "lists may show ended requests only; a key may not read them",
                ("ended", "all", "forbidden"),
            ),
            "file_life_s": Switch("life of an output file without a preference", (604_800.0,)),
            "served_from": Switch(
                "who served it, where fal's own fallback was not forbidden", ("",)
            ),
            "webhook_origin": Switch("where webhooks for public addresses are sent", ("",)),
        }
    )
