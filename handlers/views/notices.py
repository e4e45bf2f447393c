"""Words to one person about what happened elsewhere, and the small answers of verbs."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from domain.catalog import offer_named, on_the_road_of
from domain.errors import FailureClass, RequestError
from domain.measuring import is_unmeasured
from domain.message import Message
from domain.money import as_usd
from domain.offer import GATEWAY_TITLES, GatewayName
from domain.preferences import Preferences
from domain.pricing import Estimate
from domain.request import Clip, Work
from domain.shot import Page, Take
from domain.spoken import Agent
from handlers.views import acks, announcements
from handlers.views.blocks import View, modal, said, section
from handlers.views.take_words import gateway_title, prompt_line
from handlers.views.text import channel_link, counted, in_code, mention, shorten

MODEL_SHOWN_CHARS = 60


def blocked(page: Page, *, bot_name: str) -> Message:
    """We may not post in that channel: how to let us in, and *Start now*."""
    request_id, label = page.takes[0].request.id, page.shot.label
    return acks.not_in_channel(page.shot.channel, bot_name, request_id=request_id, label=label)


def undeliverable(page: Page, reason: str) -> Message:
    """Slack will not take our messages there: it ended, unpaid."""
    if page.shot.channel.startswith("D"):
        return acks.dm_between_people()
    what = prompt_line(page.takes[0])
    return said(
        f"Slack did not let me post in {channel_link(page.shot.channel)}"
        f" ({in_code(reason)}), so {page.shot.label} was not started and nothing is charged."
        f" Ask for it again where I may post.\n{what}"
    )


def outcome(page: Page, take: Take) -> Message:
    """What Slack did not let us show in the thread: how it ended, and where to find it."""
    words = announcements.ping(page, take).text
    if take.is_unshared:
        why = "Slack did not show its file. It is safe here: press Upload again in its thread, or"
    else:
        where = channel_link(page.shot.channel)
        why = f"Slack did not let me say so in {where}. It is safe here:"
    return said(f"{words}\n{why} `/video show {page.shot.label}`.")


def parked(offer_name: str) -> Message:
    """To the operators, once: an endpoint is gone, and with it all that it offered."""
    offer = offer_named(offer_name)
    others = len(on_the_road_of(offer_name)) - 1
    also = f" and {counted(others, 'other model')} at the same address" if others else ""
    return said(
        f"{GATEWAY_TITLES[offer.gateway]} no longer offers {offer.model.title}{also}: it answered"
        " that there is no such endpoint. Nothing more is sent there, and what waited for it has"
        " ended. Nothing was charged for that. `/video models` shows what is left. If it was a"
        " mistake on the way, an admin offers everything again with `/video unpark all`."
    )


def account(gateway: GatewayName, cause: FailureClass) -> Message:
    """To the operators, once until it has worked again: our account is refused, and what to do."""
    where, setting = GATEWAY_TITLES[gateway], _KEY_SETTINGS[gateway]
    if cause is FailureClass.CREDITS:
        said_there = f"The {where} account has no money left, so {where} refuses new work."
        mend = f"Top it up at {where}: the next take there goes on by itself."
    else:
        said_there = f"{where} refuses this bot's key, or what it may do."
        mend = f"Look at `{setting}` and its rights at {where}, then start me again with it."
    return said(
        f"{said_there} Nothing was charged for that; what other gateways offer is made there.\n"
        f"{mend} `bin/run doctor` shows what is wrong. I say this once, and again only if it"
        " happens after something was made there."
    )


_KEY_SETTINGS = {
    GatewayName.HEYGEN: "HEYGEN_API_KEY",
    GatewayName.FAL: "FAL_KEY",
    GatewayName.RUNWARE: "RUNWARE_API_KEY",
}


def limited(page: Page, take: Take, reason: str) -> Message:
    """To the operators: a limit of ours keeps us from a paid result, and what lifts it."""
    where = gateway_title(take.execution)
    return said(
        f"{where} made {page.shot.label} take {take.request.take}, but I may not fetch its file:"
        f" {in_code(reason)}. If that is a host of {where}'s, add it to `DAILIES_MEDIA_HOSTS` and"
        " start me again: I keep asking for it for a day, and send nothing again. A file that is"
        f" too large can only be saved from {where}'s own page."
    )


def parked_now(offer_names: Collection[str]) -> Message:
    """Which offers are parked, and how to offer them again."""
    if not offer_names:
        return said("Nothing is parked: every model whose key is set is offered.")
    names = ", ".join(f"`{name.partition('@')[0]}`" for name in sorted(offer_names))
    return said(
        f"Parked, because their endpoint was gone: {names}.\nOffer one again with"
        " `/video unpark NAME`, or each with `/video unpark all`."
    )


def unparked(wanted: str, offer_names: Sequence[str]) -> Message:
    """What is offered again."""
    if not offer_names:
        word = in_code(shorten(wanted, MODEL_SHOWN_CHARS))
        return said(f"`{word}` is not parked. `/video unpark` shows what is.")
    names = ", ".join(f"`{name.partition('@')[0]}`" for name in offer_names)
    return said(
        f"Offered again: {names}. If the endpoint is still gone, the next refusal parks it."
    )


def refusal(sentence: str, suggestion: str | None = None) -> Message:
    """Why what somebody pressed or wrote was not done."""
    return acks.refused(RequestError(sentence, suggestion=suggestion))


def suggestion(
    work: Work,
    estimate: Estimate,
    *,
    draft_id: str,
    changed: Sequence[str] = (),
    preferences: Preferences | None = None,
) -> Message:
    """A reply that may be meant: what it would make, and its price on a button. Where somebody
    speaks it is the files that change, whose length may not be known yet."""
    is_open = is_unmeasured(work)
    limit = as_usd((preferences or Preferences()).confirm_above_micro_usd)
    sentence = _BY_LENGTH.format(limit=limit) if is_open else ""
    match work:
        case Clip():
            shown = work.prompt
        case Agent():
            shown = " · ".join((work.prompt, *(f"with {file.name}" for file in work.files)))
            sentence = _NEXT_MESSAGE if work.continues is not None else ""
        case _:
            shown = " · ".join((*changed, work.said))
    return acks.unclear(
        shown, estimate, draft_id=draft_id, sentence=sentence, is_unmeasured=is_open
    )


_BY_LENGTH = (
    "Its length makes the price. I measure it once you press Render, and ask you again before it"
    " costs more than {limit}."
)
_NEXT_MESSAGE = "It goes to the agent, as its next message, only if you press Render."


def cancelled_takes(cancelled: Sequence[tuple[Page, Take]]) -> Message:
    """What `/video cancel` did, a line a take."""
    if not cancelled:
        return said("There is nothing of yours to cancel here.")
    return said("\n".join(acks.cancelled(page, take).text for page, take in cancelled))


def nothing_to_cancel(page: Page) -> Message:
    """Nothing of a shot can be cancelled: what became of its newest take."""
    return said(acks.cancelled(page, page.latest).text)


def not_theirs(page: Page) -> Message:
    """Somebody else's shot is being made: who can cancel it."""
    who = mention(page.shot.requester)
    return said(f"{page.shot.label} is {who}'s: they or an admin can cancel it. It goes on.")


def paused() -> Message:
    """Nothing more is submitted."""
    return said(
        "Paused: nothing more is sent to any vendor until `/video resume`."
        " What runs already goes on; new requests wait."
    )


def resumed() -> Message:
    """Submits go on."""
    return said("Resumed: whatever waited starts now, in order.")


def no_image() -> View:
    """A message without a picture cannot be animated."""
    return modal(
        "Animate this image",
        [section("That message has no picture that I can see. Use it on a message with one.")],
    )
