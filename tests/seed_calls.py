"""The endpoints and answers of the seeds that carry no wish of a person's: who asks for them, and
what of them is kept. `tests/integration/test_seed_rows.py` drives each through the real gateways.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from domain.offer import GatewayName
from domain.plans import SCRIPT_MAX_CHARS, Plan

HEYGEN, FAL, RUNWARE = GatewayName.HEYGEN, GatewayName.FAL, GatewayName.RUNWARE


class Whose(StrEnum):
    """Who decides a row."""

    PERSON = "a person"
    OPERATOR = "an operator"
    ENGINE = "the bot"
    NOBODY = "nobody"


class Doing(StrEnum):
    """What of ours makes the call."""

    RENDER = "a submit, checked until it has ended"
    LIST = "the account's lists are read"
    UPLOAD = "a file goes to the vendor"
    DOCTOR = "the doctor looks"
    REGISTER = "our address is registered"
    WRONG_KEY = "a submit with another key"
    LONG_SCRIPT = "a script that is longer than the plan has it"
    NOTHING = "there is nothing to call"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call of a seed: `method` and how its path begins, and the offer whose work leads to it.
    `kept` names the attribute of `Finished` in which something of its answer is kept."""

    seed: str
    name: str
    whose: Whose = Whose.ENGINE
    how: str
    doing: Doing
    gateway: GatewayName = HEYGEN
    offer: str = ""
    method: str = "GET"
    path: str = ""
    kept: str = ""
    plan: Plan | None = None


def calls() -> tuple[Call, ...]:
    """All of them, seed by seed."""
    return (*_workflows(), *_gateways(), *_videos(), *_runware(), *_skill())


def _workflows() -> Iterator[Call]:
    offer, path = "veo_3_1@heygen", "/v1/workflows/executions"
    yield Call(
        seed="000",
        name="`X-Api-Key`",
        whose=Whose.OPERATOR,
        how="`HEYGEN_API_KEY`",
        doing=Doing.WRONG_KEY,
        offer=offer,
        method="POST",
        path=path,
    )
    for name, how, kept in (
        ("`GET /v1/workflows/executions/{id}`", "asked until it has ended", ""),
        ("`output.video.video_url`", "fetched into our own store at once", "video_url"),
        ("`output.video.video_id`", "kept; under *Details*", "remote_video_id"),
        ("`output.asset_id`", "kept; under *Details*", "asset_id"),
    ):
        yield Call(
            seed="000",
            name=name,
            how=how,
            doing=Doing.RENDER,
            offer=offer,
            path=f"{path}/",
            kept=kept,
        )


def _gateways() -> Iterator[Call]:
    yield Call(
        seed="001",
        name="`FAL_KEY`",
        whose=Whose.OPERATOR,
        how="`FAL_KEY`",
        doing=Doing.WRONG_KEY,
        gateway=FAL,
        offer="seedance_2_0@fal",
        method="POST",
        path="/bytedance/seedance-2.0/text-to-video",
    )


def _videos() -> Iterator[Call]:
    status, lists = Doing.RENDER, Doing.LIST
    old, webm = "heygen_avatar.v2@heygen", "heygen_avatar.webm@heygen"
    for name, how, doing, offer, path, kept in (
        (
            *("`GET /v1/video_status.get`", "asked until it has ended", status, old),
            *("/v1/video_status.get", ""),
        ),
        (
            *("`/v1/video_status.get` of a WebM", "fetched into our own store", status, webm),
            *("/v1/video_status.get", "video_url"),
        ),
        (
            "`GET /v2/avatars`",
            "read every four hours; names are found",
            lists,
            "",
            "/v2/avatars",
            "",
        ),
        (
            *("`GET /v2/avatar/{id}/details`", "an avatar's own voice", lists, ""),
            *("/v2/avatar/", ""),
        ),
    ):
        yield Call(seed="002", name=name, how=how, doing=doing, offer=offer, path=path, kept=kept)

    for plan, most in SCRIPT_MAX_CHARS.items():
        yield Call(
            seed="002",
            name=f"script length, {plan}: {most:,}",
            whose=Whose.OPERATOR,
            how=f"`HEYGEN_PLAN={plan}`",
            doing=Doing.LONG_SCRIPT,
            offer=old,
            method="POST",
            path="/v2/video/generate",
            plan=plan,
        )


def _runware() -> Iterator[Call]:
    yield Call(
        seed="003",
        name="`getResponse`",
        how="asked until it has ended",
        doing=Doing.RENDER,
        gateway=RUNWARE,
        offer="heygen_agent@runware",
        method="POST",
        path="/v1",
    )


def _skill() -> Iterator[Call]:
    lists, render = Doing.LIST, Doing.RENDER
    for name, how, doing, offer, path in (
        ("voices", "read every four hours; names are found", lists, "", "/v2/voices"),
        ("templates", "read every four hours; names are found", lists, "", "/v2/templates"),
        ("a template's variables", "the form asks for them", lists, "", "/v2/template/"),
        (
            *("languages of a translation", "names are found", lists, ""),
            "/v2/video_translate/target_languages",
        ),
        (
            *("video translation, its status", "asked until it has ended", render),
            *("heygen_translation.v2@heygen", "/v2/video_translate/"),
        ),
    ):
        yield Call(seed="004", name=name, how=how, doing=doing, offer=offer, path=path)
    yield Call(
        seed="004",
        name="assets",
        how="files in Slack are taken there",
        doing=Doing.UPLOAD,
        method="POST",
        path="/v1/asset",
    )
    yield Call(
        seed="004",
        name="quota",
        whose=Whose.OPERATOR,
        how="`bin/run doctor`",
        doing=Doing.DOCTOR,
        path="/v2/user/remaining_quota",
    )
    yield Call(
        seed="004",
        name="webhook endpoints",
        whose=Whose.OPERATOR,
        how="`bin/run webhooks`",
        doing=Doing.REGISTER,
        method="POST",
        path="/v1/webhook/endpoint.add",
    )
    yield Call(
        seed="004",
        name="streaming avatars",
        whose=Whose.NOBODY,
        how="gone at HeyGen; `/video help avatar` says so",
        doing=Doing.NOTHING,
    )
