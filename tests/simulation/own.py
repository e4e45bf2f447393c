"""What holds for what is made beside the takes: own avatars and voices, and spoken sentences. It
rests on what people typed and confirmed, on the acks they got, on what the vendor accepted and on
what was said to them (S1 to S7, S10)."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domain.errors import Failure
from domain.likeness import AVATAR_MICRO_USD, LikenessKind
from tests.simulation.facts import EPOCH, SOUND_MAGIC, length_s
from tests.simulation.vendor_own import Made, Making

if TYPE_CHECKING:
    from tests.simulation.world import World

PROMISED = "is being made"
READY, NOT_MADE = "is ready", "was not made"
MAYBE_CHARGED, NOT_CHARGED = "may have been charged", "Nothing was charged"
HEARD = "Listen to"
UNHEARD = {True: ("may have cost",), False: ("othing was ",)}  # by whether its money is kept
KNOWN_FOR_S = 30.0
OUTAGE_MAX_S = 600.0
SPEECH_MIN_MICRO_USD_PER_S = 60_000  # an avatar costs four dollars a minute
UNASKED_MICRO_USD = 5_000_000  # the workspace's own limit, as it is without settings
_RECORDINGS = re.compile(r'"slack_file_id":"(\w+)"')
_MAKINGS = {LikenessKind.FACE: Making.FACE, LikenessKind.VOICE: Making.VOICE}
_CUT_OFF = ("cancel", "raise")
_KEPT_FROM_TELLING = (
    *("slack.no_channel", "slack.not_in_channel", "slack.archived", "slack.restricted"),
    *("slack.blocks", "slack.too_long"),
)


@dataclass(slots=True, kw_only=True)
class Wish:
    """What somebody confirmed in a form, or pressed. `is_promised`: an ack said that it is made."""

    key: str
    kind: LikenessKind | None
    name: str
    user: str
    is_promised: bool = False
    is_refused: bool = False
    at: float = 0.0


class OwnThings:
    """Wishes, and what became of them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._wishes: dict[str, Wish] = {}

    def wished(self, wish: Wish) -> None:
        """Somebody sends the form, or presses *Say it*, perhaps once more."""
        self._wishes.setdefault(wish.key, wish)

    def acked(self, key: str, text: str) -> None:
        """An ack left the process."""
        wish = self._wishes.get(key)
        if wish is None:
            return
        wish.at = wish.at or self._world.loop.time()
        presses = self._world.checker.wishes.presses
        wish.is_refused |= "errors" in text or presses.has_a_sentence(key)
        wish.is_promised |= PROMISED in text or (wish.kind is None and not wish.is_refused)

    def on_wire(self, making: Making, name: str, key: str | None) -> None:
        """S6: while it is on the wire, a durable row says so, under the same key; D7: it was not
        begun while nobody could be told."""
        if making is Making.SPEECH:
            rows = self._world.rows("SELECT * FROM voice_question WHERE say = ?", name)
            rows = [row for row in rows if row["voice_id"] is not None]
        else:
            rows = self._rows(making, name)
        state = "speaking" if making is Making.SPEECH else "submitting"
        if not any(row["state"] == state and row["key"] == key for row in rows):
            shown = [(row["state"], row["key"]) for row in rows]
            self._breach("S6", f"{name} is sent under {key} while its rows are {shown}")
        if any(making is not Making.SPEECH and not row["consented_at"] for row in rows):
            self._breach("ASK", f"{name} is sent without consent")
        for row in rows:
            known_at = self._world.silence.known_since(row["team_id"])
            begun_at = (row.get("submitted_at") or 0.0) - EPOCH
            if known_at is not None and begun_at > known_at + KNOWN_FOR_S and self._is_in_time():
                self._breach("D7", f"{name} is begun, and nobody can be told")

    def may_speak(self, row: dict[str, Any]) -> None:
        """ASK and S10: a recording is measured before it is sent, its money is there, and above
        what goes unasked its requester said yes to it."""
        for file_id in _RECORDINGS.findall(row["work"]):
            content = self._world.slack.files[file_id].content or b""
            if not content.startswith(SOUND_MAGIC):
                continue
            costs_micro_usd = length_s(content) * SPEECH_MIN_MICRO_USD_PER_S
            if row["reserved_micro_usd"] < costs_micro_usd:
                self._breach("S10", f"{row['id']} has {row['reserved_micro_usd']} for a recording")
            said_yes = any(row["request_id"] in value for value in self._world.checker.said_yes)
            if costs_micro_usd > UNASKED_MICRO_USD and not said_yes:
                self._breach("ASK", f"{row['id']} speaks a dear recording without a yes")

    def hold(self) -> None:
        """Everything that must hold at quiescence."""
        for making in Making:
            self._check_payments(making)
        for wish in self._wishes.values():
            if wish.kind is None:
                self._check_sentence(wish)
            else:
                self._check_wish(wish, wish.kind)
        struck = self._world.faults.struck
        copies = [key for key in self._world.media if key.startswith("inputs/")]
        if copies and not any(struck[kind] for kind in _CUT_OFF):
            self._breach("COPY", f"what people posted is kept: {copies}")

    def _check_payments(self, making: Making) -> None:
        """S4: each is accepted at most once; and nobody's wish stands behind it otherwise."""
        made = self._made(making)
        for name, times in Counter(one.name for one in made).items():
            if times > 1:
                self._breach("S4", f"{making.name} {name} was accepted {times} times")
            if not any(wish.name == name for wish in self._wishes.values()):
                self._breach("S4", f"{making.name} {name} was accepted, and nobody asked for it")

    def _check_wish(self, wish: Wish, kind: LikenessKind) -> None:
        making = _MAKINGS[kind]
        rows, made = self._rows(making, wish.name), self._made(making, wish.name)
        if wish.is_promised and len(rows) != 1 and not self._world.forgot(wish.at):
            self._breach("S1", f"{wish.name} is being made, it was said: {len(rows)} rows")
        if wish.is_refused and not wish.is_promised and rows:
            self._breach("S2", f"{wish.name} was refused and has a row")
        if not rows:
            if made:
                self._breach("S4", f"{wish.name} is paid and has no row")
            return
        row = rows[0]
        if self._world.restored_at is None:
            self._check_end(wish, row, made)

    def _check_end(self, wish: Wish, row: dict[str, Any], made: list[Made]) -> None:
        """S5 and S3: what was accepted is never called free, and what was made is ready."""
        good, failure = [one for one in made if not one.is_broken], _failure(row)
        in_doubt = failure is not None and failure.billed is None
        if row["state"] == "ready" and not good:
            self._breach("S9", f"{wish.name} is ready and was never made")
        if row["state"] == "failed" and good and not in_doubt:
            self._breach("S5", f"{wish.name} is made and called unpaid: {row['failure']}")
        if row["state"] == "failed" and good and self._is_in_time():
            self._breach("LATE", f"{wish.name} was made and is given up: {row['failure']}")
        billed = AVATAR_MICRO_USD if wish.kind is LikenessKind.FACE else 0
        if row["state"] == "ready" and row["billed_micro_usd"] != billed:
            self._breach("S10", f"{wish.name} is billed {row['billed_micro_usd']}")
        if wish.kind is LikenessKind.FACE and in_doubt and row["reserved_micro_usd"] != billed:
            self._breach("S10", f"{wish.name} may be paid, {row['reserved_micro_usd']} reserved")
        words = READY if row["state"] == "ready" else NOT_MADE
        told = self._said_to(wish.user, f"*{wish.name}* {words}")
        if not told and not self._is_kept_from_telling():
            self._breach("S3", f"{wish.name} is {row['state']} and nobody was told")
        money = MAYBE_CHARGED if in_doubt else NOT_CHARGED
        is_unmade_face = wish.kind is LikenessKind.FACE and row["state"] == "failed"
        if is_unmade_face and told and not any(money in text for text in told):
            self._breach("S7", f"{wish.name}: {money!r} was not said but {told}")

    def _check_sentence(self, wish: Wish) -> None:
        rows = self._world.rows(
            "SELECT * FROM voice_question WHERE say = ? AND voice_id IS NOT NULL", wish.name
        )
        made = self._made(Making.SPEECH, wish.name)
        if self._world.restored_at is not None:
            return
        if wish.is_promised and len(rows) != 1:
            self._breach("S1", f"{wish.name!r} was to be said and has {len(rows)} rows")
        presses = self._world.checker.wishes.presses
        if wish.is_refused and (rows or not presses.was_told_why(wish.key, wish.user)):
            self._breach("S2", f"{wish.name!r} was refused: {len(rows)} rows, or nobody was told")
        for row in rows:
            paid = (row["billed_micro_usd"] or 0) + row["reserved_micro_usd"]
            if made and not paid:
                self._breach("S5", f"{wish.name!r} was spoken and is called unpaid")
            if row["billed_micro_usd"]:
                told = self._said_to(wish.user, HEARD, wish.name)
            else:
                told = self._said_to(wish.user, *UNHEARD[bool(row["reserved_micro_usd"])])
            if not told and not self._is_kept_from_telling():
                self._breach("S3", f"what became of {wish.name!r} was not said")

    def _rows(self, making: Making, name: str) -> list[dict[str, Any]]:
        kind = next(kind for kind, its in _MAKINGS.items() if its is making)
        sql = "SELECT * FROM likeness WHERE kind = ? AND name = ?"
        return self._world.rows(sql, kind.value, name)

    def _made(self, making: Making, name: str | None = None) -> list[Made]:
        return [
            made
            for made in self._world.vendors.own.ledger
            if made.making is making
            and name in (None, made.name)
            and not self._world.forgot(made.at)
        ]

    def _said_to(self, user: str, *words: str) -> list[str]:
        slack = self._world.slack
        direct = [said.text for said in slack.messages.values() if said.channel == f"D{user}"]
        whispered = [whisper.text for whisper in slack.whispers if whisper.user == user]
        return [text for text in (*direct, *whispered) if all(word in text for word in words)]

    def _is_kept_from_telling(self) -> bool:
        return any(self._world.faults.struck[kind] for kind in _KEPT_FROM_TELLING)

    def _is_in_time(self) -> bool:
        """Whether our clock, and our being there, kept nothing from being looked for in time."""
        world = self._world
        moved = world.clock.moved_s() or world.slept_s
        return not moved and world.plan.outage_s < OUTAGE_MAX_S

    def _breach(self, invariant: str, what: str) -> None:
        self._world.checker.breach(invariant, what)


def _failure(row: dict[str, Any]) -> Failure | None:
    return Failure.model_validate_json(row["failure"]) if row["failure"] else None
