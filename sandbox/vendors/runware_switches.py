"""What is not known of Runware, or differs between its pages (reference: [?] and [T] facts)."""

from __future__ import annotations

from sandbox.vendors.switches import Switch, Switches


def runware_switches() -> Switches:
    """As the sandbox begins."""
    return Switches(
        {
            "unknown_task": Switch(
                "getResponse of an unknown id: an error, or nothing",
                ("taskFailedOrNotFound", "empty"),
            ),
            "polled_after_s": Switch(
                "how long getResponse does not know a task that was taken", (0.0,)
            ),
            "error_shape": Switch(
                "a failed result stands in errors[], or in data[] with status error",
                ("errors", "item"),
            ),
            "whole_failure": Switch(
                "a task none of whose results was made has an error for each, or one for all",
                ("each", "once"),
            ),
            "poll_error_status": Switch("HTTP code of a poll that only has errors", (200, 400)),
            "socket_frames": Switch(
                "data and errors in one frame or in two", ("apart", "together")
            ),
            "session_replay": Switch("a resumed session gets what it missed", (True, False)),
            "webhook_body": Switch(
                "docs: the envelope; the skills: the bare result", ("envelope", "bare")
            ),
            "webhook_origin": Switch("where webhooks for public addresses are sent", ("",)),
            "unknown_parameters": Switch("whether they are refused", ("refuse", "ignore")),
            "agent_sizes": Switch("sizes of heygen:video-agent@0", ("any", "listed")),
            "refusal_code": Switch(
                "the word of a content refusal",
                (
                    "contentPolicyViolation",
                    "providerContentPolicyViolation",
                    "invalidProviderContent",
                    "DataInspectionFailed",
                    "providerRefused",
                ),
            ),
            "uuid_reserved_s": Switch("how long a taskUUID stays taken, 0 = for ever", (0.0,)),
            "cost": Switch("a reported cost may be zero, or missing", ("real", "zero", "missing")),
            "dry_run": Switch("whether the header is known", ("cost", "refused")),
            "progress": Switch("progress is optional", (True, False)),
            "balance_usd": Switch("the balance at the start, US dollars", (1000.0,)),
            "balance_shape": Switch("docs: a number; SDK types: an object", ("number", "object")),
            "concurrency": Switch("running results allowed, 0 = no limit", (0,)),
            "file_life_s": Switch("life of a result without ttl", (604_800.0,)),
        }
    )
