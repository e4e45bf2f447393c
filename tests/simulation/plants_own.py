"""Planted bugs of what is made beside the takes: own avatars and voices, spoken sentences, and the
recordings that people post."""

from __future__ import annotations

from tests.simulation.plant import Plant

OWN_PLANTS: tuple[Plant, ...] = (
    Plant(
        name="a lost avatar is sent again under a fresh key",
        file="domain/likeness.py",
        text="        key=before.key or key,\n",
        becomes="        key=key,\n",
    ),
    Plant(
        name="a lost voice is begun again",
        file="bot/likenesses.py",
        text="            case LikenessState.SUBMITTING if due.kind is LikenessKind.FACE:\n",
        becomes="            case LikenessState.SUBMITTING:\n",
    ),
    Plant(
        name="a refusal in doubt calls an avatar unpaid",
        file="domain/likeness.py",
        text="case Rejected(failure) if is_first:",
        becomes="case Rejected(failure) if is_first or failure.kind in _ABOUT_THE_WORK:",
    ),
    Plant(
        name="an avatar that was not sent keeps its money reserved",
        file="domain/likeness.py",
        text="        reserved_micro_usd=0,\n        month=None,\n",
        becomes="",
    ),
    Plant(
        name="an own avatar counts for a tenth of its price",
        file="domain/likeness.py",
        text="AVATAR_MICRO_USD = 1_000_000 ",
        becomes="AVATAR_MICRO_USD = 100_000 ",
    ),
    Plant(
        name="why an own voice was not made is told nobody",
        file="storage/likenesses.py",
        text="    if after.state in LIKENESS_ENDED:\n",
        becomes="    if after.state is LikenessState.READY:\n",
    ),
    Plant(
        name="a sentence whose answer is lost is spoken again",
        file="bot/voices.py",
        text="            elif due.state is QuestionState.SPEAKING:\n",
        becomes="            elif due.state is QuestionState.ANSWERED:\n",
    ),
    Plant(
        name="a sentence whose answer is lost is called unpaid",
        file="bot/voices.py",
        text="                after = answered(sent, is_lost=True)\n",
        becomes="",
    ),
    Plant(
        name="our copy of a recording is kept",
        file="bot/engine/carrying.py",
        text="            await self._media.delete(key)\n",
        becomes="            pass\n",
    ),
    Plant(
        name="our copy of a recording outlives the process that had it",
        file="bot/app.py",
        text="    await forget_copies(ports.media)\n",
        becomes="",
    ),
    Plant(
        name="a dear recording is not asked about",
        file="domain/measuring.py",
        text="        confirmed=before.confirmed and price.micro_usd <= unasked,\n",
        becomes="",
    ),
    Plant(
        name="a recording is paid for as if it had no length",
        file="domain/measuring.py",
        text="        estimate_micro_usd=price.micro_usd,\n",
        becomes="        estimate_micro_usd=price.micro_usd // 10,\n",
    ),
    Plant(
        name="a transparent video has no preview",
        file="storage/deliveries.py",
        text="            _preview(db, due, due.request_id, now)\n",
        becomes="",
    ),
)
